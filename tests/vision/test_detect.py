from __future__ import annotations

import numpy as np
import pytest

from calibration import Gate, parse_camera
from models.detectors.yolo import YoloDetector
from models.simulation.fabric import Fabric
from models.training.scenes.sheet import Design
from tests.models.detectors.test_yolo import walk
from tests.vision.stage import StageDetector
from vision.detect import detect, gate_columns
from vision.frame import Frame


def gates(*ends: tuple[float, float]) -> tuple[Gate, ...]:
    tables = [
        {"name": f"g{n}", "from": [a, 0.4], "to": [b, 0.9], "in": "right", "rooms": ["1"]}
        for n, (a, b) in enumerate(ends)
    ]
    return parse_camera({"name": "c", "source": "x", "gate": tables}, "test").gates


@pytest.mark.parametrize(
    ("ends", "first", "last"),
    [
        ([], 0, 1000),
        ([(0.9, 0.8)], 350, 1000),
        ([(0.1, 0.2)], 0, 650),
        ([(0.1, 0.2), (0.9, 0.9)], 0, 1000),
        ([(0.5, 0.5)], 50, 950),
    ],
)
def test_what_is_far_from_every_gate_is_not_looked_at(
    ends: list[tuple[float, float]], first: int, last: int
) -> None:
    columns = gate_columns(gates(*ends), 1000)
    assert (columns.start, columns.stop) == (first, last)


def test_boxes_of_some_columns_are_placed_in_the_whole_picture() -> None:
    detector = StageDetector((10, 20, 50, 90, 0))
    frame = Frame("c", 0.0, np.zeros((100, 200, 3), np.uint8))
    found = detect(detector, frame, slice(120, 200))
    assert detector.shown[0].shape == (100, 80, 3)
    assert found.people.xyxy.tolist() == [[130, 20, 170, 90]]
    assert found.frame is frame


def test_people_are_seen_at_the_same_size_in_some_columns_as_in_all() -> None:
    detector = YoloDetector(threads=1)
    image = walk(Design("jacket", Fabric("plain", (52, 44, 186)), 0, 1))[0]
    frame = Frame("c", 0.0, image)
    whole, part = detect(detector, frame), detect(detector, frame, slice(200, image.shape[1]))
    assert len(whole.people) == len(part.people) == 1
    assert np.abs(whole.people.xyxy - part.people.xyxy).max() < 12
