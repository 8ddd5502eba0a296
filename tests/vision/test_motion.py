from __future__ import annotations

import numpy as np
import pytest

from calibration import parse_camera
from models import Found
from vision import Matcher, Pipeline
from vision.frame import Frame
from vision.motion import CHECK_S, REST_S, MotionGate

RATE = 10


def room(block: int | None = None, light: float = 0.0, grain: int = 0) -> np.ndarray:
    image: np.ndarray = np.full((180, 320, 3), 120.0 + light)
    if block is not None:
        image[60:170, block : block + 40] = 60
    image += np.random.default_rng(grain).normal(0, 4, image.shape)
    return np.asarray(np.clip(image, 0, 255), np.uint8)


def looked(images: list[np.ndarray], gate: MotionGate, start: float = 0.0) -> list[bool]:
    return [gate.needed(Frame("c", start + n / RATE, image)) for n, image in enumerate(images)]


def test_an_empty_room_is_looked_at_once_a_second() -> None:
    seen = looked([room(grain=n) for n in range(40)], MotionGate())
    assert sum(seen) == 4 / CHECK_S


def test_somebody_who_comes_in_is_looked_at_at_once() -> None:
    images = [room(grain=n) for n in range(5)] + [room(10 + n, grain=n) for n in range(1, 6)]
    assert looked(images, MotionGate())[5]


def test_light_that_fades_slowly_is_no_motion() -> None:
    images = [room(light=-0.2 * n, grain=n) for n in range(50)]
    assert sum(looked(images, MotionGate())) <= 6


def test_every_frame_counts_while_somebody_is_there() -> None:
    gate = MotionGate()
    gate.saw_somebody(0.0)
    frames = round((REST_S + 2) * RATE)
    seen = looked([room(grain=n) for n in range(frames)], gate)
    assert all(seen[: round(REST_S * RATE)])
    assert not all(seen[round(REST_S * RATE) :])


@pytest.mark.parametrize("somebody", [True, False])
def test_the_pipeline_rests_only_when_nobody_is_there(somebody: bool) -> None:
    calls = 0

    class Counting:
        classes = ("person", "top")

        def detect(self, _image: np.ndarray, floor: float) -> Found:
            nonlocal calls
            calls += 1
            boxes = np.array([[100, 60, 140, 170]], np.float32)[: int(somebody)]
            return Found(boxes, np.ones(len(boxes), np.float32), np.zeros(len(boxes), np.int64))

    camera = parse_camera({"name": "c", "source": "x", "gate": []}, "test")
    pipeline = Pipeline(camera, Counting(), Matcher.__new__(Matcher), RATE)  # type: ignore[arg-type]
    for n in range(60):
        pipeline.process(Frame("c", n / RATE, room(grain=n)))
    assert calls == (60 if somebody else 6)
