"""A camera while it is calibrated: what leaves the process, and what it tells."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from calibration import CameraError, parse_camera
from common.gallery import Gallery
from models.embedders.mobilenet import MobileNetEmbedder
from services.cameras.session import Session
from tests.conftest import noise
from tests.vision.stage import StageDetector, StageSource
from tests.waiting import wait_for
from vision.golden import read_golden
from vision.match import Matcher
from vision.recording import Recording

PERSON = (400, 100, 600, 650, 0)
GARMENT = (450, 300, 560, 480, 1)
MASK = {"points": [[0.0, 0.0], [0.25, 0.0], [0.25, 1.0], [0.0, 1.0]]}
GATE = {"name": "gate", "from": [0.6, 0.2], "to": [0.6, 1.0], "in": "right", "rooms": ["1"]}
DATA: dict[str, Any] = {"name": "door", "source": "0", "mask": [MASK], "gate": [GATE]}


@pytest.fixture
def detector() -> StageDetector:
    return StageDetector(PERSON, GARMENT)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch, detector: StageDetector) -> Iterator[Session]:
    monkeypatch.setattr("services.cameras.session.LiveSource", StageSource)
    StageSource.show(noise(720, 1280))
    made = Session(parse_camera(DATA, "test"), "0", detector, 10.0)
    made.start()
    wait_for(lambda: not made.problem)
    yield made
    made.stop()


def opened(jpeg: bytes) -> np.ndarray:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR))


def detail(image: np.ndarray) -> float:
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return float(np.abs(cv2.Laplacian(grey, cv2.CV_64F)).mean())


def test_a_preview_blanks_masks_and_pixelates_people(session: Session) -> None:
    seen = opened(session.preview().jpeg)
    assert seen[:, :310].max() < 12
    assert detail(seen[150:600, 420:580]) < detail(seen[150:600, 700:860]) / 5


def test_masked_pixels_never_reach_the_model(session: Session, detector: StageDetector) -> None:
    wait_for(lambda: len(detector.shown) > 5)
    assert all(image[:, :320].max() == 0 for image in detector.shown)
    wider = {"points": [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]}
    session.use(parse_camera({**DATA, "mask": [wider]}, "test"))
    before = len(detector.shown)
    wait_for(lambda: len(detector.shown) > before + 3)
    assert all(image[:, :640].max() == 0 for image in detector.shown[before + 1 :])


def test_somebody_stays_hidden_for_a_moment_after_the_detector_loses_them(
    session: Session, detector: StageDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.cameras.recent._HIDDEN_S", 600.0)
    detector.boxes = []
    wait_for(lambda: not session.boxes())
    seen = opened(session.preview().jpeg)
    assert detail(seen[150:600, 420:580]) < detail(seen[150:600, 700:860]) / 5
    monkeypatch.setattr("services.cameras.recent._HIDDEN_S", 0.1)

    def shown() -> bool:
        seen = opened(session.preview().jpeg)
        return detail(seen[150:600, 420:580]) > detail(seen[150:600, 700:860]) / 2

    wait_for(shown)


def test_the_picture_is_judged(session: Session) -> None:
    wait_for(lambda: session.check("2026-05-31") is not None)
    checked = session.check("2026-05-31")
    assert checked is not None
    measured, _ = checked
    assert (measured.width, measured.height) == (1280, 720)
    assert measured.person == pytest.approx(550 / 720, abs=0.01)


def test_where_people_stand_is_told_in_metres(session: Session) -> None:
    assert "metres" not in session.boxes()[0]
    # A floor on which the picture is four metres wide and three deep.
    floor = {"homography": [4, 0, 0, 0, 3, 0, 0, 0, 1], "points": 4, "date": "2026-05-31"}
    session.use(parse_camera({**DATA, "floor": floor}, "test"))
    wait_for(lambda: not session.problem)
    person, garment = session.boxes()
    assert person["metres"] == pytest.approx([4 * 500 / 1280, 3 * 650 / 720], abs=0.01)
    assert "metres" not in garment


def test_what_is_not_calibrated_cannot_be_shown(session: Session) -> None:
    for view in ({"straight": True}, {"corrected": True}):
        with pytest.raises(CameraError, match="not calibrated yet"):
            session.preview(**view)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    embedder = MobileNetEmbedder(threads=1)
    crop = noise(720, 1280)[300:480, 450:560]
    vectors = embedder.embed([crop, noise(90, 90, 3)]).embeddings
    return Matcher(embedder, Gallery(vectors, ("a", "b"), ("top", "top")))


def test_a_garment_held_up_is_matched(
    session: Session, detector: StageDetector, matcher: Matcher
) -> None:
    held = session.held(matcher)
    assert held.match.nearest[0].sku == "a"
    assert held.uncorrected is None
    detector.boxes = [PERSON]
    wait_for(lambda: len(session.boxes()) == 1)
    with pytest.raises(CameraError, match="no garment is detected"):
        session.held(matcher)


def test_a_walk_is_followed_and_kept_as_detections(
    session: Session, detector: StageDetector, matcher: Matcher, tmp_path: Path
) -> None:
    assert session.walk_crossings is None
    started = time.monotonic()
    session.start_walk(matcher, tmp_path, "walk")
    for x in range(340, 1100, 40):
        detector.boxes = [(x, 100, x + 160, 650, 0), (10, 100, 170, 650, 0)]
        before = len(detector.shown)
        wait_for(lambda before=before: len(detector.shown) > before + 1)  # type: ignore[misc]
    crossings = session.stop_walk()
    assert [c.event for c in crossings] == ["entry"]
    assert session.walk_crossings is None
    recording = Recording(tmp_path / "walk.jsonl.gz")
    assert recording.header.camera == "door"
    # Somebody stands out of the gate's reach all the while, where nobody is looked for.
    assert all(len(seen.people) <= 1 for seen in recording)
    [golden] = read_golden(tmp_path / "walk.golden.jsonl")
    assert golden.event == "entry"
    assert 0 < golden.time < time.monotonic() - started
    assert {path.suffix for path in tmp_path.iterdir()} == {".gz", ".jsonl"}


def test_no_walk_without_a_gate(session: Session, matcher: Matcher, tmp_path: Path) -> None:
    session.use(parse_camera({**DATA, "gate": []}, "test"))
    with pytest.raises(CameraError, match="draw its gate"):
        session.start_walk(matcher, tmp_path, "walk")
