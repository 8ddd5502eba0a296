"""From tracks to gate crossings: a person's foot point passes a gate."""

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

#: Least time of a foot point on a side before that side counts, seconds.
SETTLE_S = 0.2
#: Half the width of the dead band along the gate, as a share of the picture's diagonal.
BAND_REL = 0.006
#: How far beyond the gate's ends a crossing still counts, as a share of the gate's length.
_BEYOND = 0.15
_FORGET_S = 5.0
_EDGE_PX = 3
_MIN_CONFIDENCE = 0.4


@dataclass(frozen=True)
class GateCrossing:
    """One person passing one gate.

    Attributes:
        time: When the foot point reached the far side, on the source's clock.
        event: `entry` or `exit`.
        gate: The gate.
        person: The person's track id.
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
    between_ends: bool = False


@dataclass
class _GateState:
    gate: Gate
    #: The gate's ends, relative, as a lens without distortion shows them.
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    walkers: dict[int, _Walker] = field(default_factory=dict)


class GateMonitor:
    """Detects crossings of all gates of one camera."""

    def __init__(self, gates: tuple[Gate, ...], lens: Lens | None = None) -> None:
        """Start without people.

        Args:
            gates: The camera's gates.
            lens: The camera's lens, if calibrated: its distortion bends straight lines, so gates
                and foot points are compared undistorted.
        """
        self._lens = lens
        self._states = []
        for gate in gates:
            ends = np.array([gate.start, gate.end], float)
            ends = lens.undistort(ends) if lens else ends
            self._states.append(_GateState(gate, ends[0], ends[1]))

    def update(self, tracks: Tracks) -> list[GateCrossing]:
        """Process the next frame's tracks; returns the crossings that are now certain."""
        height, width = tracks.frame.image.shape[:2]
        people = self._foot_points(tracks, width, height)
        crossings = []
        for state in self._states:
            for person, foot in people.items():
                distance, along = _position(state, foot, width, height)
                band = BAND_REL * float(np.hypot(width, height))
                side = 0 if abs(distance) < band else int(np.sign(distance))
                walker = state.walkers.setdefault(person, _Walker())
                walker.between_ends |= side == 0 and -_BEYOND <= along <= 1 + _BEYOND
                passed = _settle(walker, side, tracks.frame.time, -_BEYOND <= along <= 1 + _BEYOND)
                if passed:
                    event: Event = "entry" if passed > 0 else "exit"
                    crossings.append(GateCrossing(walker.since, event, state.gate, person))
            crossings += self._gone(state, tracks.frame.time, set(people))
        return crossings

    def _foot_points(
        self, tracks: Tracks, width: int, height: int
    ) -> dict[int, NDArray[np.float64]]:
        """Return the foot points of confident detections by track id; weak ones are ignored."""
        ids, scores = tracks.people.tracker_id, tracks.people.confidence
        if ids is None:
            return {}
        confident = np.ones(len(ids), bool) if scores is None else scores >= _MIN_CONFIDENCE
        feet = foot_points(tracks.people.xyxy, width)
        if self._lens:
            size = np.array([width, height])
            feet = self._lens.undistort(feet / size) * size
        return {int(i): foot for i, foot, ok in zip(ids, feet, confident, strict=True) if ok}

    def finish(self, time: float) -> list[GateCrossing]:
        """End the source; a person who left the picture on the far side has crossed."""
        return [p for state in self._states for p in self._gone(state, time + _FORGET_S, set())]

    def _gone(self, state: _GateState, time: float, present: set[int]) -> list[GateCrossing]:
        """Decide for people who left before the far side was certain; drop old ones."""
        crossings = []
        for person, walker in list(state.walkers.items()):
            if person in present:
                continue
            unproven = walker.candidate == -walker.side != 0 and walker.between_ends
            if unproven and time - walker.seen > SETTLE_S:
                event: Event = "entry" if walker.candidate > 0 else "exit"
                crossings.append(GateCrossing(walker.since, event, state.gate, person))
                walker.side = walker.candidate
            if time - walker.seen >= _FORGET_S:
                del state.walkers[person]
        return crossings


def foot_points(boxes: NDArray[Any], width: int) -> NDArray[np.float64]:
    """Return where people stand: the centre of each box's lower edge.

    A box at the picture's left or right edge shows a part of its person only; its centre moves
    outward by a twentieth of the height, about half a shoulder.

    Args:
        boxes: N×4 (x1, y1, x2, y2) pixels.
        width: Of the picture, in pixels.

    Returns:
        float64 N×2 pixels.
    """
    hidden = 0.05 * (boxes[:, 3] - boxes[:, 1])
    shift = hidden * (boxes[:, 2] >= width - _EDGE_PX) - hidden * (boxes[:, 0] <= _EDGE_PX)
    return np.stack([(boxes[:, 0] + boxes[:, 2]) / 2 + shift, boxes[:, 3]], 1).astype(np.float64)


def _position(
    state: _GateState, foot: NDArray[np.float64], width: int, height: int
) -> tuple[float, float]:
    """Return a foot point's signed distance (pixels, positive inside) and share along the gate."""
    size = np.array([width, height])
    start, end = state.start * size, state.end * size
    line = end - start
    length = float(np.hypot(*line))
    normal = inward(line, state.gate.inside)
    offset = foot - start
    return float(offset @ normal), float(offset @ line) / length**2


def _settle(walker: _Walker, side: int, time: float, between: bool) -> int:
    """Debounce one walker; returns the new side when a crossing has become certain, else 0."""
    walker.seen = time
    if side == 0:
        return 0
    if walker.side == 0:  # the first side counts at once
        walker.side = walker.candidate = side
        return 0
    if side != walker.candidate:
        walker.candidate, walker.since = side, time
        walker.between_ends = walker.between_ends or between
    if side == walker.side or time - walker.since < SETTLE_S - 1e-6:
        return 0
    walker.side = side
    passed, walker.between_ends = walker.between_ends, False
    return side if passed else 0
