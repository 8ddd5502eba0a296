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
#: Who is further from a gate than this share of the picture's width is not looked for. With
#: less, garments are seen in too few views to be named.
_REACH_REL = 0.45


@dataclass(frozen=True)
class Detections:
    """What was seen in one frame; boxes (x1, y1, x2, y2) in pixels.

    `class_id` of garments indexes `classes`, the detector's class names.
    """

    frame: Frame
    people: sv.Detections
    garments: sv.Detections
    classes: tuple[str, ...]


def columns_of(gates: Sequence[Gate], width: int) -> slice:
    """Return the columns of a picture that people on their way through some gates are in.

    Args:
        gates: Of a camera; without any, all columns are.
        width: Of the picture, in pixels.
    """
    if not gates:
        return slice(0, width)
    x = [end[0] for gate in gates for end in (gate.start, gate.end)]
    left, right = max(min(x) - _REACH_REL, 0.0), min(max(x) + _REACH_REL, 1.0)
    return slice(round(left * width), round(right * width))


def detect(detector: ObjectDetector, frame: Frame, columns: slice | None = None) -> Detections:
    """Look for people and carried garments, in all of a picture or in some of its columns."""
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


def within(seen: Detections, columns: slice) -> Detections:
    """Keep what lies, at least in part, in some columns of the picture."""

    def kept(boxes: sv.Detections) -> sv.Detections:
        near = boxes[(boxes.xyxy[:, 2] > columns.start) & (boxes.xyxy[:, 0] < columns.stop)]
        assert isinstance(near, sv.Detections)
        return near

    return replace(seen, people=kept(seen.people), garments=kept(seen.garments))
