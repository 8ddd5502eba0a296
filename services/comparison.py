"""Compare two detectors on a site's corrected pictures, before one replaces the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import cv2
import numpy as np
import supervision as sv
from supervision.metrics import MeanAveragePrecision

from common.image import Image
from common.site import SiteFolder
from models.corrections import CorrectedPicture
from models.detectors.protocol import ObjectDetector
from models.detectors.registry import open_detector
from models.errors import ModelError
from services.datasets import corrected_pictures
from services.site_models import models_folder

_HIT: Final = 0.5
#: Factor on the thresholds for precision-recall curves.
_LOWEST: Final = 0.1
#: A figure may be lower by this before a detector counts as worse: a few boxes decide it.
_MARGIN: Final = 0.02


@dataclass(frozen=True)
class GroupScore:
    """Figures of people or of garments, whatever their category.

    Attributes:
        boxes: How many there are in truth.
        ap50: Average precision at an IoU of 0.5.
        recall: At the detector's thresholds.
        false_per_100: False positives per 100 pictures, at the thresholds.
    """

    boxes: int
    ap50: float
    recall: float
    false_per_100: float


@dataclass(frozen=True)
class DetectorScore:
    """A detector's figures on corrected pictures."""

    name: str
    people: GroupScore
    garments: GroupScore


@dataclass(frozen=True)
class Comparison:
    """Two detectors on the same pictures.

    Attributes:
        pictures: How many there are.
        held_out: Whether no training has seen them: false where there are too few to hold some
            out.
        old, new: The figures.
    """

    pictures: int
    held_out: bool
    old: DetectorScore
    new: DetectorScore

    @property
    def worse(self) -> list[str]:
        """What the new one does worse, in words; empty if nothing."""
        return [
            f"{group} {figure} {getattr(theirs, figure):.3f} instead of {getattr(ours, figure):.3f}"
            for group in ("people", "garments")
            for ours, theirs in [(getattr(self.old, group), getattr(self.new, group))]
            for figure in ("ap50", "recall")
            if getattr(theirs, figure) < getattr(ours, figure) - _MARGIN
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `fittingroom model compare` prints."""
        return asdict(self) | {"worse": self.worse}


def compare_detectors(site: SiteFolder, old: str, new: str) -> Comparison | None:
    """Measure two detectors on the corrected pictures that are held out of trainings.

    Args:
        site: The site.
        old: Name of a detector.
        new: Name of another one.

    Returns:
        The comparison; None where the site has no corrected pictures.

    Raises:
        UnknownPluginError: No detector has this name.
        ModelError: Weights or a picture are missing or broken.
    """
    known = corrected_pictures(site)
    if not known:
        return None
    chosen = [one for one in known if one.held_out]
    pictures = chosen or known
    return Comparison(
        len(pictures), bool(chosen), *(_score(site, name, pictures) for name in (old, new))
    )


def _score(site: SiteFolder, name: str, pictures: Sequence[CorrectedPicture]) -> DetectorScore:
    detector = open_detector(name, site.settings.vision.threads, own=models_folder(site))
    people, garments = _Group(), _Group()
    for picture in pictures:
        image = _read(picture)
        weak, sure = _detect(detector, image, _LOWEST), _detect(detector, image, 1.0)
        truth = sv.Detections(picture.boxed.boxes, class_id=picture.boxed.classes)
        for group, is_person in ((people, True), (garments, False)):
            group.add(_of(weak, is_person), _of(sure, is_person), _of(truth, is_person))
    return DetectorScore(name, people.score(len(pictures)), garments.score(len(pictures)))


def _read(picture: CorrectedPicture) -> Image:
    image = cv2.imread(str(picture.path))
    if image is None:
        raise ModelError(f"{picture.path}: cannot be read as a picture.")
    height, width = image.shape[:2]
    if (width, height) != (picture.boxed.width, picture.boxed.height):
        raise ModelError(
            f"{picture.path}: is {width}×{height}, its boxes are of "
            f"{picture.boxed.width}×{picture.boxed.height}. Export the data set again."
        )
    return np.asarray(image, np.uint8)


def _detect(detector: ObjectDetector, image: Image, factor: float) -> sv.Detections:
    found = detector.detect(image, factor)
    return sv.Detections(
        found.boxes.reshape(-1, 4), confidence=found.scores, class_id=found.classes.astype(int)
    )


def _of(found: sv.Detections, is_person: bool) -> sv.Detections:
    """Return the people or the garments, as one class."""
    chosen = found[np.asarray((found.class_id == 0) == is_person)]
    assert isinstance(chosen, sv.Detections)
    chosen.class_id = np.zeros(len(chosen), int)
    return chosen


class _Group:
    """Collects detections of people or of garments."""

    def __init__(self) -> None:
        self._metric = MeanAveragePrecision()
        self._boxes = self._hits = self._false = 0

    def add(self, weak: sv.Detections, sure: sv.Detections, truth: sv.Detections) -> None:
        """Add a picture."""
        self._metric.update([weak], [truth])
        hits = _count_hits(sure, truth)
        self._boxes += len(truth)
        self._hits += hits
        self._false += len(sure) - hits

    def score(self, pictures: int) -> GroupScore:
        """Compute the figures."""
        ap50 = float(self._metric.compute().map50) if self._boxes else 0.0
        return GroupScore(
            self._boxes,
            round(max(ap50, 0.0), 4),
            round(self._hits / max(self._boxes, 1), 4),
            round(100 * self._false / pictures, 2),
        )


def _count_hits(found: sv.Detections, truth: sv.Detections) -> int:
    """Count detections that overlap a box which none of a higher score has."""
    if not len(found) or not len(truth) or found.confidence is None:
        return 0
    overlaps = sv.box_iou_batch(found.xyxy, truth.xyxy)
    free = np.ones(len(truth), bool)
    hits = 0
    for row in np.argsort(-found.confidence, kind="stable"):
        best = int((overlaps[row] * free).argmax())
        if free[best] and overlaps[row, best] >= _HIT:
            free[best] = False
            hits += 1
    return hits
