"""Who walks where with what: the script of a made-up clip, and the truth that follows from it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from models.simulation.cutout import Cutout
from models.simulation.figure import Look
from models.training.scenes.photographed import Photographed

#: Picture size in pixels and frames a second of every clip.
SIZE = (960, 540)
RATE = 10
#: Where the gate stands, relative; inside is to the right.
GATE_X = 0.66
#: Somebody counts as through when on the far side for at least this long, in seconds.
_THROUGH_S = 0.5
_SPEED = 0.172


@dataclass(frozen=True)
class Carried:
    """A garment in somebody's hand, from a time to another; `hand` 0 is the near one."""

    garment: Cutout
    hand: int = 0
    since: float = -math.inf
    until: float = math.inf

    def at(self, time: float) -> bool:
        """Check whether it is carried at a time."""
        return self.since <= time < self.until


@dataclass(frozen=True)
class Walk:
    """Somebody's way through the picture.

    Attributes:
        path: (time in seconds, x relative to the picture's width), times rising; between
            them they walk straight, before and after they are not there.
        actor: A drawn person by their look, or a photographed one.
        carries: Garments in their hands.
        depth: Higher stands further back and smaller, 0 to 1.
    """

    path: tuple[tuple[float, float], ...]
    actor: Look | Photographed
    carries: tuple[Carried, ...] = ()
    depth: float = 0.0

    def x(self, time: float) -> float | None:
        """Where they are, relative; None when not there."""
        for (t0, x0), (t1, x1) in itertools.pairwise(self.path):
            if t0 <= time <= t1:
                return x0 + (x1 - x0) * (time - t0) / max(t1 - t0, 1e-9)
        return None

    def travelled(self, time: float) -> float:
        """How far they have walked, in picture widths."""
        total = 0.0
        for (t0, x0), (t1, x1) in itertools.pairwise(self.path):
            share = min(max((time - t0) / max(t1 - t0, 1e-9), 0.0), 1.0)
            total += abs(x1 - x0) * share
        return total

    def inward(self, time: float) -> bool:
        """Whether they face the rooms; standing, they face where they last went."""
        facing = self.path[-1][1] > self.path[0][1]
        for (t0, x0), (_, x1) in itertools.pairwise(self.path):
            if t0 <= time and x0 != x1:
                facing = x1 > x0
        return facing


def hold(*garments: Cutout) -> tuple[Carried, ...]:
    """Carry garments all the way, hand by hand."""
    return tuple(Carried(garment, number % 2) for number, garment in enumerate(garments))


def straight(
    start: float,
    actor: Look | Photographed,
    carries: tuple[Carried, ...] = (),
    inward: bool = True,
    depth: float = 0.0,
    speed: float = _SPEED,
) -> Walk:
    """Walk straight through the picture from a time on; `speed` in widths a second."""
    way = (-0.12, 1.2) if inward else (1.12, -0.2)
    return Walk(((start, way[0]), (start + 1.32 / speed, way[1])), actor, carries, depth)


def crossings(walk: Walk) -> list[tuple[float, str]]:
    """List when a walk passes the gate for good, in seconds, and whether `entry` or `exit`."""
    found: list[tuple[float, str]] = []
    for (t0, x0), (t1, x1) in itertools.pairwise(walk.path):
        if (x0 - GATE_X) * (x1 - GATE_X) < 0:
            time = t0 + (t1 - t0) * (GATE_X - x0) / (x1 - x0)
            event = "entry" if x1 > x0 else "exit"
            if found and time - found[-1][0] < _THROUGH_S:
                found.pop()  # back before anybody could say they were through
            else:
                found.append((time, event))
    return found


def truth_of(walks: Iterable[Walk]) -> dict[str, Any]:
    """Return the events of a clip as its truth file has them."""
    events = [
        {
            "time": round(time, 2),
            "event": event,
            "person": number,
            "garments": [
                {"sku": c.garment.sku, "category": c.garment.category}
                for c in walk.carries
                if c.at(time)
            ],
        }
        for number, walk in enumerate(walks)
        for time, event in crossings(walk)
    ]
    return {
        "fps": RATE,
        "size": list(SIZE),
        "gate": {"from": [GATE_X, 0.5], "to": [GATE_X, 1.0], "in": "right"},
        "events": sorted(events, key=lambda event: float(str(event["time"]))),
    }
