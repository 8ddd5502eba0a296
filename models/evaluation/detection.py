"""How well the detector finds carried garments on labelled scenes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from models.runtime import Detector
from models.scenes.cutout import read_image

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class DetectionScores:
    """All garment detections on labelled scenes, classes ignored.

    Attributes:
        scores: Score of each detection.
        right: Whether it hit a garment (IoU of 0.5) that no better one had hit.
        of_empty: Whether it lies in a scene in which nobody carries anything.
        same_class: Whether a hit also named the right category.
        garments: Number of garments.
        empty_scenes: Number of scenes in which nobody carries anything.
    """

    scores: Floats
    right: NDArray[np.bool_]
    of_empty: NDArray[np.bool_]
    same_class: NDArray[np.bool_]
    garments: int
    empty_scenes: int

    def figures(self, floor: float) -> dict[str, Any]:
        """Summarise at a threshold."""
        kept = self.scores >= floor
        hits = int((kept & self.right).sum())
        order = np.argsort(-self.scores)
        gained = np.cumsum(self.right[order])
        precision = gained / np.arange(1, len(order) + 1)
        best = np.maximum.accumulate(precision[::-1])[::-1]
        return {
            "garments": self.garments,
            "threshold": floor,
            "ap50_any_class": round(float((best * self.right[order]).sum() / self.garments), 4),
            "recall": round(hits / self.garments, 4),
            "precision": round(hits / max(int(kept.sum()), 1), 4),
            "right_category_of_hits": round(
                int((kept & self.right & self.same_class).sum()) / max(hits, 1), 4
            ),
            "scenes_without_garments": self.empty_scenes,
            "false_per_100_such_scenes": round(
                100 * int((kept & self.of_empty).sum()) / max(self.empty_scenes, 1), 2
            ),
        }


def _truth(image: Path, size: tuple[int, int]) -> tuple[Floats, NDArray[np.int64]]:
    lines = (image.parent.parent / "labels" / f"{image.stem}.txt").read_text().split()
    rows = np.array(lines, np.float32).reshape(-1, 5)
    height, width = size
    middle, half = rows[:, 1:3] * [width, height], rows[:, 3:5] * [width, height] / 2
    boxes = np.hstack([middle - half, middle + half]).astype(np.float32)
    return boxes, rows[:, 0].astype(np.int64)


def _overlaps(one: Floats, many: Floats) -> Floats:
    low, high = np.maximum(one[:2], many[:, :2]), np.minimum(one[2:], many[:, 2:])
    inter = np.prod(np.clip(high - low, 0, None), 1)
    areas = np.prod(many[:, 2:] - many[:, :2], 1) + np.prod(one[2:] - one[:2])
    return np.asarray(inter / np.maximum(areas - inter, 1e-6), np.float32)


def detection_scores(detector: Detector, scenes: Sequence[Path]) -> DetectionScores:
    """Run the detector over labelled scenes (YOLO layout) at its lowest thresholds."""
    rows: list[tuple[float, bool, bool, bool]] = []
    garments = empty = 0
    for path in tqdm(scenes, desc="validation", unit="scene"):
        image = read_image(path)
        boxes, kinds = _truth(path, (image.shape[0], image.shape[1]))
        boxes, kinds = boxes[kinds > 0], kinds[kinds > 0]
        garments += len(boxes)
        empty += not len(boxes)
        found = detector.detect(image)
        free = np.ones(len(boxes), bool)
        for n in np.argsort(-found.scores):
            if found.classes[n] == 0:
                continue
            overlap = _overlaps(found.boxes[n], boxes) * free if len(boxes) else np.zeros(1)
            hit = bool(overlap.max() >= 0.5)
            same = hit and bool(kinds[int(overlap.argmax())] == found.classes[n])
            if hit:
                free[int(overlap.argmax())] = False
            rows.append((float(found.scores[n]), hit, not len(boxes), same))
    table = np.array(rows, np.float32).reshape(-1, 4)
    flags = table[:, 1:] > 0
    return DetectionScores(table[:, 0], flags[:, 0], flags[:, 1], flags[:, 2], garments, empty)


def fit_floor(scores: DetectionScores, precision: float) -> float:
    """Find the lowest score from which on detections are right this often."""
    order = np.argsort(-scores.scores)
    share = np.cumsum(scores.right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= precision)
    return round(float(scores.scores[order[enough[-1]]]), 3) if enough.size else 0.5
