"""A picture of another shape than the confirmed one is used by nobody, and coming back opens."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from calibration import Camera, ShapeError, parse_camera, save_camera
from services.cameras.session import Session
from services.watching.watcher import watch
from store import Site, journal
from tests.conftest import noise
from tests.vision.stage import StageDetector, StageSource, detections
from tests.waiting import wait_for
from vision.film import Film, FilmWriter
from vision.frame import Frame
from vision.mask import PrivacyMask, ShapeMonitor
from vision.pipeline import Pipeline
from vision.recorder import Recorder
from vision.recording import Recording
from vision.replay import replay, replay_detections
from vision.sources.health import State
from vision.sources.live import LiveSource

GATE = {"name": "gate", "from": [0.6, 0.2], "to": [0.6, 1.0], "in": "right", "rooms": ["1"]}
MASK = {"points": [[0.0, 0.0], [0.25, 0.0], [0.25, 1.0], [0.0, 1.0]]}
WIDE, TALL, OLD, SMALL = (720, 1280), (1280, 720), (480, 640), (360, 640)


def stage() -> StageSource:
    assert StageSource.newest is not None
    return StageSource.newest


def confirmed(**parts: Any) -> Camera:
    data = {"name": "door", "source": "0", "gate": [GATE], "mask": [MASK], **parts}
    return parse_camera(data, "test").confirm_masks("Anna", "2026-05-31", 1280, 720)


class ScriptedSource(LiveSource):
    """A live source of the pictures that a test wants."""

    shapes: tuple[tuple[int, int], ...] = ()

    def start(self) -> None:
        """Nothing is opened."""
        self.session = 1

    def frames(self, at_most_per_second: float) -> Iterator[Frame | State]:
        """Yield a picture of each shape, then the end."""
        for shape in self.shapes:
            self._health.picture()
            yield Frame("door", self._clock(), noise(*shape))
        self._health.end()
        yield State.ENDED


@pytest.mark.parametrize("other", [OLD, TALL])
def test_a_watcher_closes_on_another_shape_and_opens_again_in_mid_stream(
    shop: Site, monkeypatch: pytest.MonkeyPatch, other: tuple[int, int]
) -> None:
    save_camera(shop.folder, confirmed())
    monkeypatch.setattr("services.watching.watcher.LiveSource", ScriptedSource)
    monkeypatch.setattr(ScriptedSource, "shapes", (WIDE,) * 3 + (other,) * 3 + (WIDE, SMALL) * 2)
    watcher, detector = watch(shop, "door"), StageDetector()
    monkeypatch.setattr(watcher, "_detector", detector)
    watcher.run()
    with shop.store.read() as session:
        told = [e.payload for e in journal.after(session, 0) if e.kind == "camera.state"]
    assert [one["state"] for one in told] == ["running", "reshaped", "running", "ended"]
    assert "masks were confirmed for" in told[1]["problem"]
    # No model ever saw a picture of the other shape, nor what is behind the mask.
    assert detector.shown
    for image in detector.shown:
        assert image.shape[0] in (720, 360)
        assert image[:, : image.shape[1] // 5].max() == 0


def test_the_blanker_itself_refuses() -> None:
    """Whatever is ever done with a camera's picture, it goes through the mask first."""
    with pytest.raises(ShapeError, match=r"640×480 \(4:3\)"):
        PrivacyMask(confirmed()).apply(Frame("door", 0.0, noise(*OLD)))


def test_a_change_of_resolution_starts_tracks_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Boxes are in pixels: 200 of 640 are not where 200 of 1280 are."""
    started = []

    class TrackingStage:
        def __init__(self, *_arguments: object) -> None:
            started.append(self)

        def process(self, _seen: object) -> list[object]:
            return []

        def finish(self, _time: float) -> list[object]:
            return []

    monkeypatch.setattr("vision.pipeline.TrackingStage", TrackingStage)
    pipeline = Pipeline(confirmed(), StageDetector(), None, 10.0)
    for number, shape in enumerate((WIDE, WIDE, SMALL, SMALL)):
        pipeline.process(Frame("door", number / 10, noise(*shape)))
    assert len(started) == 2
    with pytest.raises(ShapeError):
        pipeline.process(Frame("door", 1.0, noise(*OLD)))


def write_clip(path: Path, height: int, width: int) -> str:
    film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (width, height))
    for n in range(5):
        film.write(noise(height, width, n))
    film.release()
    return str(path)


def test_a_replay_of_another_shape_is_refused(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "old.mp4", *OLD)
    with pytest.raises(ShapeError, match=r"4:3.*16:9"):
        list(replay(clip, confirmed(), StageDetector(), None, 10.0))


def test_a_file_with_wide_pixels_is_refused(shared: Path) -> None:
    clip = shared / "cases" / "video" / "sar.mp4"
    with pytest.raises(ShapeError, match="elsewhere"):
        list(replay(str(clip), confirmed(), StageDetector(), None, 10.0))


def write_detections(path: Path, *sizes: tuple[int, int]) -> Path:
    with Recorder(path, confirmed(), 10.0) as recorder:
        for number, (height, width) in enumerate(sizes):
            box = (0.5 * width, 0.2 * height, 0.6 * width, 0.9 * height)
            recorder.write(detections(Frame("door", number / 10, noise(height, width)), [box], []))
    return path


def test_recorded_detections_of_another_shape_are_refused(tmp_path: Path) -> None:
    path = write_detections(tmp_path / "old.jsonl.gz", OLD)
    with pytest.raises(ShapeError, match="elsewhere"):
        list(replay_detections(Recording(path), confirmed(), None))  # type: ignore[arg-type]


def test_recorded_boxes_keep_their_place_when_the_resolution_changes(tmp_path: Path) -> None:
    path = write_detections(tmp_path / "a.jsonl.gz", WIDE, SMALL)
    with gzip.open(path, "rt") as file:
        rows = [json.loads(line)["people"][0][:4] for line in list(file)[1:]]
    assert rows[0] == pytest.approx(rows[1], abs=0.2)


FILM = Film("door", "Anna: may film our walk test", "Anna", 1000.0, 1000.0 + 3600)


def test_a_film_takes_one_shape_and_scales_another_resolution(tmp_path: Path) -> None:
    with FilmWriter(tmp_path, confirmed(), 10.0, FILM) as writer:
        for number, shape in enumerate((SMALL, WIDE, SMALL)):
            writer.write(Frame("door", number / 10, noise(*shape)))
        with pytest.raises(ShapeError):
            writer.write(Frame("door", 1.0, noise(*OLD)))
    film, count = cv2.VideoCapture(str(writer.path)), 0
    while film.read()[0]:
        count += 1
    assert (count, writer.frames) == (3, 3)


def test_a_live_recording_leaves_out_what_does_not_fit() -> None:
    told: list[str] = []
    watching = ShapeMonitor(confirmed(), told.append)
    shapes = (WIDE, OLD, OLD, SMALL, WIDE)
    kept = [watching.fits(Frame("door", 0.0, noise(*shape))) for shape in shapes]
    assert kept == [True, False, False, True, True]
    assert len(told) == 2
    assert "4:3" in told[0]
    assert "confirmed shape again" in told[1]


def test_a_preview_never_shows_another_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.cameras.session.LiveSource", StageSource)
    detector = StageDetector()
    StageSource.show(noise(*WIDE))
    session = Session(confirmed(), "0", detector, 10.0)
    session.start()
    try:
        wait_for(lambda: not session.problem)
        StageSource.show(noise(*OLD))
        wait_for(lambda: session.reshaped)
        for ask in (session.preview, session.frame, session.boxes):
            with pytest.raises(ShapeError if ask is None else ValueError, match="elsewhere"):
                ask()
        assert "elsewhere" in session.confirm_problem()
        shown = len(detector.shown)
        received = stage().received
        wait_for(lambda: stage().received > received + 3)
        assert len(detector.shown) == shown
        StageSource.show(noise(*WIDE))
        wait_for(lambda: not session.problem)
        assert np.asarray(session.frame().image).shape == (720, 1280, 3)
        assert not session.reshaped
        # Set up again for the new shape, it is shown.
        StageSource.show(noise(*OLD))
        wait_for(lambda: session.reshaped)
        session.use(session.camera.start_again())
        wait_for(lambda: not session.problem)
        assert session.preview().height == 480
    finally:
        session.stop()
