"""From tracks to crossings: a person's foot point passes a gate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration import Gate
from calibration.gates import inward
from calibration.lens import Lens
from common.crossing import Event
from vision.track import Tracks

#: A side counts once the foot point has been on it this long.
SETTLE_S = 0.2
#: Half the width of the band around the gate where no side counts, of the picture's diagonal.
BAND_REL = 0.006
#: A crossing may pass this far beside the gate's ends, of the gate's length.
_BESIDE = 0.15
_FORGET_S = 5.0
_EDGE_PX = 3
_SURE = 0.4


@dataclass(frozen=True)
class Passage:
    """One person through one gate.

    Attributes:
        time: When the foot point reached the far side, on the source's clock.
        event: `entry` or `exit`.
        gate: The gate.
        person: The person's track.
    """

    time: float
    event: Event
    gate: Gate
    person: int


@dataclass
class _Walker:
    side: int = 0
    candidate: int = 0
    since: float = 0.0
    seen: float = 0.0
    within: bool = False


@dataclass
class _GateState:
    gate: Gate
    #: The gate's ends, relative, as a lens without distortion shows them.
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    walkers: dict[int, _Walker] = field(default_factory=dict)


class GateKeeper:
    """Watches all gates of one camera."""

    def __init__(self, gates: tuple[Gate, ...], lens: Lens | None = None) -> None:
        """Nobody has been seen yet.

        Args:
            gates: The gates.
            lens: The camera's, if it is known: a straight line of the floor is bent in the
                picture, and people are where they stand, not where they seem to.
        """
        self._lens = lens
        self._states = []
        for gate in gates:
            ends = np.array([gate.start, gate.end], float)
            ends = lens.undistort(ends) if lens else ends
            self._states.append(_GateState(gate, ends[0], ends[1]))

    def update(self, tracks: Tracks) -> list[Passage]:
        """Take the next frame's tracks; returns the passages that are now certain."""
        height, width = tracks.frame.image.shape[:2]
        people = self._feet(tracks, width, height)
        passages = []
        for state in self._states:
            for person, foot in people.items():
                distance, along = _place(state, foot, width, height)
                band = BAND_REL * float(np.hypot(width, height))
                side = 0 if abs(distance) < band else int(np.sign(distance))
                walker = state.walkers.setdefault(person, _Walker())
                walker.within |= side == 0 and -_BESIDE <= along <= 1 + _BESIDE
                passed = _settle(walker, side, tracks.frame.time, -_BESIDE <= along <= 1 + _BESIDE)
                if passed:
                    event: Event = "entry" if passed > 0 else "exit"
                    passages.append(Passage(walker.since, event, state.gate, person))
            passages += self._gone(state, tracks.frame.time, set(people))
        return passages

    def _feet(self, tracks: Tracks, width: int, height: int) -> dict[int, NDArray[np.float64]]:
        """Place everybody who is seen well; a weak box keeps a track, it moves nobody."""
        ids, scores = tracks.people.tracker_id, tracks.people.confidence
        if ids is None:
            return {}
        sure = np.ones(len(ids), bool) if scores is None else scores >= _SURE
        feet = foot_points(tracks.people.xyxy, width)
        if self._lens:
            size = np.array([width, height])
            feet = self._lens.undistort(feet / size) * size
        return {int(i): foot for i, foot, ok in zip(ids, feet, sure, strict=True) if ok}

    def finish(self, time: float) -> list[Passage]:
        """End the source: whoever left the picture on the far side has passed."""
        return [p for state in self._states for p in self._gone(state, time + _FORGET_S, set())]

    def _gone(self, state: _GateState, time: float, present: set[int]) -> list[Passage]:
        """Settle people who vanished before the far side was certain, and forget the old."""
        passages = []
        for person, walker in list(state.walkers.items()):
            if person in present:
                continue
            unproven = walker.candidate == -walker.side != 0 and walker.within
            if unproven and time - walker.seen > SETTLE_S:
                event: Event = "entry" if walker.candidate > 0 else "exit"
                passages.append(Passage(walker.since, event, state.gate, person))
                walker.side = walker.candidate
            if time - walker.seen >= _FORGET_S:
                del state.walkers[person]
        return passages


def foot_points(boxes: NDArray[Any], width: int) -> NDArray[np.float64]:
    """Return where people stand: the middle of each box's lower edge.

    A box that the picture's left or right edge cuts hides a part of its person; the
    middle moves outward by a twentieth of the height, about half a shoulder.

    Args:
        boxes: N×4 (x1, y1, x2, y2) pixels.
        width: Of the picture, in pixels.

    Returns:
        float64 N×2 pixels.
    """
    hidden = 0.05 * (boxes[:, 3] - boxes[:, 1])
    shift = hidden * (boxes[:, 2] >= width - _EDGE_PX) - hidden * (boxes[:, 0] <= _EDGE_PX)
    return np.stack([(boxes[:, 0] + boxes[:, 2]) / 2 + shift, boxes[:, 3]], 1).astype(np.float64)


def _place(
    state: _GateState, foot: NDArray[np.float64], width: int, height: int
) -> tuple[float, float]:
    """Place a foot point: signed distance in pixels (positive is inside), share along the gate."""
    size = np.array([width, height])
    start, end = state.start * size, state.end * size
    line = end - start
    length = float(np.hypot(*line))
    normal = inward(line, state.gate.inside)
    offset = foot - start
    return float(offset @ normal), float(offset @ line) / length**2


def _settle(walker: _Walker, side: int, time: float, between: bool) -> int:
    """Debounce one walker; returns the new side when a passage has become certain, else 0."""
    walker.seen = time
    if side == 0:
        return 0
    if walker.side == 0:  # where somebody is first seen needs no proof, leaving it does
        walker.side = walker.candidate = side
        return 0
    if side != walker.candidate:
        walker.candidate, walker.since = side, time
        walker.within = walker.within or between
    if side == walker.side or time - walker.since < SETTLE_S - 1e-6:
        return 0
    walker.side = side
    passed_between, walker.within = walker.within, False
    return side if passed_between else 0
