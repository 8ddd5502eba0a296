"""One garment's life in a camera's view."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import supervision as sv
from numpy.typing import NDArray

from vision.crop import Crop

#: (x1, y1, x2, y2) pixels.
Box = NDArray[np.float32]

#: Crops of a garment that are used.
CROPS: Final = 24
#: A garment seen less than this, in time and in frames, is undecided and not reported.
_LEAST_S: Final = 0.5
_LEAST_FRAMES: Final = 4
#: What each frame leaves of the count of who carried in the frames before.
_FADE: Final = 0.95
#: Somebody who has walked this many of their own widths while something was seen leaves
#: behind what has moved less than this share of it: it hangs on a rack, or is a plant.
_WALKED: Final = 0.6
_STAYED: Final = 0.2
#: What has moved less than this share of its carrier's width, while it was seen away from
#: everybody most of the time, is what they walked past, however short the walk.
_PASSED: Final = 0.5
#: Two tracks hardly ever meet in less than this share of the shorter one's frames.
_MET: Final = 0.1
#: One of two boxes lies over the other with this share of the smaller one in both.
_OVER: Final = 0.6
#: Frames in which a garment's place is remembered.
_REMEMBERED: Final = 300


@dataclass
class Range:
    """How far a middle has moved, pixels."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @classmethod
    def of(cls, box: Box) -> Range:
        """Begin with a box."""
        middle = _middle(box)
        return cls(middle, middle)

    def widen(self, box: Box) -> None:
        """Take the next box."""
        middle = _middle(box)
        self.low, self.high = np.minimum(self.low, middle), np.maximum(self.high, middle)

    @property
    def length(self) -> float:
        """From one end to the other, pixels."""
        return float(np.hypot(*(self.high - self.low)))


def _middle(box: Box) -> NDArray[np.float64]:
    return np.array([box[0] + box[2], box[1] + box[3]], float) / 2


@dataclass
class GarmentTrack:
    """One garment's life so far."""

    first: float
    last: float = 0.0
    frames: int = 0
    #: Where it was in the latest frames it was seen in, by their time.
    boxes: dict[float, Box] = field(default_factory=dict)
    evidence: float = 0.0
    held: int = 0
    worn: int = 0
    carriers: dict[int, float] = field(default_factory=dict)
    votes: dict[str, float] = field(default_factory=dict)
    crops: dict[int, Crop] = field(default_factory=dict)
    moved: Range | None = None
    #: How far each person has moved while this was seen, wherever they were.
    walked: dict[int, Range] = field(default_factory=dict)
    carrier_width: float = 1.0

    def moves_with(self, person: int) -> bool:
        """Check whether it goes where a person goes, as nothing on a rack or in a pot does."""
        if self.moved is None or person not in self.walked:
            return True
        stood = self.moved.length < _PASSED * self.carrier_width
        if stood and self.held < 0.5 * self.frames:
            return False
        walked = self.walked[person].length
        stayed = self.moved.length < _STAYED * walked
        return walked <= _WALKED * self.carrier_width or not stayed

    @property
    def decided(self) -> bool:
        """Seen long enough to be sure it is carried, not a flicker or a fold of worn cloth."""
        lasting = self.last - self.first >= _LEAST_S and self.frames >= _LEAST_FRAMES
        return lasting and self.worn < 0.5 * self.frames

    @property
    def carrier(self) -> int | None:
        """Who has held it most of late."""
        return max(sorted(self.carriers), key=lambda who: self.carriers[who], default=None)

    def held_by(self, person: int, carrier: Box) -> None:
        """Count a frame for a carrier; older frames fade, for garments change hands.

        Args:
            person: The carrier's track.
            carrier: Their (x1, y1, x2, y2) pixels.
        """
        self.held += 1
        self.carrier_width = float(carrier[2] - carrier[0])
        for other in self.carriers:
            self.carriers[other] *= _FADE
        self.carriers[person] = self.carriers.get(person, 0.0) + 1

    def seen_at(self, time: float, box: Box) -> None:
        """Note where it is, (x1, y1, x2, y2) pixels."""
        self.boxes[time] = box
        if len(self.boxes) > _REMEMBERED:
            del self.boxes[next(iter(self.boxes))]

    def may_be(self, other: GarmentTrack) -> bool:
        """Check whether another track may be of the same garment.

        They were hardly ever in the same frame, or one then lay over the other: trackers lose
        a garment and find it again, and detectors box it whole and in part.
        """
        met = self.boxes.keys() & other.boxes.keys()
        if len(met) <= _MET * min(len(self.boxes), len(other.boxes)):
            return True
        mine, theirs = (np.stack([track.boxes[time] for time in met]) for track in (self, other))
        over = sv.box_iou_batch(mine, theirs, sv.OverlapMetric.IOS).diagonal()
        return float(over.mean()) >= _OVER

    @property
    def category(self) -> str:
        """The class with most votes, each weighted by its score."""
        return max(sorted(self.votes), key=lambda name: self.votes[name])

    def best_crops(self) -> list[Crop]:
        """The kept crops, best first."""
        return sorted(self.crops.values(), key=lambda crop: (-crop.quality, crop.time))[:CROPS]
