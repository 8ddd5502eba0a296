"""The demo's shop from drawing to events, and the whole demo as a person starts it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from calibration import load_camera
from models import Detector
from store import Site
from vision import Crossing, build_matcher, replay
from web.demo import CAMERA, prepare_demo


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return prepare_demo(tmp_path_factory.mktemp("demo"), lambda items, _total, _what: items)


def crossings(site: Site) -> list[Crossing]:
    camera = load_camera(site.folder, CAMERA)
    clip = str(site.folder / camera.source)
    return list(replay(clip, camera, Detector(), build_matcher(site), 10))


def test_the_clip_gives_its_truth_twice_the_same(demo: Site) -> None:
    truth = json.loads((demo.folder / "shop" / "entrance.truth.json").read_text())["events"]
    found = crossings(demo)
    assert [c.event for c in found] == [e["event"] for e in truth]
    for crossing, event in zip(found, truth, strict=True):
        assert crossing.time == pytest.approx(event["time"], abs=1.0)
        skus = [{sku for sku, _ in g.candidates[:5]} for g in crossing.garments]
        for garment in event["garments"]:
            assert any(garment["sku"] in five for five in skus), (event, crossing.garments)
        if not event["garments"]:
            assert not crossing.garments
    assert [c.as_json() for c in crossings(demo)] == [c.as_json() for c in found]


def test_the_headless_demo_sees_everything_happen(demo: Site) -> None:
    command = [sys.executable, "-m", "web.cli", "demo", "--for", "60", "--port", "8391", "--site",
               str(demo.folder)]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    assert result.returncode == 0, result.stderr
    assert "outfits pushed" in result.stderr


def test_no_picture_of_a_person_is_written(demo: Site) -> None:
    known = {"shop", "pictures", "cameras", "fittingroom.toml"}
    others = {p.name for p in demo.folder.iterdir()} - known
    assert all(name.startswith("fittingroom.db") for name in others)
    pictures = {p for p in demo.folder.rglob("*") if p.suffix in (".jpg", ".png", ".mp4")}
    drawn = {p for p in pictures if "shop" in p.parts}
    assert len(pictures - drawn) == len([p for p in drawn if p.suffix == ".jpg"])
