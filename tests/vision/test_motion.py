from __future__ import annotations

import numpy as np
import pytest

from calibration import parse_camera
from models.detectors.protocol import RawDetections
from vision.frame import Frame
from vision.motion import CHECK_S, FIDGET_S, REST_S, STILL_S, MotionGate
from vision.pipeline import DetectionStage

RATE = 10
#: Share of the picture that the block of `room` fills.
BLOCK = 40 * 110 / (320 * 180)


#: What hangs on the walls: a picture of one colour is taken for a covered camera.
WALLS = np.kron(np.random.default_rng(1).uniform(-40, 40, (9, 16, 1)), np.ones((20, 20, 3)))


def room(block: int | None = None, light: float = 0.0, grain: int = 0) -> np.ndarray:
    image: np.ndarray = 120.0 + light + WALLS
    if block is not None:
        image[60:170, block : block + 40] = 60
    image += np.random.default_rng(grain).normal(0, 4, image.shape)
    return np.asarray(np.clip(image, 0, 255), np.uint8)


def looked(images: list[np.ndarray], gate: MotionGate, start: float = 0.0) -> list[bool]:
    return [
        gate.needs_detection(Frame("c", start + n / RATE, image)) for n, image in enumerate(images)
    ]


def test_an_empty_room_is_looked_at_once_a_second() -> None:
    seen = looked([room(grain=n) for n in range(40)], MotionGate())
    assert sum(seen) == 4 / CHECK_S


def test_somebody_who_comes_in_is_looked_at_at_once() -> None:
    images = [room(grain=n) for n in range(5)] + [room(10 + n, grain=n) for n in range(1, 6)]
    assert looked(images, MotionGate())[5]


def test_light_that_fades_slowly_is_no_motion() -> None:
    images = [room(light=-0.2 * n, grain=n) for n in range(50)]
    assert sum(looked(images, MotionGate())) <= 6


def test_somebody_who_stands_still_is_looked_at_twice_a_second() -> None:
    gate = MotionGate()
    gate.note_person(0.0, BLOCK)
    frames = round((REST_S + 2) * RATE)
    seen = looked([room(60, grain=n) for n in range(frames)], gate)
    standing = round(REST_S * RATE)
    assert sum(seen[:standing]) == REST_S / STILL_S
    assert sum(seen[standing:]) == 2 / CHECK_S


def test_somebody_who_walks_is_looked_at_in_every_frame() -> None:
    gate = MotionGate()
    gate.note_person(0.0, BLOCK)
    assert all(looked([room(10 + 8 * n, grain=n) for n in range(15)], gate))


def fidgeting(second: int | None = None) -> list[np.ndarray]:
    """Film a second and a half of somebody who moves a hand, and perhaps somebody who walks."""
    images = []
    for n in range(15):
        image = room(60, grain=n)
        image[100:112, 60 : 66 + 5 * (n % 5)] = 160
        if second is not None:
            image[150:175, second + 2 * n : second + 2 * n + 10] = 60
        images.append(image)
    return images


def test_somebody_who_fidgets_is_looked_at_less_often_than_who_walks() -> None:
    gate = MotionGate()
    gate.note_person(0.0, BLOCK)
    assert sum(looked(fidgeting(), gate)) == round(1.5 / FIDGET_S + 0.5)


def test_somebody_small_who_walks_is_not_missed_beside_somebody_large_who_fidgets() -> None:
    gate = MotionGate()
    gate.note_person(0.0, 10 * 25 / (320 * 180))
    assert all(looked(fidgeting(second=200), gate))


class Counting:
    """A detector that sees somebody at one place, and counts its looks."""

    classes = ("person", "top")

    def __init__(self, somebody: bool) -> None:
        self.looks, self.people = 0, int(somebody)

    def detect(self, _image: np.ndarray, threshold_factor: float, full_side: int) -> RawDetections:
        self.looks += 1
        boxes = np.array([[100, 60, 140, 170]], np.float32)[: self.people]
        return RawDetections(boxes, np.ones(len(boxes), np.float32), np.zeros(len(boxes), np.int64))


@pytest.mark.parametrize(("somebody", "looks", "told"), [(True, 12, 60), (False, 6, 6)])
def test_people_who_stand_still_are_there_in_every_frame(
    somebody: bool, looks: int, told: int
) -> None:
    detector = Counting(somebody)
    stage = DetectionStage(parse_camera({"name": "c", "source": "x", "gate": []}, "test"), detector)
    frames = [Frame("c", n / RATE, room(grain=n)) for n in range(60)]
    found = [stage.process(frame) for frame in frames]
    assert detector.looks == looks
    kept = [one for one in found if one is not None]
    assert len(kept) == told
    assert [one.frame.time for one in kept if len(one.people)] == (
        [frame.time for frame in frames] if somebody else []
    )


class Observer:
    """Keeps the frames that a stage hands to its observer."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.empty: list[Frame] = []

    def update(self, frame: Frame) -> None:
        self.frames.append(frame)

    def update_empty(self, frame: Frame) -> None:
        self.empty.append(frame)


def test_a_picture_is_empty_only_if_nobody_is_far_from_the_gate_either() -> None:
    gate = {"name": "g", "from": [0.9, 0.3], "to": [0.9, 1.0], "in": "right", "rooms": ["1"]}
    camera = parse_camera({"name": "c", "source": "x", "gate": [gate]}, "test")
    detector, observer = Counting(somebody=True), Observer()  # at columns 100 to 140 of 320
    stage = DetectionStage(camera, detector, observer)
    seen = [stage.process(Frame("c", n / RATE, room(grain=n))) for n in range(30)]
    assert detector.looks == 3  # nobody who matters is there
    assert not any(len(one.people) for one in seen if one)
    assert not observer.empty
    detector.people = 0
    stage.process(Frame("c", 4.0, room()))
    assert [frame.time for frame in observer.empty] == [4.0]
    assert len(observer.frames) == 31
