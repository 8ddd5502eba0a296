"""Recordings of detections: what is written, what is read, what a replay makes of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from calibration import Camera, parse_camera
from common.gallery import Gallery
from models.embedders.mobilenet import MobileNetEmbedder
from models.embedders.protocol import GarmentEmbedder
from models.matching import maxsim, quantize_descriptors
from store import Site
from tests.conftest import noise
from tests.vision.stage import detections
from vision.detect import Detections
from vision.errors import VisionError
from vision.frame import Frame
from vision.match import Matcher
from vision.pipeline import TrackingStage
from vision.recorder import Recorder
from vision.recording import Recording
from vision.replay import replay_detections

GATE = {"name": "gate", "from": [0.6, 0.2], "to": [0.6, 1.0], "in": "right", "rooms": ["1"]}
CAMERA: Camera = parse_camera({"name": "door", "source": "0", "gate": [GATE]}, "test")
WALL = noise(360, 640)


def walk(start: float = 100.0) -> Iterator[Detections]:
    """Somebody walks from left to right with one garment over the arm."""
    for n in range(40):
        x = 60.0 + 13 * n
        frame = Frame("door", start + n / 10, WALL)
        yield detections(frame, [(x, 80, x + 100, 340)], [(x + 20, 180, x + 70, 300)])


@pytest.fixture(scope="module")
def embedder() -> GarmentEmbedder:
    return MobileNetEmbedder(threads=1)


@pytest.fixture(scope="module")
def matcher(embedder: GarmentEmbedder) -> Matcher:
    seen = embedder.embed([WALL[180:300, 200:250], noise(100, 80, 7)])
    shop = Gallery(
        seen.embeddings,
        ("here", "other"),
        ("top", "dress"),
        quantize_descriptors(seen.local_features),
    )
    return Matcher(embedder, shop)


def record(path: Path, embedder: GarmentEmbedder | None = None) -> Path:
    with Recorder(path, CAMERA, 10.0, embedder) as recorder:
        for seen in walk():
            recorder.write(seen)
    assert recorder.frames == 40
    return path


def test_a_replay_of_detections_gives_the_same_as_the_pictures(
    tmp_path: Path, embedder: GarmentEmbedder, matcher: Matcher
) -> None:
    stage, live = TrackingStage(CAMERA, matcher, 10.0), []
    for seen in walk(start=0.0):
        live += stage.process(seen)
    live += stage.finish(4.0)
    recording = Recording(record(tmp_path / "a.jsonl.gz", embedder))
    again = list(replay_detections(recording, CAMERA, matcher))
    assert [c.event for c in live] == ["entry"]
    assert [(c.event, c.gate, c.room, c.time) for c in again] == [
        (c.event, c.gate, c.room, pytest.approx(c.time)) for c in live
    ]
    [one], [other] = live[0].garments, again[0].garments
    assert other.nearest[0].sku == one.nearest[0].sku
    assert other.score == pytest.approx(one.score, abs=0.005)


def test_without_vectors_it_tells_how_many_not_which(tmp_path: Path, matcher: Matcher) -> None:
    recording = Recording(record(tmp_path / "a.jsonl.gz"))
    assert recording.header.started == 100.0
    [crossing] = replay_detections(recording, CAMERA, matcher)
    [garment] = crossing.garments
    assert (garment.sku, garment.nearest) == (None, ())


def test_the_same_recording_is_the_same_bytes_and_holds_no_picture(
    tmp_path: Path, embedder: GarmentEmbedder
) -> None:
    one, other = (record(tmp_path / f"{n}.jsonl.gz", embedder) for n in "ab")
    assert one.read_bytes() == other.read_bytes()
    lines = [json.loads(line) for line in gzip.decompress(one.read_bytes()).splitlines()]
    assert set(lines[1]) == {"t", "people", "garments", "kinds", "detail", "seen"}
    # A vector, its kinds and its cells: six kilobytes a garment, and nothing of where they were.
    assert max(len(str(line)) for line in lines) < 7000


def test_what_is_kept_of_a_view_tells_not_where_it_was(
    embedder: GarmentEmbedder, matcher: Matcher
) -> None:
    crop = noise(100, 80, 5)
    whole, kept = embedder.embed([crop]).local_features[0], matcher.index(crop).local_features
    lengths = np.linalg.norm(whole, axis=1)
    assert (quantize_descriptors(whole[lengths.argsort()[::-1]]) == kept).mean() > 0.99
    assert (quantize_descriptors(whole) == kept).mean() < 0.5
    assert maxsim(whole[None], kept[None])[0, 0] > 0.99


def test_an_old_file_is_not_overwritten(tmp_path: Path) -> None:
    path = record(tmp_path / "a.jsonl.gz")
    with pytest.raises(VisionError, match="exists already"):
        Recorder(path, CAMERA, 10.0)


def test_other_weights_are_refused(
    tmp_path: Path, embedder: GarmentEmbedder, matcher: Matcher
) -> None:
    path = record(tmp_path / "a.jsonl.gz", embedder)
    text = gzip.decompress(path.read_bytes()).replace(embedder.model.encode(), b"0123456789ab")
    path.write_bytes(gzip.compress(text))
    with pytest.raises(VisionError, match="other weights"):
        list(replay_detections(Recording(path), CAMERA, matcher))


def test_what_is_damaged_is_named(tmp_path: Path) -> None:
    whole = record(tmp_path / "a.jsonl.gz").read_bytes()
    cases = {
        "no recording": b"something else",
        "line 41 is damaged": gzip.compress(gzip.decompress(whole)[:-20]),
        "line 3 is damaged": gzip.compress(
            b"\n".join(
                b'{"t": 1}' if n == 2 else line
                for n, line in enumerate(gzip.decompress(whole).split(b"\n"))
            )
        ),
    }
    for complaint, data in cases.items():
        path = tmp_path / "broken.jsonl.gz"
        path.write_bytes(data)
        with pytest.raises(VisionError, match=complaint):
            list(Recording(path))
    with pytest.raises(VisionError, match="no such file"):
        Recording(tmp_path / "none.jsonl.gz")
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(VisionError, match="damaged"):
        list(Recording(path))


def test_a_newer_recording_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "new.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"kind": "fittingroom detections", "version": 9}\n'))
    with pytest.raises(VisionError, match="newer version"):
        Recording(path)


def test_colours_are_corrected_before_a_garment_is_described(
    tmp_path: Path, embedder: GarmentEmbedder, site: Site
) -> None:
    red = {"matrix": [1.0, 0, 0, 0, 0.2, 0, 0, 0, 0.2], "error_before": 9, "error_after": 1}
    data = {"name": "door", "source": "0", "gate": [GATE]}
    mended = parse_camera({**data, "colour": {**red, "by": "chart", "date": "2026-05-31"}}, "test")
    vectors = []
    for camera in (CAMERA, mended):
        path = tmp_path / f"{len(vectors)}.jsonl.gz"
        with Recorder(path, camera, 10.0, embedder) as recorder:
            recorder.write(next(walk()))
        [seen] = Recording(path)
        vectors.append(seen.garments.data["embedding"][0])
    assert float(vectors[0] @ vectors[1]) < 0.98
    assert np.linalg.norm(vectors[1]) == pytest.approx(1, abs=0.01)
