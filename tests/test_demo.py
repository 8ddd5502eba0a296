"""The demo's shop from drawing to events, and the whole demo as a person starts it."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from sqlalchemy import select

from calibration import load_camera
from common.crossing import Crossing
from models.detectors.yolo import YoloDetector
from services.demo.site import CAMERA, prepare_demo
from services.watching.watcher import build_matcher
from store import Site, open_site
from store.schema import Base
from tests.conftest import free_port
from vision.golden import Event, read_golden, write_golden
from vision.replay import replay

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return prepare_demo(tmp_path_factory.mktemp("demo"), lambda items, _total, _what: items)


@pytest.fixture(scope="module")
def found(demo: Site) -> list[Crossing]:
    camera = load_camera(demo.folder, CAMERA)
    clip = str(demo.folder / camera.source)
    return list(replay(clip, camera, YoloDetector(), build_matcher(demo), 10))


@pytest.fixture(scope="module")
def recording(demo: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clip's detections, by the command; its folder holds all that was written besides."""
    folder = tmp_path_factory.mktemp("recording")
    words = ("record", CAMERA, "--vectors", "--out", "door.jsonl.gz", "--site", str(demo.folder))
    result = run(folder, *words)
    assert result.returncode == 0, result.stderr
    return folder / "door.jsonl.gz"


def test_the_clip_gives_its_truth(demo: Site, found: list[Crossing]) -> None:
    truth = json.loads((demo.folder / "shop" / "entrance.truth.json").read_text())["events"]
    assert [c.event for c in found] == [e["event"] for e in truth]
    for crossing, event in zip(found, truth, strict=True):
        assert crossing.time == pytest.approx(event["time"], abs=1.0)
        skus = [{candidate.sku for candidate in g.nearest[:5]} for g in crossing.garments]
        for garment in event["garments"]:
            assert any(garment["sku"] in five for five in skus), (event, crossing.garments)
        if not event["garments"]:
            assert not crossing.garments


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command that can write nowhere but below a folder and in the demo's site."""
    here = {"TMPDIR": str(folder), "HOME": str(folder), "XDG_CACHE_HOME": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "cli", *words],
        capture_output=True, text=True, timeout=150, check=False, cwd=folder,
        env={**os.environ, **here, "PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip


def files(*folders: Path) -> dict[Path, tuple[int, int]]:
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in found}


def test_the_headless_demo_sees_everything_and_writes_no_picture(
    demo: Site, recording: Path, tmp_path: Path
) -> None:
    # A copy: what the shop learns while it runs may change what its camera matches afterwards.
    shop = open_site(shutil.copytree(demo.folder, tmp_path / "shop"))
    before = files(shop.folder)
    site = ("--site", str(shop.folder))
    result = run(tmp_path, "demo", "--for", "40", "--port", str(free_port()), *site)
    assert result.returncode == 0, result.stderr
    assert "outfits pushed" in result.stderr
    after = files(tmp_path, recording.parent)
    written = {path for path, stamp in after.items() if before.get(path) != stamp}
    assert len(written) >= 2
    for path in written:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        assert not looks_like_a_picture(data), path
    database_holds_no_picture(shop)
    shop.store.close()


#: JPEG, PNG, GIF, MP4, AVI, Matroska; JPEG and PNG in base64.
_MAGIC = (
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"ftyp",
    b"RIFF",
    b"\x1aE\xdf\xa3",
    b"/9j/4",
    b"iVBORw0",
)


def looks_like_a_picture(data: bytes) -> bool:
    # A database's pages and a vector's bytes may hold three such bytes by chance; a picture's
    # beginning is followed by what a decoder can read.
    if any(data[:16].find(magic) in (0, 4) for magic in _MAGIC):
        return True
    starts = [match.start() for match in re.finditer(b"\xff\xd8\xff[\xe0\xe1\xdb]|\x89PNG\r", data)]
    return any(
        cv2.imdecode(np.frombuffer(data[at:], np.uint8), cv2.IMREAD_COLOR) is not None
        for at in starts
    )


def database_holds_no_picture(site: Site) -> None:
    with site.store.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                for name, value in row._mapping.items():
                    raw = value if isinstance(value, bytes) else str(value).encode()
                    # A vector is half a kilobyte, an event a few; a crop would be more. Cells are
                    # of the shop's own pictures here, and of 80 times 96 numbers, no picture.
                    limit = 80 * 96 + 1 if name == "cells" else 1024
                    assert len(raw) < (limit if isinstance(value, bytes) else 20_000), (table, name)
                    assert not looks_like_a_picture(raw), (table, name)


def test_this_test_would_notice_a_picture() -> None:
    jpeg = cv2.imencode(".jpg", np.zeros((20, 20, 3), np.uint8))[1].tobytes()
    assert looks_like_a_picture(jpeg)
    assert looks_like_a_picture(b"SQLite format 3" + bytes(200) + jpeg)
    assert not looks_like_a_picture(b"SQLite format 3" + bytes(200) + jpeg[:3])


def test_recorded_detections_give_the_events_of_the_clip(
    demo: Site, found: list[Crossing], recording: Path
) -> None:
    """Through the commands, from pictures to events a second time: what differs is reported."""
    golden = recording.with_name("door.golden.jsonl")
    write_golden(golden, [Event.of(crossing) for crossing in found])
    words = ("replay", str(recording), "--camera", CAMERA, "--site", str(demo.folder))
    same = run(recording.parent, *words, "--golden", str(golden))
    assert same.returncode == 0, same.stderr
    write_golden(golden, [Event.of(crossing) for crossing in found[:-1]])
    differs = run(recording.parent, *words, "--golden", str(golden))
    assert differs.returncode == 1
    assert "new " in differs.stderr
    updated = run(recording.parent, *words, "--golden", str(golden), "--update")
    assert updated.returncode == 0
    assert len(read_golden(golden)) == len(found)
