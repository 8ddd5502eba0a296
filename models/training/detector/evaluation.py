"""Evaluate the detector on scenes with ground truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import cv2
import numpy as np
import supervision as sv
from numpy.typing import NDArray
from supervision.metrics import MeanAveragePrecision

from common.image import Image
from models.detectors.protocol import ObjectDetector, RawDetections
from models.detectors.yolo import YoloDetector
from models.embedders.protocol import GarmentEmbedder
from models.simulation.cutout import read_image
from models.training.scenes.snapshots import Snapshot, garment_box
from models.training.scenes.stage import Label, Scene
from models.training.threshold import lowest_score

Floats = NDArray[np.float32]

#: Longest side of a garment's box in pixels of the scene, by name of the bin.
_SIZES: Final = {"under 48 px": (0, 48), "48 to 96 px": (48, 96), "over 96 px": (96, 10_000)}
_HIT: Final = 0.5
#: Factor on the thresholds for precision-recall curves.
_LOWEST: Final = 0.1
#: Number of pictures of the worst false positives.
_WORST: Final = 12


@dataclass(frozen=True)
class ScoredDetection:
    """A detection of a garment, compared with the ground truth.

    `right` is a true positive (IoU of 0.5, one detection per garment), `same_category` one with
    the true category as well, `of_empty` a detection in a scene without carried garments.
    """

    score: float
    right: bool
    same_category: bool
    of_empty: bool


@dataclass(frozen=True)
class Garment:
    """A ground-truth garment and the score of its detection, -1 for a false negative."""

    label: Label
    score: float


@dataclass
class Findings:
    """Detections and ground truth of a set of scenes."""

    scored: list[ScoredDetection]
    garments: list[Garment]
    scenes: int
    empty_scenes: int
    precision_map: dict[str, Any]
    worst: list[tuple[float, str, Image]]

    @property
    def scores(self) -> Floats:
        """Scores of all detections."""
        return np.array([s.score for s in self.scored], np.float32)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which detections are true positives."""
        return np.array([s.right for s in self.scored], bool)


def measure(detector: YoloDetector, scenes: Iterable[Scene]) -> tuple[Findings, dict[str, Any]]:
    """Evaluate a detector on scenes, with weak detections for precision-recall curves.

    Returns:
        The findings, and their metrics at the detector's own threshold for garments.
    """
    floor = detector.entry.thresholds[detector.classes[1]]
    findings = run_on_scenes(detector, scenes, floor, _LOWEST)
    return findings, figures(findings, floor)


def run_on_scenes(
    detector: ObjectDetector,
    scenes: Iterable[Scene],
    floor: float | None = None,
    factor: float = 1.0,
) -> Findings:
    """Run the detector over scenes.

    Args:
        detector: The detector.
        scenes: With ground truth.
        floor: Keep pictures of the worst false positives above this score.
        factor: On the detector's thresholds; a low one yields whole precision-recall curves.
    """
    metric = MeanAveragePrecision()
    findings = Findings([], [], 0, 0, {}, [])
    for scene in scenes:
        found = detector.detect(scene.image, factor)
        labels = [label for label in scene.labels if label.category != "person"]
        garments = found.classes > 0
        mine = RawDetections(found.boxes[garments], found.scores[garments], found.classes[garments])
        empty = not labels
        scored, seen = _pair(detector, mine, labels, empty)
        findings.scored += scored
        findings.garments += seen
        findings.scenes += 1
        findings.empty_scenes += empty
        metric.update([_as_detections(mine)], [_as_truth(detector, labels)])
        if floor is not None:
            _keep_worst(findings, scene.image, mine, scored, floor)
    findings.precision_map = _mean_precision(detector, metric)
    return findings


def _pair(
    detector: ObjectDetector, found: RawDetections, labels: Sequence[Label], empty: bool
) -> tuple[list[ScoredDetection], list[Garment]]:
    """Match detections, in descending order of score, to the garments that they overlap most."""
    boxes = np.array([label.box for label in labels], np.float32).reshape(-1, 4)
    hits = np.full(len(labels), -1.0)
    scored: list[ScoredDetection] = [ScoredDetection(0, False, False, empty)] * len(found.scores)
    for n in np.argsort(-found.scores, kind="stable"):
        overlap = _overlaps(found.boxes[n], boxes) * (hits < 0) if len(boxes) else np.zeros(1)
        best = int(overlap.argmax())
        right = bool(overlap[best] >= _HIT)
        named = detector.classes[int(found.classes[n])]
        same = right and named == labels[best].category
        if right:
            hits[best] = found.scores[n]
        scored[n] = ScoredDetection(float(found.scores[n]), right, same, empty)
    return scored, [Garment(label, float(hit)) for label, hit in zip(labels, hits, strict=True)]


def _overlaps(one: Floats, many: Floats) -> Floats:
    return np.asarray(sv.box_iou_batch(one[None], many)[0], np.float32)


def _as_detections(found: RawDetections) -> sv.Detections:
    return sv.Detections(found.boxes.reshape(-1, 4), confidence=found.scores,
                         class_id=found.classes.astype(int))  # fmt: skip


def _as_truth(detector: ObjectDetector, labels: Sequence[Label]) -> sv.Detections:
    boxes = np.array([label.box for label in labels], np.float32).reshape(-1, 4)
    classes = np.array([detector.classes.index(label.category) for label in labels], int)
    return sv.Detections(boxes, class_id=classes)


def _mean_precision(detector: ObjectDetector, metric: MeanAveragePrecision) -> dict[str, Any]:
    """Return mAP in all and by category, from supervision's metric."""
    result = metric.compute()
    by_class = {
        detector.classes[int(kind)]: {
            "ap50": round(float(row[0]), 4),
            "ap50_95": round(float(row.mean()), 4),
        }
        for kind, row in zip(result.matched_classes, result.ap_per_class, strict=True)
    }
    means = {
        f"m{name}": round(sum(entry[name] for entry in by_class.values()) / len(by_class), 4)
        for name in ("ap50", "ap50_95")
        if by_class
    }
    return {**means, "categories": by_class}


def _keep_worst(
    findings: Findings,
    image: Image,
    found: RawDetections,
    scored: Sequence[ScoredDetection],
    floor: float,
) -> None:
    wrong = [n for n, s in enumerate(scored) if not s.right and s.score >= floor]
    if not wrong:
        return
    worst = max(wrong, key=lambda n: scored[n].score)
    picture = image.copy()
    for n, detection in enumerate(scored):
        if detection.score >= floor:
            left, top, right, bottom = (int(v) for v in found.boxes[n])
            colour = (60, 170, 60) if detection.right else (40, 40, 220)
            cv2.rectangle(picture, (left, top), (right, bottom), colour, 2)
    said = "nobody carries anything" if scored[worst].of_empty else "not a garment's box"
    findings.worst.append((scored[worst].score, said, picture))
    findings.worst.sort(key=lambda entry: -entry[0])
    del findings.worst[_WORST:]


def figures(findings: Findings, floor: float) -> dict[str, Any]:
    """Compute the metrics at a threshold; recall by pose, size and visible share."""
    kept = [s for s in findings.scored if s.score >= floor]
    hits = [s for s in kept if s.right]
    order = np.argsort(-findings.scores)
    gained = np.cumsum(findings.right[order])
    precision = gained / np.arange(1, len(order) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    area = float((best * findings.right[order]).sum() / max(len(findings.garments), 1))

    def recall(chosen: Callable[[Label], bool]) -> dict[str, Any]:
        those = [g for g in findings.garments if chosen(g.label)]
        share = np.mean([g.score >= floor for g in those]) if those else np.nan
        return {"garments": len(those), "recall": None if not those else round(float(share), 4)}

    poses = sorted({g.label.pose for g in findings.garments})
    return {
        "scenes": findings.scenes,
        "garments": len(findings.garments),
        "threshold": floor,
        "ap50_any_category": round(area, 4),
        **findings.precision_map,
        "recall": recall(lambda _: True)["recall"],
        "precision": round(len(hits) / max(len(kept), 1), 4),
        "category_accuracy": round(sum(s.same_category for s in hits) / max(len(hits), 1), 4),
        "scenes_without_garments": findings.empty_scenes,
        "false_per_100_such_scenes": round(
            100 * sum(s.of_empty for s in kept) / max(findings.empty_scenes, 1), 2
        ),
        "by_pose": {pose: recall(partial(_has_pose, pose)) for pose in poses},
        "by_size": {
            name: recall(partial(_is_between, low, high)) for name, (low, high) in _SIZES.items()
        },
        "by_visible_share": {
            "under half": recall(lambda label: label.visible < 0.5),
            "half and more": recall(lambda label: label.visible >= 0.5),
        },
    }


def _has_pose(pose: str, label: Label) -> bool:
    return label.pose == pose


def _is_between(low: int, high: int, label: Label) -> bool:
    longest = max(label.box[2] - label.box[0], label.box[3] - label.box[1])
    return low <= longest < high


def fit_threshold(findings: Findings, precision: float) -> float:
    """Fit the threshold for a precision; 0.5 if no threshold reaches it."""
    score = lowest_score(findings.scores, findings.right, precision)
    return 0.5 if score is None else round(score, 3)


def evaluate_on_snapshots(
    detector: ObjectDetector, embedder: GarmentEmbedder, snapshots: Iterable[Snapshot]
) -> dict[str, Any]:
    """Evaluate on photos of garments on hangers and floors, without people.

    A garment is detected if the largest detection overlaps its segmented box (IoU of 0.5); a
    category is correct if the photo's label allows it. Photos that cannot be segmented are left
    out.

    Returns:
        Number of photos, recall, and the embedder's category accuracy: on crops of the
        detections, and on crops of all segmented boxes.
    """
    of_found, of_all = [], []
    for snapshot in snapshots:
        image = read_image(snapshot.path)
        outline = garment_box(image)
        if outline is None:
            continue
        of_all.append(_classify(embedder, image, outline) in snapshot.categories)
        box = _largest(detector.detect(image))
        if box is not None and _overlaps(box, np.array([outline], np.float32))[0] >= _HIT:
            of_found.append(_classify(embedder, image, box) in snapshot.categories)
    return {
        "photos": len(of_all),
        "recall": _share(len(of_found), len(of_all)),
        "category_accuracy_detected": _share(sum(of_found), len(of_found)),
        "category_accuracy": _share(sum(of_all), len(of_all)),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _classify(embedder: GarmentEmbedder, image: Image, box: Iterable[float]) -> str:
    left, top, right, bottom = (int(n) for n in box)
    classes = embedder.embed_queries([image[top:bottom, left:right]]).category_probabilities[0]
    return embedder.categories[int(classes.argmax())]


def _largest(found: RawDetections) -> Floats | None:
    boxes = found.boxes[found.classes > 0]
    if not len(boxes):
        return None
    return np.asarray(boxes[int(np.prod(boxes[:, 2:] - boxes[:, :2], 1).argmax())], np.float32)
