"""On which pictures masks can be confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from calibration import CameraError, parse_camera
from services.cameras.masked_picture import take_masked_picture
from services.cameras.session import Session
from tests.calibration.test_drift import room
from tests.conftest import noise
from tests.services.watching.test_watcher import write_clip
from tests.vision.stage import StageDetector, StageSource
from tests.waiting import wait_for
from vision.masked_picture import masking_problem

MASK = {"points": [[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]]}
ALL = {"points": [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]}
CAMERA = parse_camera({"name": "door", "source": "0", "mask": [MASK]}, "test")
BLACK = np.random.default_rng(1).integers(0, 12, (360, 640, 3)).astype(np.uint8)


def moving(image: np.ndarray) -> list[np.ndarray]:
    other = image.copy()
    other[0, 0] ^= 1
    return [image, other] * 4


def test_a_live_picture_with_something_in_it_will_do() -> None:
    seen = room(width=640, height=360)
    assert masking_problem(CAMERA, seen, moving(seen), live=True) == ""


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (BLACK, "black, or too dark"),
        (np.full((360, 640, 3), 130, np.uint8), "next to nothing"),
    ],
)
def test_a_black_or_even_picture_will_not(image: np.ndarray, said: str) -> None:
    assert said in masking_problem(CAMERA, image, moving(image), live=True)


def test_what_the_masks_cover_does_not_make_a_picture_dark() -> None:
    seen = noise(360, 640)
    seen[:, :600] = 0
    wide = parse_camera(
        {"name": "c", "source": "0",
         "mask": [{"points": [[0, 0], [0.93, 0], [0.93, 1], [0, 1]]}]}, "test"
    )  # fmt: skip
    assert masking_problem(wide, seen, moving(seen), live=True) == ""
    everything = parse_camera({"name": "c", "source": "0", "mask": [ALL]}, "test")
    assert "whole picture" in masking_problem(everything, seen, moving(seen), live=True)


def test_a_live_picture_that_stands_still_will_not_a_file_may() -> None:
    seen = noise(360, 640)
    assert "stands still" in masking_problem(CAMERA, seen, [seen] * 12, live=True)
    assert "too few" in masking_problem(CAMERA, seen, [seen], live=True)
    assert masking_problem(CAMERA, seen, [seen], live=False) == ""


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr("services.cameras.session.LiveSource", StageSource)
    StageSource.show(noise(360, 640))
    made = Session(CAMERA, "0", StageDetector(), 10.0)
    made.start()
    yield made
    made.stop()


def test_a_preview_names_what_can_be_confirmed_on_it(session: Session) -> None:
    wait_for(lambda: not session.confirm_problem())
    shown = session.preview()
    assert (shown.width, shown.height, shown.problem) == (640, 360, "")
    assert shown.masks == CAMERA.masks_fingerprint
    fewer = CAMERA.model_copy(update={"masks": ()})
    session.use(fewer)
    wait_for(lambda: not session.problem)
    assert session.preview().masks == fewer.masks_fingerprint
    StageSource.show(np.zeros((360, 640, 3), np.uint8))
    wait_for(lambda: "too dark" in session.preview().problem)


def test_a_picture_of_a_camera_that_stopped_is_not_shown_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for(lambda: not session.confirm_problem())
    monkeypatch.setattr(StageSource, "fresh", False)
    assert session.confirm_problem()
    with pytest.raises(CameraError):
        session.preview()


def test_a_picture_that_is_old_is_not_shown_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The source runs, the look at its pictures hangs."""
    wait_for(lambda: not session.confirm_problem())
    monkeypatch.setattr("services.cameras.session._OLD_S", -1.0)
    with pytest.raises(CameraError, match="too busy"):
        session.preview()


def test_a_dead_camera_gives_no_picture_to_confirm_on() -> None:
    dead = parse_camera({"name": "door", "source": "none.mp4"}, "test")
    with pytest.raises(CameraError, match="no such file"):
        take_masked_picture(dead, "none.mp4", StageDetector(), 10.0)


def test_a_picture_of_another_shape_is_not_waited_for(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    write_clip(clip, [room(width=320, height=240)] * 4)
    camera = parse_camera({"name": "door", "source": str(clip)}, "test")
    wide = camera.confirm_masks("Anna", "2026-05-31", 1280, 720)
    with pytest.raises(CameraError, match="4:3"):
        take_masked_picture(wide, str(clip), StageDetector(), 10.0, patience_s=1e6)
