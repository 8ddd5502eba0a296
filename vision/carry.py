"""From tracks to the garments that each person carries.

A garment track is assigned to the person whose bounding box contains it most often. Its category
is voted over the track, and its best crops (sharp, large, confident, unobstructed) are kept for
matching.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import supervision as sv
from numpy.typing import NDArray

from common.image import Image
from models.embedders.protocol import GarmentFeatures
from vision.crop import Crop, crop_detail, cut_crop
from vision.garment import CROPS, GarmentTrack, Range
from vision.track import Tracks

#: One crop is kept per interval of this length, seconds.
_BUCKET_S: Final = 0.33
#: Least mean score of a garment over the frames in which its carrier was detected.
_LEAST_EVIDENCE: Final = 0.18
#: Most frames of a carrier that count for this mean.
_LONGEST_FRAMES: Final = 100
#: A garment whose box covers more than this share of its carrier's is worn, not carried.
_WORN: Final = 0.65
#: So is one that covers this share and contains another garment: the detector took a body and
#: what hangs in front of it for one garment.
_WRAPPED: Final = 0.35
#: A box contains another if it covers this share of that one's area.
_WITHIN: Final = 0.8
#: Least share of a garment's box inside its carrier's widened box.
_LEAST_OVERLAP: Final = 0.35
#: A garment that was not detected for this long has been put down.
_RECENT_S: Final = 4.0
_FORGET_S: Final = 30.0


class GarmentAssociation:
    """Assigns garment tracks to the people who carry them, for one camera."""

    def __init__(self, correct_colour: Callable[[Image], Image] | None = None) -> None:
        """Start without tracks.

        Args:
            correct_colour: Corrects the colours of a crop by the camera's calibration.
        """
        self._correct_colour = correct_colour
        self._garments: dict[int, GarmentTrack] = {}
        self._people: dict[int, tuple[int, float]] = {}

    def update(self, tracks: Tracks) -> None:
        """Process the next frame's tracks."""
        time, boxes = tracks.frame.time, tracks.garments.xyxy
        self._count_people(tracks)
        ids = tracks.garments.tracker_id
        for row, number in enumerate([] if ids is None else ids):
            garment = self._garments.setdefault(int(number), GarmentTrack(first=time))
            garment.last = time
            garment.frames += 1
            garment.note_box(time, boxes[row])
            score = _value(tracks.garments.confidence, row)
            garment.evidence += score
            garment.moved = garment.moved or Range.of(boxes[row])
            garment.moved.widen(boxes[row])
            category = tracks.classes[int(_value(tracks.garments.class_id, row))]
            garment.votes[category] = garment.votes.get(category, 0.0) + score
            carrier = _carrier(boxes[row], tracks)
            if carrier is not None:
                person, share, person_box = carrier
                garment.note_carrier(person, person_box)
                wraps = share > _WRAPPED and _contains_another(boxes, row)
                garment.worn += share > _WORN or wraps
            self._keep_crop(garment, tracks, row, score)
        for number in [n for n, g in self._garments.items() if time - g.last > _FORGET_S]:
            del self._garments[number]
        self._note_movement(tracks)

    def carried_by(self, person: int, time: float) -> list[GarmentTrack]:
        """List the garments that a person carries at `time`, in order of first detection."""
        frames = max(self._people.get(person, (0, 0.0))[0], 1)
        carried = [
            garment
            for garment in self._garments.values()
            if garment.decided
            and time - garment.last <= _RECENT_S
            and garment.carrier == person
            and garment.moves_with(person)
            and garment.evidence >= _LEAST_EVIDENCE * min(frames, _LONGEST_FRAMES)
        ]
        return sorted(carried, key=lambda garment: garment.first)

    def _keep_crop(self, garment: GarmentTrack, tracks: Tracks, row: int, score: float) -> None:
        """Keep the crop of this frame if it is the best of its interval."""
        recorded = tracks.garments.data
        box = tracks.garments.xyxy[row]
        if "detail" in recorded:
            crop, detail = np.zeros((0, 0, 3), np.uint8), float(recorded["detail"][row])
        else:
            crop = cut_crop(tracks.frame.image, box)
            detail = crop_detail(crop)
        if not detail:
            return
        time, quality = tracks.frame.time, score * _visible_share(tracks, row) * detail
        bucket = int(time / _BUCKET_S)
        kept = garment.crops.get(bucket)
        if kept is None or quality > kept.quality:
            corrected = (
                self._correct_colour(crop) if self._correct_colour and crop.size else crop.copy()
            )
            garment.crops[bucket] = Crop(time, quality, corrected, _described(recorded, row))
        if len(garment.crops) > 2 * CROPS:
            worst = min(garment.crops, key=lambda key: garment.crops[key].quality)
            del garment.crops[worst]

    def _note_movement(self, tracks: Tracks) -> None:
        """Measure how far each person moves while each garment is visible."""
        ids, now = tracks.people.tracker_id, tracks.frame.time
        visible = [garment for garment in self._garments.values() if garment.last == now]
        for number, box in zip([] if ids is None else ids, tracks.people.xyxy, strict=False):
            for garment in visible:
                garment.walked.setdefault(int(number), Range.of(box)).widen(box)

    def _count_people(self, tracks: Tracks) -> None:
        ids = tracks.people.tracker_id
        for number in [] if ids is None else ids:
            frames, _ = self._people.get(int(number), (0, 0.0))
            self._people[int(number)] = frames + 1, tracks.frame.time
        for gone in [
            n for n, (_, last) in self._people.items() if tracks.frame.time - last > _FORGET_S
        ]:
            del self._people[gone]


def _value(column: NDArray[Any] | None, row: int) -> float:
    return 0.0 if column is None else float(column[row])


def _carrier(
    box: NDArray[np.float32], tracks: Tracks
) -> tuple[int, float, NDArray[np.float32]] | None:
    """Find the carrier of a garment: largest overlap, then nearest centre.

    Returns:
        The person's track id, the share of their box that the garment's covers, and their box.
    """
    people, ids = tracks.people.xyxy, tracks.people.tracker_id
    if ids is None or not len(people):
        return None
    margin = 0.25 * (people[:, 2] - people[:, 0])
    left, right = people[:, 0] - margin, people[:, 2] + margin
    width = np.minimum(right, box[2]) - np.maximum(left, box[0])
    height = np.minimum(people[:, 3] + margin, box[3]) - np.maximum(people[:, 1], box[1])
    area = max(float((box[2] - box[0]) * (box[3] - box[1])), 1.0)
    overlap = np.clip(width, 0, None) * np.clip(height, 0, None) / area
    if overlap.max() < _LEAST_OVERLAP:
        return None
    apart = np.abs((people[:, 0] + people[:, 2]) / 2 - (box[0] + box[2]) / 2)
    apart = apart / np.maximum(people[:, 2] - people[:, 0], 1)
    best = int(np.argmax(overlap - 0.5 * apart))
    size = (people[best, 2] - people[best, 0]) * (people[best, 3] - people[best, 1])
    return int(ids[best]), float(area / max(size, 1.0)), people[best]


def _contains_another(boxes: NDArray[Any], row: int) -> bool:
    """Check whether a box contains another, smaller one."""
    sizes = np.prod(boxes[:, 2:] - boxes[:, :2], 1)
    smaller = boxes[sizes < sizes[row]]
    inside = sv.box_iou_batch(boxes[row : row + 1], smaller, sv.OverlapMetric.IOS)
    return bool((inside >= _WITHIN).any())


def _visible_share(tracks: Tracks, row: int) -> float:
    """Estimate the visible share of a garment: less where others overlap or at the edge."""
    box, height, width = tracks.garments.xyxy[row], *tracks.frame.image.shape[:2]
    cut = box[0] < 3 or box[1] < 3 or box[2] > width - 3 or box[3] > height - 3
    others = np.delete(tracks.garments.xyxy, row, 0)
    overlap = 0.0
    if len(others):
        w = np.minimum(others[:, 2], box[2]) - np.maximum(others[:, 0], box[0])
        h = np.minimum(others[:, 3], box[3]) - np.maximum(others[:, 1], box[1])
        shared = float((np.clip(w, 0, None) * np.clip(h, 0, None)).max())
        overlap = shared / max(float((box[2] - box[0]) * (box[3] - box[1])), 1.0)
    return float((0.3 if cut else 1.0) * (1 - 0.7 * min(overlap, 1.0)))


def _described(recorded: dict[str, Any], row: int) -> GarmentFeatures | None:
    if "embedding" not in recorded:
        return None
    names = ("embedding", "category_probabilities", "local_features")
    parts = (recorded[name][row : row + 1] for name in names)
    return GarmentFeatures(*parts)
