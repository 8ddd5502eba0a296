from __future__ import annotations

import numpy as np
import pytest

from models.detectors.protocol import RawDetections
from models.training.detector.people import compare_people, in_light, match_people


def boxes(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 4)


def test_each_found_box_is_one_person() -> None:
    two = boxes((0, 0, 10, 20), (4, 0, 14, 20))
    assert match_people(two, boxes((2, 0, 12, 20))).sum() == 1
    assert match_people(two, two).all()
    assert not match_people(two, boxes()).any()
    # The first could take the box that the second needs.
    assert match_people(two, boxes((1, 0, 11, 20), (0, 0, 10, 14))).all()


class Fixed:
    """Sees one person and one garment in every picture."""

    classes = ("person", "top")

    def detect(self, _image: np.ndarray, floor: float = 1.0, whole: int = 0) -> RawDetections:
        found = boxes((10, 10, 40, 90), (50, 50, 70, 70))
        return RawDetections(found, np.ones(2, np.float32), np.array([0, 1]))


class Expecting:
    """Sees two people, one of them where `Fixed` sees one."""

    def find_people(self, _image: np.ndarray) -> np.ndarray:
        return boxes((10, 10, 40, 90), (60, 0, 80, 40))


def test_people_are_counted_by_height() -> None:
    picture = np.full((100, 100, 3), 90, np.uint8)
    figures = compare_people(Fixed(), Expecting(), [picture]).figures()  # type: ignore[arg-type]
    assert figures["pictures"] == 3
    assert figures["garments_per_100_people"] == 100
    assert figures["grey"]["64_to_128_px"] == {"expected": 1, "recall": 1.0}
    assert figures["in_all"]["0_to_64_px"] == {"expected": 3, "recall": 0.0}
    assert figures["in_all"]["from_256_px"] == {"expected": 0, "recall": None}


def test_light() -> None:
    picture = np.full((60, 60, 3), (200, 100, 0), np.uint8)
    assert np.ptp(in_light(picture, "grey", 0), axis=2).max() == 0
    assert in_light(picture, "dark", 0).mean() == pytest.approx(picture.mean() / 4, abs=1)
    assert in_light(picture, "as_filmed", 0) is picture
