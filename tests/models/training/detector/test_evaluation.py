"""Detection figures on scenes and detections made up so that the answer is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.detectors.protocol import RawDetections
from models.training.detector.evaluation import figures, fit_threshold, run_on_scenes
from models.training.scenes.stage import Label, Scene

CLASSES = ("person", "top", "dress")


class Script:
    """A detector that answers from a list, one entry a scene."""

    classes = CLASSES

    def __init__(self, *answers: list[tuple[tuple[int, int, int, int], float, str]]) -> None:
        self.answers = iter(answers)

    def detect(self, _image: np.ndarray, _factor: float) -> RawDetections:
        rows = next(self.answers)
        return RawDetections(
            np.array([box for box, _, _ in rows], np.float32).reshape(-1, 4),
            np.array([score for _, score, _ in rows], np.float32),
            np.array([CLASSES.index(kind) for _, _, kind in rows], np.int64),
        )


def scene(*garments: tuple[tuple[int, int, int, int], str, str]) -> Scene:
    labels = [Label(kind, "S", box, pose, 1.0) for box, kind, pose in garments]
    person = Label("person", "", (0, 0, 90, 190), "", 1.0)
    return Scene(np.zeros((200, 200, 3), np.uint8), (person, *labels))


A, B, ELSEWHERE = (10, 10, 50, 60), (100, 10, 160, 140), (5, 120, 60, 180)


def look(detector: Any, *scenes: Scene) -> Any:
    return run_on_scenes(detector, scenes, floor=0.5)


def test_a_hit_needs_overlap_and_counts_once() -> None:
    answers = [(A, 0.9, "top"), ((12, 12, 52, 62), 0.8, "top"), (ELSEWHERE, 0.7, "dress"),
               ((0, 0, 90, 190), 0.9, "person")]  # fmt: skip
    found = look(Script(answers), scene((A, "top", "hand"), (B, "dress", "forearm")))
    report = figures(found, 0.5)
    assert report["recall"] == 0.5
    assert report["precision"] == pytest.approx(1 / 3, abs=1e-3)
    assert report["category_accuracy"] == 1
    assert report["by_pose"] == {
        "forearm": {"garments": 1, "recall": 0.0}, "hand": {"garments": 1, "recall": 1.0},
    }  # fmt: skip
    assert report["by_size"]["48 to 96 px"] == {"garments": 1, "recall": 1.0}
    assert report["by_size"]["over 96 px"] == {"garments": 1, "recall": 0.0}
    assert report["categories"]["top"]["ap50"] == 1
    assert report["categories"]["dress"]["ap50"] == 0


def test_a_wrong_kind_is_a_hit_of_some_garment() -> None:
    report = figures(look(Script([(A, 0.9, "dress")]), scene((A, "top", "hand"))), 0.5)
    assert report["recall"] == 1
    assert report["ap50_any_category"] == 1
    assert report["category_accuracy"] == 0


def test_false_garments_on_people_who_carry_none_are_counted_and_kept() -> None:
    found = look(Script([(A, 0.9, "top")], [(B, 0.3, "top")], []), scene(), scene(), scene())
    report = figures(found, 0.5)
    assert report["scenes_without_garments"] == 3
    assert report["false_per_100_such_scenes"] == pytest.approx(33.33)
    assert [(round(score, 1), text) for score, text, _ in found.worst] == [
        (0.9, "nobody carries anything")
    ]


def test_the_floor_is_where_precision_holds() -> None:
    answers = [[(A, score, "top")] for score in (0.9, 0.8, 0.7, 0.6)]
    scenes = [scene((A, "top", "hand"))] * 3 + [scene()]
    found = look(Script(*answers), *scenes)
    assert fit_threshold(found, 0.99) == 0.7
    assert fit_threshold(found, 0.7) == 0.6
