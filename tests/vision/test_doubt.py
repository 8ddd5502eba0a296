"""Which frames are worth correcting."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.detectors.protocol import RawDetections
from tests.conftest import noise
from vision.doubt import Seen, choose_doubtful, measure_doubt, see
from vision.frame import Frame

BOX = (10, 10, 40, 80)


def seen(time: float, *boxes: tuple[float, ...], accepted: bool = True, kind: int = 3) -> Seen:
    count = len(boxes)
    return Seen(
        time,
        np.array(boxes, np.float32).reshape(-1, 4),
        np.full(count, 0.5, np.float32),
        np.full(count, kind, np.int64),
        np.full(count, accepted),
    )


def test_what_comes_and_goes_is_doubtful_and_what_stays_is_not() -> None:
    frames = [seen(0.0, BOX), seen(0.1, (12, 10, 42, 80)), seen(0.2), seen(0.3, BOX)]
    assert measure_doubt(frames).tolist() == [0, 1, 2, 1]


def test_a_garment_does_not_take_the_place_of_a_person() -> None:
    assert measure_doubt([seen(0.0, BOX, kind=0), seen(0.1, BOX)]).tolist() == [2, 2]


def test_weak_detections_are_doubtful_and_gaps_are_not() -> None:
    assert measure_doubt([seen(0.0, BOX, accepted=False), seen(0.1)]).tolist() == [1, 0]
    assert measure_doubt([seen(0.0, BOX), seen(5.0)]).tolist() == [0, 0]


def test_the_greatest_doubt_first_and_apart() -> None:
    doubt = np.array([1, 5, 4, 0, 3], float)
    times = [0.0, 1.0, 1.5, 3.0, 4.0]
    assert choose_doubtful(times, doubt, 10, 1.0) == [0, 1, 4]
    assert choose_doubtful(times, doubt, 2, 1.0) == [1, 4]
    assert choose_doubtful(times, np.zeros(5), 2, 1.0) == []


class Two:
    """A person above the threshold, and a weak garment."""

    classes = ("person", "coat")

    def detect(
        self, image: np.ndarray, threshold_factor: float = 1.0, full_side: int = 0
    ) -> RawDetections:
        scores = np.array([0.9, 0.3], np.float32)
        rows = scores >= 0.4 * threshold_factor
        boxes = np.array([BOX, BOX], np.float32)
        return RawDetections(boxes[rows], scores[rows], np.array([0, 1])[rows])


def test_weak_detections_are_seen_and_not_accepted(tmp_path: Path) -> None:
    [one] = see(Two(), [Frame("door", 1.0, noise(96, 72))])
    assert one.accepted.tolist() == [True, False]
    assert (one.time, one.classes.tolist()) == (1.0, [0, 1])
