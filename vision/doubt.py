"""Choose the pictures of a clip that are worth correcting: where the detector is in doubt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import supervision as sv
from numpy.typing import NDArray

from models.detectors.protocol import ObjectDetector
from vision.frame import Frame
from vision.recording import Recording

#: Factor on the thresholds: weaker detections may be garments that were missed.
_WEAK: Final = 0.5
#: Overlap (IoU) from which boxes of successive frames are of one object.
_SAME: Final = 0.3
#: Successive frames further apart than this say nothing about each other, seconds.
_NEXT_S: Final = 0.5


@dataclass(frozen=True)
class Seen:
    """What a detector saw in a frame.

    Attributes:
        time: Of the frame, seconds.
        boxes: float32 N×4 (x1, y1, x2, y2) in pixels.
        scores: float32 N.
        classes: int N, indices into the detector's classes; 0 is a person.
        accepted: bool N, whether the score reaches the threshold.
    """

    time: float
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    classes: NDArray[np.int64]
    accepted: NDArray[np.bool_]


def see(detector: ObjectDetector, frames: Iterable[Frame]) -> Iterator[Seen]:
    """Run a detector over masked frames, weak detections included."""
    for frame in frames:
        found = detector.detect(frame.image, _WEAK)
        sure = detector.detect(frame.image) if len(found.scores) else found
        floor = {int(c): sure.scores[sure.classes == c].min() for c in np.unique(sure.classes)}
        least = np.array([floor.get(int(c), np.inf) for c in found.classes], np.float32)
        yield Seen(frame.time, found.boxes, found.scores, found.classes, found.scores >= least)


def see_recorded(recording: Recording) -> Iterator[Seen]:
    """Read a recording of detections; all count as accepted."""
    for one in recording:
        both = sv.Detections.merge([_bare(one.people), _bare(one.garments)])
        scores = np.asarray(both.confidence, np.float32)
        classes = np.asarray(both.class_id, np.int64)
        boxes = np.asarray(both.xyxy, np.float32)
        yield Seen(one.frame.time, boxes, scores, classes, np.ones(len(scores), bool))


def _bare(found: sv.Detections) -> sv.Detections:
    return sv.Detections(found.xyxy, confidence=found.confidence, class_id=found.class_id)


def measure_doubt(seen: Sequence[Seen]) -> NDArray[np.float64]:
    """Count in each frame what is weak, and what is there in one of two neighbours only."""
    doubt = np.array([float(np.sum(~one.accepted)) for one in seen])
    for number, (one, other) in enumerate(pairwise(seen)):
        if other.time - one.time > _NEXT_S:
            continue
        lost, new = _unmatched(one, other), _unmatched(other, one)
        doubt[number] += lost + new
        doubt[number + 1] += lost + new
    return doubt


def _unmatched(one: Seen, other: Seen) -> int:
    """Count the accepted boxes of one frame that overlap none of the other's of their group."""
    count = 0
    for people in (True, False):
        ours = one.boxes[one.accepted & ((one.classes == 0) == people)]
        theirs = other.boxes[other.accepted & ((other.classes == 0) == people)]
        if not len(ours):
            continue
        if not len(theirs):
            count += len(ours)
            continue
        count += int((sv.box_iou_batch(ours, theirs).max(1) < _SAME).sum())
    return count


def choose_doubtful(
    times: Sequence[float], doubt: NDArray[np.float64], count: int, apart_s: float
) -> list[int]:
    """Choose the frames of greatest doubt, no two closer than `apart_s`.

    Frames without doubt are not chosen.

    Args:
        times: Of the frames, seconds.
        doubt: Of the frames.
        count: How many at most.
        apart_s: Least distance, seconds.

    Returns:
        Numbers of frames, in order of time.
    """
    chosen: list[int] = []
    for number in np.argsort(-doubt, kind="stable"):
        if doubt[number] <= 0 or len(chosen) == count:
            break
        if all(abs(times[number] - times[other]) >= apart_s for other in chosen):
            chosen.append(int(number))
    return sorted(chosen)
