"""Detect a frozen picture in a stream that goes on.

An encoder that gets the same picture again and again does not give the same bytes: rate control
and key frames change what is decoded. A sensor's noise, on the other hand, is never the same
twice, and what an encoder leaves of it differs at least from key frame to key frame. So small
patches all over the picture are compared with those of the last `_WINDOW_S`, in two ways:

- `spread`, their median deviation over that time, and
- `distance`, the mean difference to the most similar picture at least `_LAG_S` ago: it is not
  fooled by what returns with every group of pictures.

Only noise may count, or a corridor that empties would look frozen after a busy hour: exposure that
follows the passers-by is undone, and each of both is small for a patch that people cover for less
than half of the time. The median over the patches excludes a clock in the picture. It is compared
with what this camera shows otherwise, in the same light.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image
from vision.frame import Frame

#: Patches across and down, and their side in pixels.
_PATCHES: Final = (16, 9)
_SIDE: Final = 8
#: Seconds between two pictures that are kept, and for how long they are.
_EVERY_S: Final = 0.5
_WINDOW_S: Final = 36.0
#: No key frame comes later than this after another, with most cameras.
_LAG_S: Final = 12.0
#: Seconds between two judgements, and so many of them must agree.
_JUDGE_S: Final = 4.0
_AGREE: Final = 3
#: The camera's usual values are learnt from measurements that are older than it takes to detect a
#: freeze, over this long, from this many, in light that differs by no more than this share.
_LEARN_S: Final = (60.0, 900.0)
_LEAST_LEARNT: Final = 4
_SAME_LIGHT: Final = 0.15
#: Shares of the usual values below which the picture is frozen.
_SPREAD_SHARE: Final = 0.15
_DISTANCE_SHARE: Final = 0.3
#: Usual values below these, in grey levels, are not used.
_LEAST_SPREAD: Final = 0.05
_LEAST_DISTANCE: Final = 0.1
#: Share of the patches that must change at all, however little is learnt. Before anything is, a
#: picture that is the same as an earlier one is frozen below this spread, in grey levels.
_CHANGING: Final = 0.1
_FROZEN_SPREAD: Final = 0.08
#: Grey levels of patches that are black or burnt out; so many others are needed.
_CLIPPED: Final = (4, 250)
_FEWEST: Final = 10


@dataclass(frozen=True)
class Liveness:
    """How much a picture changes; see the module.

    Attributes:
        time: Seconds on the source's clock.
        light: Mean grey level of the patches.
        spread: Grey levels.
        distance: Grey levels.
        changing: Share of the patches that changed at all.
    """

    time: float
    light: float
    spread: float
    distance: float
    changing: float


class FreezeMonitor:
    """Detects that a camera's picture is frozen.

    Attributes:
        frozen: Whether the picture is frozen now.
        newest: The newest measurement, None before the first.
    """

    def __init__(self) -> None:
        """Start before the first frame."""
        self._kept: deque[tuple[float, NDArray[np.int16]]] = deque()
        self._learnt: deque[Liveness] = deque()
        self._due = self._judge_due = -np.inf
        self._votes = 0
        self._shape: tuple[int, ...] = ()
        self.frozen = False
        self.newest: Liveness | None = None

    def update(self, frame: Frame) -> None:
        """Process the next masked frame."""
        if frame.time < self._due:
            return
        self._due = frame.time + _EVERY_S
        if frame.image.shape != self._shape:
            self._shape = frame.image.shape
            self._kept.clear()
            self._learnt.clear()
        self._kept.append((frame.time, _patches(frame.image)))
        while self._kept[0][0] < frame.time - _WINDOW_S:
            self._kept.popleft()
        full = frame.time - self._kept[0][0] >= _WINDOW_S - 4 * _EVERY_S
        if full and frame.time >= self._judge_due:
            self._judge_due = frame.time + _JUDGE_S
            self._judge(frame.time)

    def _judge(self, time: float) -> None:
        measured = self._measure(time)
        if measured is None:
            return
        self.newest = measured
        frozen = self._is_frozen(measured)
        # The state changes after this many contrary results in a row.
        self._votes = self._votes + 1 if frozen != self.frozen else 0
        if self._votes >= _AGREE:
            self.frozen, self._votes = frozen, 0
        if not self.frozen:
            self._learnt.append(measured)
        while self._learnt and self._learnt[0].time < time - _LEARN_S[1]:
            self._learnt.popleft()

    def _measure(self, time: float) -> Liveness | None:
        """Measure how much the picture changes; None where that cannot be judged."""
        pictures = np.stack([patches for _, patches in self._kept])
        # What a mask hides, what is black and what is burnt out never changes.
        dark, bright = pictures.max(axis=(0, 2, 3)), pictures.min(axis=(0, 2, 3))
        seen = (dark > _CLIPPED[0]) & (bright < _CLIPPED[1])
        if seen.sum() < _FEWEST:
            return None
        pictures = pictures[:, seen]
        lights = pictures.mean(axis=(1, 2, 3))
        if np.ptp(lights) > _SAME_LIGHT * max(float(lights.mean()), 1.0):
            return None  # the light changes, and so does what is usual
        times = np.array([kept for kept, _ in self._kept])
        settled = _same_exposure(pictures)
        spread = np.median(np.abs(settled - np.median(settled, axis=0)), axis=0).mean(axis=(1, 2))
        older = settled[times <= time - _LAG_S]
        apart = np.abs(older - settled[-1]).mean(axis=(2, 3))
        nearest = apart.min(axis=0)
        return Liveness(
            time,
            float(pictures[-1].mean()),
            float(np.median(spread)),
            float(np.median(nearest)),
            float(np.ptp(pictures, axis=0).any(axis=(1, 2)).mean()),
        )

    def _is_frozen(self, now: Liveness) -> bool:
        if now.changing < _CHANGING:
            return True
        usual = [
            seen
            for seen in self._learnt
            if seen.time < now.time - _LEARN_S[0]
            and abs(seen.light - now.light) <= _SAME_LIGHT * max(seen.light, 1.0)
        ]
        if len(usual) < _LEAST_LEARNT:
            return now.distance == 0 and now.spread < _FROZEN_SPREAD
        spread = float(np.percentile([seen.spread for seen in usual], 25))
        distance = float(np.percentile([seen.distance for seen in usual], 25))
        return (spread >= _LEAST_SPREAD and now.spread < _SPREAD_SHARE * spread) or (
            distance >= _LEAST_DISTANCE and now.distance < _DISTANCE_SHARE * distance
        )


def _same_exposure(pictures: NDArray[np.int16]) -> NDArray[np.float32]:
    """Bring pictures to the brightness of their median, as exposure follows who walks past.

    Args:
        pictures: T×N×side×side grey levels.

    Returns:
        T×N×side×side grey levels; unchanged where the brightness is.
    """
    usual = np.maximum(np.median(pictures, axis=0), 1.0)
    gains = np.median(pictures / usual, axis=(1, 2, 3), keepdims=True)
    return np.asarray(pictures / np.maximum(gains, 0.1), np.float32)


def _patches(image: Image) -> NDArray[np.int16]:
    """Cut small patches out of a picture, all over it; returns N×side×side grey levels."""
    height, width = image.shape[:2]
    side = min(_SIDE, height // _PATCHES[1], width // _PATCHES[0])
    tops = ((np.arange(_PATCHES[1]) + 0.5) * height / _PATCHES[1] - side / 2).astype(int)
    lefts = ((np.arange(_PATCHES[0]) + 0.5) * width / _PATCHES[0] - side / 2).astype(int)
    cut = [image[top : top + side, left : left + side] for top in tops for left in lefts]
    strip = cv2.cvtColor(np.concatenate(cut, axis=0), cv2.COLOR_BGR2GRAY)
    return strip.reshape(len(cut), side, side).astype(np.int16)
