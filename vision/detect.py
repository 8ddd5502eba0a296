"""From a frame to detections of people and carried garments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import supervision as sv

from calibration import Gate
from models.detectors.protocol import ObjectDetector
from vision.frame import Frame

#: Weaker boxes than the thresholds still keep a track alive (ByteTrack's second stage).
_TRACKING_FLOOR = 0.57
#: People further from a gate than this share of the picture's width are not detected. A smaller
#: value leaves too few views of a garment to match it.
_REACH_REL = 0.45


@dataclass(frozen=True)
class Detections:
    """People and garments in one frame; boxes (x1, y1, x2, y2) in pixels.

    `class_id` of garments indexes `classes`, the detector's class names.
    """

    frame: Frame
    people: sv.Detections
    garments: sv.Detections
    classes: tuple[str, ...]


def gate_columns(gates: Sequence[Gate], width: int) -> slice:
    """Return the columns of a picture within reach of its gates.

    Args:
        gates: Gates of a camera; without any, all columns are returned.
        width: Of the picture, in pixels.
    """
    if not gates:
        return slice(0, width)
    x = [end[0] for gate in gates for end in (gate.start, gate.end)]
    left, right = max(min(x) - _REACH_REL, 0.0), min(max(x) + _REACH_REL, 1.0)
    return slice(round(left * width), round(right * width))


def detect(detector: ObjectDetector, frame: Frame, columns: slice | None = None) -> Detections:
    """Detect people and carried garments in a frame, or in some of its columns."""
    left = columns.start if columns else 0
    image = frame.image[:, columns] if columns else frame.image
    found = detector.detect(
        image, threshold_factor=_TRACKING_FLOOR, full_side=max(frame.image.shape[:2])
    )
    everything = sv.Detections(
        xyxy=found.boxes.reshape(-1, 4) + np.array([left, 0, left, 0], np.float32),
        confidence=found.scores,
        class_id=found.classes.astype(int),
    )
    is_person = np.asarray(everything.class_id == 0)
    people, garments = everything[is_person], everything[~is_person]
    assert isinstance(people, sv.Detections)
    assert isinstance(garments, sv.Detections)
    return Detections(frame, people, garments, detector.classes)


def within(detections: Detections, columns: slice) -> Detections:
    """Keep detections that lie, at least in part, in some columns of the picture."""

    def kept(boxes: sv.Detections) -> sv.Detections:
        near = boxes[(boxes.xyxy[:, 2] > columns.start) & (boxes.xyxy[:, 0] < columns.stop)]
        assert isinstance(near, sv.Detections)
        return near

    return replace(detections, people=kept(detections.people), garments=kept(detections.garments))
