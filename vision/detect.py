"""From a frame to detections of people and carried garments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import supervision as sv

from models import Detector
from vision.frame import Frame

#: Weaker boxes than the thresholds still keep a track alive (ByteTrack's second stage).
_TRACKING_FLOOR = 0.6


@dataclass(frozen=True)
class Detections:
    """What was seen in one frame; boxes (x1, y1, x2, y2) in pixels.

    `class_id` of garments indexes `classes`, the detector's class names.
    """

    frame: Frame
    people: sv.Detections
    garments: sv.Detections
    classes: tuple[str, ...]


def detect(detector: Detector, frame: Frame) -> Detections:
    """Look for people and carried garments."""
    found = detector.detect(frame.image, floor=_TRACKING_FLOOR)
    everything = sv.Detections(
        xyxy=found.boxes.reshape(-1, 4),
        confidence=found.scores,
        class_id=found.classes.astype(int),
    )
    is_person = np.asarray(everything.class_id == 0)
    people, garments = everything[is_person], everything[~is_person]
    assert isinstance(people, sv.Detections)
    assert isinstance(garments, sv.Detections)
    return Detections(frame, people, garments, detector.classes)
