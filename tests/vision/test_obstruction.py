"""Pictures that show nothing, and a pipeline that counts nobody in them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from calibration import Camera, parse_camera
from common.crossing import Crossing
from common.gallery import Gallery
from models.detectors.protocol import RawDetections
from models.embedders.mobilenet import MobileNetEmbedder
from tests.calibration.test_drift import room
from tests.conftest import noise
from tests.vision.stage import StageDetector
from vision.detect import gate_columns
from vision.frame import Frame
from vision.match import Matcher
from vision.obstruction import ObstructionMonitor
from vision.pipeline import Pipeline

SIZE = (720, 1280, 3)
GATE = {"name": "gate", "from": [0.6, 0.2], "to": [0.6, 1.0], "in": "right", "rooms": ["1"]}
MASK = {"points": [[0.0, 0.0], [0.7, 0.0], [0.7, 1.0], [0.0, 1.0]]}


def camera(*masks: dict[str, object]) -> Camera:
    data = {"name": "door", "source": "0", "gate": [GATE], "mask": list(masks)}
    return parse_camera(data, "test")


def grainy(image: np.ndarray, sigma: float) -> np.ndarray:
    grain = np.random.default_rng(0).normal(0, sigma, image.shape)
    return np.clip(image + grain, 0, 255).astype(np.uint8)


def with_clock(image: np.ndarray) -> np.ndarray:
    shown = image.copy()
    cv2.putText(shown, "2026-11-26 12:00:00", (10, 30), 0, 1, (255, 255, 255), 2)
    return shown


def hand() -> np.ndarray:
    """Skin over the lens: light from one side, no edge."""
    down, across = np.mgrid[0 : SIZE[0], 0 : SIZE[1]]
    light = 160 - 80 * np.hypot((across - 900) / 1280, (down - 100) / 720)
    return grainy(np.repeat(light[..., None], 3, axis=2), 4)


def no_signal() -> np.ndarray:
    image = np.full(SIZE, (180, 40, 20), np.uint8)
    cv2.putText(image, "NO SIGNAL", (450, 380), 0, 2, (255, 255, 255), 4)
    return image


BLACK = np.zeros(SIZE, np.uint8)


def judged(image: np.ndarray, *masks: dict[str, object]) -> str:
    monitor = ObstructionMonitor(camera(*masks))
    for tenth in range(12):
        monitor.update(image, tenth / 10)
    return monitor.problem


@pytest.mark.parametrize(
    ("image", "problem"),
    [
        (BLACK, "black"),
        (with_clock(BLACK), "black"),
        (grainy(BLACK, 8), "black"),  # a sensor's noise at full gain
        (np.full(SIZE, 16, np.uint8), "black"),
        (np.full(SIZE, 128, np.uint8), "covered"),
        (np.full(SIZE, 255, np.uint8), "covered"),
        (hand(), "covered"),
        (no_signal(), "covered"),
        (room(), ""),
        ((room() * 0.2).astype(np.uint8), ""),  # late in the evening
        (noise(720, 1280), ""),
    ],
)
def test_what_a_picture_shows(image: np.ndarray, problem: str) -> None:
    assert judged(image) == problem


def test_masks_are_black_and_no_fault() -> None:
    image = room(width=1280, height=720)
    image[:, :896] = 0
    assert judged(image, MASK) == ""
    everything = {"points": [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]}
    assert judged(BLACK, everything) == ""


def test_one_black_picture_is_no_problem() -> None:
    monitor = ObstructionMonitor(camera())
    for tenth in range(40):
        monitor.update(BLACK if tenth == 20 else room(), tenth / 10)
        assert monitor.problem == ""


class Detector(StageDetector):
    """Sees boxes where they are in the full frame although it is given a crop."""

    def detect(
        self, image: np.ndarray, threshold_factor: float = 1.0, full_side: int = 0
    ) -> RawDetections:
        found = super().detect(image, threshold_factor, full_side)
        if image.shape[1] < SIZE[1]:
            found.boxes[:, [0, 2]] -= gate_columns(camera().gates, SIZE[1]).start
        return found


class Walk:
    """Somebody who walks through the gate in four seconds, in the dark from a moment on."""

    def __init__(self) -> None:
        self.detector = Detector()
        gallery = Gallery(np.zeros((0, 256), np.float32), (), (), np.zeros((0, 1, 1), np.int8))
        matcher = Matcher(MobileNetEmbedder(threads=1), gallery)
        self.pipeline = Pipeline(camera(), self.detector, matcher, 10.0)
        self.time = 0.0

    def walk(self, image: np.ndarray, start: float, end: float, seconds: float) -> list[Crossing]:
        found = []
        for step in range(round(seconds * 10)):
            x = start + (end - start) * step / (seconds * 10)
            self.detector.boxes = [(x, 150, x + 200, 650, 0)] if start != end else []
            shown = image.copy()
            shown[150:650, int(x) : int(x) + 200] //= 2  # something moves
            found += self.pipeline.process(Frame("door", self.time, shown))
            self.time += 0.1
        return found


def test_nobody_is_counted_in_a_black_picture() -> None:
    light = room(width=1280, height=720)
    walk = Walk()
    assert [c.event for c in walk.walk(light, 300, 1000, 4)] == ["entry"]
    walk = Walk()
    assert walk.walk(BLACK, 300, 1000, 4) == []
    assert walk.pipeline.finish() == []
    assert walk.detector.shown == []


def test_whoever_walks_when_it_gets_dark_has_not_crossed() -> None:
    light = room(width=1280, height=720)
    walk = Walk()
    assert walk.walk(light, 300, 690, 2) == []  # over the line, for less than it takes to count
    assert walk.walk(BLACK, 0, 0, 10) == []
    assert walk.walk(light, 0, 0, 3) == []
    assert [c.event for c in walk.walk(light, 300, 1000, 4)] == ["entry"]
