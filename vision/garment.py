"""The track of one garment: position, carrier, category votes and best crops."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import supervision as sv
from numpy.typing import NDArray

from vision.crop import Crop

#: (x1, y1, x2, y2) pixels.
Box = NDArray[np.float32]

#: Crops of a garment that are matched.
CROPS: Final = 24
#: A shorter track, in time and in frames, is undecided and not reported.
_LEAST_S: Final = 0.5
_LEAST_FRAMES: Final = 4
#: Decay per frame of the counts of earlier carriers.
_FADE: Final = 0.95
#: A garment is static (on a rack, or a plant) if it moved less than `_STAYED` of the distance that
#: a person moved in the same frames, where that is more than `_WALKED` of the person's width.
_WALKED: Final = 0.6
_STAYED: Final = 0.2
#: So is one that moved less than this share of its carrier's width and had no carrier in most
#: frames: people walk past it.
_PASSED: Final = 0.5
#: Two tracks of one garment share at most this share of the shorter one's frames, ...
_MET: Final = 0.1
#: ... or overlap there, on average, in this share of the smaller box.
_OVER: Final = 0.6
#: Frames for which a garment's boxes are kept.
_REMEMBERED: Final = 300


@dataclass
class Range:
    """The range over which a box's centre has moved, pixels."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @classmethod
    def of(cls, box: Box) -> Range:
        """Start with a box."""
        centre = _centre(box)
        return cls(centre, centre)

    def widen(self, box: Box) -> None:
        """Include the next box."""
        centre = _centre(box)
        self.low, self.high = np.minimum(self.low, centre), np.maximum(self.high, centre)

    @property
    def length(self) -> float:
        """The diagonal of the range, pixels."""
        return float(np.hypot(*(self.high - self.low)))


def _centre(box: Box) -> NDArray[np.float64]:
    return np.array([box[0] + box[2], box[1] + box[3]], float) / 2


@dataclass
class GarmentTrack:
    """The track of one garment so far."""

    first: float
    last: float = 0.0
    frames: int = 0
    #: Its boxes in the latest frames, by time.
    boxes: dict[float, Box] = field(default_factory=dict)
    evidence: float = 0.0
    held: int = 0
    worn: int = 0
    carriers: dict[int, float] = field(default_factory=dict)
    votes: dict[str, float] = field(default_factory=dict)
    crops: dict[int, Crop] = field(default_factory=dict)
    moved: Range | None = None
    #: How far each person moved while this garment was visible.
    walked: dict[int, Range] = field(default_factory=dict)
    carrier_width: float = 1.0

    def moves_with(self, person: int) -> bool:
        """Check whether it moves with a person, unlike a garment on a rack or a plant."""
        if self.moved is None or person not in self.walked:
            return True
        static = self.moved.length < _PASSED * self.carrier_width
        if static and self.held < 0.5 * self.frames:
            return False
        walked = self.walked[person].length
        stayed = self.moved.length < _STAYED * walked
        return walked <= _WALKED * self.carrier_width or not stayed

    @property
    def decided(self) -> bool:
        """Whether the track is long enough, and carried rather than worn."""
        lasting = self.last - self.first >= _LEAST_S and self.frames >= _LEAST_FRAMES
        return lasting and self.worn < 0.5 * self.frames

    @property
    def carrier(self) -> int | None:
        """The person who carried it most in recent frames."""
        return max(sorted(self.carriers), key=lambda who: self.carriers[who], default=None)

    def note_carrier(self, person: int, carrier: Box) -> None:
        """Count a frame for a carrier; earlier counts decay, because garments change hands.

        Args:
            person: The carrier's track id.
            carrier: The carrier's bounding box (x1, y1, x2, y2), pixels.
        """
        self.held += 1
        self.carrier_width = float(carrier[2] - carrier[0])
        for other in self.carriers:
            self.carriers[other] *= _FADE
        self.carriers[person] = self.carriers.get(person, 0.0) + 1

    def note_box(self, time: float, box: Box) -> None:
        """Store its box (x1, y1, x2, y2 pixels) in this frame."""
        self.boxes[time] = box
        if len(self.boxes) > _REMEMBERED:
            del self.boxes[next(iter(self.boxes))]

    def may_be_same_as(self, other: GarmentTrack) -> bool:
        """Check whether another track may be of the same garment.

        Trackers lose a garment and find it again, and detectors box it whole and in part. So
        both tracks are rarely in the same frame, or overlap there.
        """
        met = self.boxes.keys() & other.boxes.keys()
        if len(met) <= _MET * min(len(self.boxes), len(other.boxes)):
            return True
        mine, theirs = (np.stack([track.boxes[time] for time in met]) for track in (self, other))
        over = sv.box_iou_batch(mine, theirs, sv.OverlapMetric.IOS).diagonal()
        return float(over.mean()) >= _OVER

    @property
    def category(self) -> str:
        """The category with most votes, weighted by score."""
        return max(sorted(self.votes), key=lambda name: self.votes[name])

    def best_crops(self) -> list[Crop]:
        """The kept crops, best first."""
        return sorted(self.crops.values(), key=lambda crop: (-crop.quality, crop.time))[:CROPS]
