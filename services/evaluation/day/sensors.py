"""What sensors at the rooms report of a simulated day: late, and not always.

How people use doors and curtains is assumed, as are the sensors' errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Final

import numpy as np

from common.sensor import STATES_OF, Kind, Signal
from services.evaluation.day.world import STAFF, Day, Truth

#: A person who walks through opens the door so long before, and closes it so long after, seconds.
_AHEAD_S: Final = 1.0
_CLOSES_S: Final = (1.0, 4.0)
#: A garment is handed in through the open door for so long.
_HANDED_IN_S: Final = 8.0
#: No shopper looks out so shortly after going in or before leaving.
_BUSY_S: Final = 8.0

Span = tuple[float, float]


@dataclass(frozen=True)
class SensorHabits:
    """How doors are used, and how sensors err.

    Attributes:
        closes: Share of those who go in, or leave others inside, who close the door behind them.
        leaves_open: Share of those who leave a room empty and its door open.
        idle_openings: Openings of the door during a stay without a crossing (Poisson's mean), and
            `idle_opening_s` how long they last in the mean, beyond two seconds (exponential).
        missed: Share of the changes that are not reported.
        delay_s: Mean of what is beyond the shortest delay of a report, `least_delay_s`.
        false_free: Share of stays in which an occupancy sensor reports the room as free, because
            she does not move; and `holds_s` for how long it reports an empty room as occupied.
    """

    closes: float = 0.9
    leaves_open: float = 0.8
    idle_openings: float = 0.25
    idle_opening_s: float = 6.0
    missed: float = 0.02
    least_delay_s: float = 0.2
    delay_s: float = 0.6
    false_free: float = 0.05
    holds_s: float = 15.0


def draw_signals(
    day: Day, kind: Kind, seed: int, habits: SensorHabits | None = None
) -> list[Signal]:
    """Draw what a sensor at each room reports.

    Args:
        day: What really happens.
        kind: Of the sensors.
        seed: The same one gives the same signals.
        habits: How doors are used, and how sensors err.
    """
    habits, rng = habits or SensorHabits(), np.random.default_rng([seed, 4])
    truth = Truth(day)
    found: list[Signal] = []
    for room in day.rooms:
        if kind == "contact":
            active = _open_spans(_door_uses(day, truth, room, habits, rng))
        else:
            active = _occupied_spans(truth, room, habits, rng)
        found += _report(room, kind, active, habits, rng)
    return sorted(found, key=lambda signal: signal.time)


def _report(
    room: str, kind: Kind, active: Iterable[Span], habits: SensorHabits, rng: np.random.Generator
) -> Iterator[Signal]:
    for span in active:
        for time, state in zip(span, STATES_OF[kind], strict=True):
            delay = habits.least_delay_s + float(rng.exponential(habits.delay_s))
            if time < inf and rng.random() >= habits.missed:
                yield Signal(time + delay, room, state)


def _door_uses(
    day: Day, truth: Truth, room: str, habits: SensorHabits, rng: np.random.Generator
) -> list[Span]:
    """List from when until when a person holds the door open; without an end it stays open."""
    uses: list[Span] = []
    for crossing in (one for one in day.true_crossings if one.room == room):
        if not crossing.crosses:  # handed in, and the staff's way out is no use of the door
            if crossing.event == "entry":
                uses.append((crossing.time - _AHEAD_S, crossing.time + _HANDED_IN_S))
            continue
        after = truth.at(room, crossing.time)
        empty = crossing.event == "exit" and after.party is None
        closes = rng.random() < (1 - habits.leaves_open if empty else habits.closes)
        ends = crossing.time + float(rng.uniform(*_CLOSES_S)) if closes else inf
        uses.append((crossing.time - _AHEAD_S, ends))
    idle = (_idle_openings(stay, habits, rng) for stay in _stays(truth, room))
    return uses + [span for spans in idle for span in spans]


def _stays(truth: Truth, room: str) -> Iterator[Span]:
    """Yield from when until when one party is in a room, between its crossings."""
    for state, following in pairwise(truth.states(room)):
        if state.party not in (None, STAFF):
            yield state.time, following.time


def _idle_openings(stay: Span, habits: SensorHabits, rng: np.random.Generator) -> Iterator[Span]:
    start, end = stay[0] + _BUSY_S, stay[1] - _BUSY_S
    share = max(0.0, end - start) / 420.0  # of a stay of usual length
    for _ in range(rng.poisson(habits.idle_openings * share)):
        at = float(rng.uniform(start, end))
        yield at, min(end, at + 2.0 + float(rng.exponential(habits.idle_opening_s)))


def _open_spans(uses: Iterable[Span]) -> list[Span]:
    """Join the uses of a door to spans in which it is open; the next person may close it."""
    spans: list[Span] = []
    for start, end in sorted(uses):
        if spans and start <= spans[-1][1]:
            before, until = spans[-1]
            spans[-1] = before, end if until == inf else max(until, end)
        else:
            spans.append((start, end))
    return spans


def _occupied_spans(
    truth: Truth, room: str, habits: SensorHabits, rng: np.random.Generator
) -> list[Span]:
    spans: list[Span] = []
    for start, end in _stays(truth, room):
        if rng.random() < habits.false_free and end - start > 4 * habits.holds_s:
            at = float(rng.uniform(start + habits.holds_s, end - 2 * habits.holds_s))
            spans += [(start, at), (at + float(rng.uniform(2, habits.holds_s)), end)]
        else:
            spans.append((start, end))
    held: list[Span] = []
    for start, end in spans:
        if held and start <= held[-1][1]:
            held[-1] = held[-1][0], end + habits.holds_s
        else:
            held.append((start, end + habits.holds_s))
    return held
