"""From tracks to what each person carries.

A garment track belongs to the person whose box holds it most often. Its class is voted
over its life, and its best crops are kept for matching: sharp, large, confident, whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import supervision as sv
from numpy.typing import NDArray

from common.image import Image
from models.embedders.protocol import GarmentFeatures
from vision.crop import Crop, cut_crop, detail_of
from vision.garment import CROPS, GarmentTrack, Range
from vision.track import Tracks

#: A crop is the best of its own third of a second.
_BUCKET_S: Final = 0.33
#: A garment is not reported whose scores, spread over the frames its carrier was seen in,
#: are less.
_LEAST_EVIDENCE: Final = 0.18
#: Somebody who stands about for longer than this many frames counts as if for these.
_LONGEST_FRAMES: Final = 100
#: A box that fills this much of its carrier's is what they wear.
_WORN: Final = 0.65
#: So is one that fills this much of it and holds another garment: a body with what hangs
#: before it, taken for one thing.
_WRAPPED: Final = 0.35
#: A box holds another with this share of that one's area.
_WITHIN: Final = 0.8
#: Share of a garment's box that must lie in its carrier's widened box.
_HELD: Final = 0.35
#: A garment not seen for this long has been put down.
_RECENT_S: Final = 4.0
_FORGET_S: Final = 30.0


class Carrying:
    """Keeps what everybody in one camera's view carries."""

    def __init__(self, mend: Callable[[Image], Image] | None = None) -> None:
        """Nobody carries anything yet.

        Args:
            mend: Corrects the colours of a crop, as the camera's calibration says.
        """
        self._mend = mend
        self._garments: dict[int, GarmentTrack] = {}
        self._people: dict[int, tuple[int, float]] = {}

    def update(self, tracks: Tracks) -> None:
        """Take the next frame's tracks."""
        time, boxes = tracks.frame.time, tracks.garments.xyxy
        self._count_people(tracks)
        ids = tracks.garments.tracker_id
        for row, number in enumerate([] if ids is None else ids):
            garment = self._garments.setdefault(int(number), GarmentTrack(first=time))
            garment.last = time
            garment.frames += 1
            garment.seen_at(time, boxes[row])
            score = _value(tracks.garments.confidence, row)
            garment.evidence += score
            garment.moved = garment.moved or Range.of(boxes[row])
            garment.moved.widen(boxes[row])
            label = tracks.classes[int(_value(tracks.garments.class_id, row))]
            garment.votes[label] = garment.votes.get(label, 0.0) + score
            carrier = _carrier(boxes[row], tracks)
            if carrier is not None:
                who, share, holder = carrier
                garment.held_by(who, holder)
                wraps = share > _WRAPPED and _holds_another(boxes, row)
                garment.worn += share > _WORN or wraps
            self._keep_crop(garment, tracks, row, score)
        for number in [n for n, g in self._garments.items() if time - g.last > _FORGET_S]:
            del self._garments[number]
        self._follow_people(tracks)

    def carried_by(self, person: int, time: float) -> list[GarmentTrack]:
        """List the garments a person carries now, in the order they were first seen."""
        seen = max(self._people.get(person, (0, 0.0))[0], 1)
        mine = [
            garment
            for garment in self._garments.values()
            if garment.decided
            and time - garment.last <= _RECENT_S
            and garment.carrier == person
            and garment.moves_with(person)
            and garment.evidence >= _LEAST_EVIDENCE * min(seen, _LONGEST_FRAMES)
        ]
        return sorted(mine, key=lambda garment: garment.first)

    def _keep_crop(self, garment: GarmentTrack, tracks: Tracks, row: int, score: float) -> None:
        """Keep a frame's sight of a garment if it is the best of its third of a second."""
        recorded = tracks.garments.data
        box = tracks.garments.xyxy[row]
        if "detail" in recorded:
            crop, detail = np.zeros((0, 0, 3), np.uint8), float(recorded["detail"][row])
        else:
            crop = cut_crop(tracks.frame.image, box)
            detail = detail_of(crop)
        if not detail:
            return
        time, quality = tracks.frame.time, score * _whole(tracks, row) * detail
        bucket = int(time / _BUCKET_S)
        held = garment.crops.get(bucket)
        if held is None or quality > held.quality:
            mended = self._mend(crop) if self._mend and crop.size else crop.copy()
            garment.crops[bucket] = Crop(time, quality, mended, _described(recorded, row))
        if len(garment.crops) > 2 * CROPS:
            worst = min(garment.crops, key=lambda key: garment.crops[key].quality)
            del garment.crops[worst]

    def _follow_people(self, tracks: Tracks) -> None:
        """Note how far everybody goes while each garment is seen."""
        ids, now = tracks.people.tracker_id, tracks.frame.time
        seen = [garment for garment in self._garments.values() if garment.last == now]
        for number, box in zip([] if ids is None else ids, tracks.people.xyxy, strict=False):
            for garment in seen:
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
    """Find who holds a garment: most of its box in theirs, then the nearest middle.

    Returns:
        The person's track, how much of their box the garment's fills, and their box.
    """
    people, ids = tracks.people.xyxy, tracks.people.tracker_id
    if ids is None or not len(people):
        return None
    margin = 0.25 * (people[:, 2] - people[:, 0])
    left, right = people[:, 0] - margin, people[:, 2] + margin
    width = np.minimum(right, box[2]) - np.maximum(left, box[0])
    height = np.minimum(people[:, 3] + margin, box[3]) - np.maximum(people[:, 1], box[1])
    area = max(float((box[2] - box[0]) * (box[3] - box[1])), 1.0)
    held = np.clip(width, 0, None) * np.clip(height, 0, None) / area
    if held.max() < _HELD:
        return None
    apart = np.abs((people[:, 0] + people[:, 2]) / 2 - (box[0] + box[2]) / 2)
    apart = apart / np.maximum(people[:, 2] - people[:, 0], 1)
    best = int(np.argmax(held - 0.5 * apart))
    size = (people[best, 2] - people[best, 0]) * (people[best, 3] - people[best, 1])
    return int(ids[best]), float(area / max(size, 1.0)), people[best]


def _holds_another(boxes: NDArray[Any], row: int) -> bool:
    """Check whether another box, a smaller one, lies in one of them."""
    sizes = np.prod(boxes[:, 2:] - boxes[:, :2], 1)
    smaller = boxes[sizes < sizes[row]]
    inside = sv.box_iou_batch(boxes[row : row + 1], smaller, sv.OverlapMetric.IOS)
    return bool((inside >= _WITHIN).any())


def _whole(tracks: Tracks, row: int) -> float:
    """How much of a garment is to be seen: less where others overlap or the picture ends."""
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
    if "vector" not in recorded:
        return None
    parts = (recorded[name][row : row + 1] for name in ("vector", "kinds", "cells"))
    return GarmentFeatures(*parts)
