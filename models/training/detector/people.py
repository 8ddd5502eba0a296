"""How many of the people that COCO's detector sees ours sees too, by their height and the light.

Fitting rooms are entered by everybody, so a detector that was taught garments must not forget
people. The reference is COCO's YOLO11n at the size at which ours runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import supervision as sv
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from common.image import Image
from models.detectors.protocol import ObjectDetector
from models.training.torch_runtime import load_yolo

#: The reference's long side in pixels, and the confidence from which on it is believed.
_LONG_SIDE: Final = 512
_CONFIDENCE: Final = 0.5
#: Overlap (IoU) of two boxes of one person.
_SAME: Final = 0.5
#: Heights of people in pixels of the picture, from and up to.
HEIGHTS_PX: Final = ((0, 64), (64, 128), (128, 256), (256, 100_000))
LIGHTS: Final = ("as_filmed", "grey", "dark")
#: A camera at night: this share of the light, and noise of so many grey levels.
_DARK: Final = (0.25, 4.0)


class Reference:
    """COCO's YOLO11n."""

    def __init__(self, root: Path) -> None:
        """Load its weights from a data folder.

        Raises:
            ModelError: They are missing.
        """
        self._model = load_yolo("yolo11n.yaml", root / "weights" / "yolo11n-coco.safetensors")

    def find_people(self, image: Image) -> NDArray[np.float32]:
        """Return the boxes (x1, y1, x2, y2 pixels) of the people in a picture, N×4."""
        found = self._model.predict(
            image, imgsz=_LONG_SIDE, conf=_CONFIDENCE, iou=0.5, classes=[0], verbose=False
        )
        return np.asarray(found[0].boxes.xyxy.numpy(), np.float32)


@dataclass
class Findings:
    """What a detector saw in pictures, beside the reference.

    Attributes:
        pictures: How many.
        people: People that the detector reported.
        garments: Garments that it reported; in pictures of people who carry nothing, all false.
        counts: Found and expected people by light and height.
        missed: The pictures in which most people were missed, with how many.
    """

    pictures: int = 0
    people: int = 0
    garments: int = 0
    counts: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    missed: list[tuple[int, Image]] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """Return recall by height, in each light and in all, and garments per 100 people."""
        report: dict[str, Any] = {
            "pictures": self.pictures,
            "people": self.people,
            "garments_per_100_people": round(100 * self.garments / max(self.people, 1), 2),
        }
        for light in LIGHTS:
            report[light] = _by_height(
                {h: c for (in_, h), c in self.counts.items() if in_ == light}
            )
        everything: dict[int, list[int]] = {}
        for (_, height), count in self.counts.items():
            total = everything.setdefault(height, [0, 0])
            total[0], total[1] = total[0] + count[0], total[1] + count[1]
        return report | {"in_all": _by_height(everything)}


def _by_height(counts: Mapping[int, list[int]]) -> dict[str, Any]:
    table = {}
    for number, (low, high) in enumerate(HEIGHTS_PX):
        found, expected = counts.get(number, [0, 0])
        name = f"from_{low}_px" if high == HEIGHTS_PX[-1][1] else f"{low}_to_{high}_px"
        recall = round(found / expected, 4) if expected else None
        table[name] = {"expected": expected, "recall": recall}
    return table


def compare_people(
    detector: ObjectDetector, reference: Reference, pictures: Iterable[Image], kept: int = 6
) -> Findings:
    """Compare a detector's people with the reference's, each picture in every light.

    Args:
        detector: The detector.
        reference: What it is compared with.
        pictures: uint8 H×W×3 BGR.
        kept: Keep so many pictures in which people were missed.
    """
    findings = Findings()
    for number, picture in enumerate(pictures):
        for light in LIGHTS:
            image = in_light(picture, light, number)
            expected = reference.find_people(image)
            found = detector.detect(image)
            is_person = found.classes == 0
            hits = match_people(expected, found.boxes[is_person])
            for box, hit in zip(expected, hits, strict=True):
                height = float(box[3] - box[1])
                row = next(n for n, (low, high) in enumerate(HEIGHTS_PX) if low <= height < high)
                count = findings.counts.setdefault((light, row), [0, 0])
                count[0] += int(hit)
                count[1] += 1
            findings.pictures += 1
            findings.people += int(is_person.sum())
            findings.garments += int((~is_person).sum())
            if not hits.all():
                findings.missed.append((int((~hits).sum()), _drawn(image, expected[~hits])))
                findings.missed.sort(key=lambda pair: -pair[0])
                del findings.missed[kept:]
    return findings


def match_people(expected: NDArray[np.float32], found: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Find which expected boxes (N×4) have a found box (M×4) of their own; bool N.

    One box that holds two people is one person found.
    """
    hits = np.zeros(len(expected), bool)
    if len(expected) and len(found):
        overlap = sv.box_iou_batch(expected, found)
        rows, columns = linear_sum_assignment(overlap >= _SAME, maximize=True)
        hits[rows] = overlap[rows, columns] >= _SAME
    return hits


def in_light(image: Image, light: str, seed: int) -> Image:
    """Return a picture as a camera would show it: as filmed, in grey, or in the dark."""
    if light == "grey":
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
    if light == "dark":
        share, noise = _DARK
        grain = np.random.default_rng(seed).normal(0, noise, image.shape)
        return np.clip(image * share + grain, 0, 255).astype(np.uint8)
    return image


def _drawn(image: Image, boxes: NDArray[np.float32]) -> Image:
    drawn = image.copy()
    for left, top, right, bottom in boxes.round().astype(int).tolist():
        cv2.rectangle(drawn, (left, top), (right, bottom), (60, 60, 230), 2)
    return drawn
