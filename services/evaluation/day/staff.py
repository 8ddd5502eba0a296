"""What staff do at the rooms of a simulated day: bring, clear, and carry armfuls through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from services.evaluation.day.habits import Article, Habits
from services.evaluation.day.party import CLEAR_SHARE, Counters
from services.evaluation.day.world import STAFF, Action, Day, Garment, TrueCrossing, Truth

#: Seconds from a request to its delivery, at the least and at the most.
_DELIVERY_S: Final = (60.0, 240.0)
#: How often staff look at a room in which something was left, seconds.
_ROUND_S: Final = (120.0, 900.0)
_INSIDE_S: Final = 8.0
_ARMFUL: Final = 10


def draw_deliveries(
    day: Day,
    habits: Habits,
    articles: Sequence[Article],
    rng: np.random.Generator,
    counters: Counters,
) -> None:
    """Let staff bring what was asked for, where the shopper is still there."""
    truth, category = Truth(day), {article.sku: article.category for article in articles}
    for asked in [action for action in day.actions if action.kind == "request"]:
        time = asked.time + float(rng.uniform(*_DELIVERY_S))
        if truth.at(asked.room, time).party != asked.party:
            continue
        garment = _garment(day, counters, rng, asked.sku, category[asked.sku], asked.party)
        staff, room = counters.next("person"), asked.room
        crosses = bool(rng.random() >= habits.handed_in)
        day.actions.append(Action(time + 3, "deliver", room, asked.party, asked.sku))
        day.true_crossings.append(
            TrueCrossing(time, "entry", room, STAFF, staff, (garment,), crosses=crosses)
        )
        out = TrueCrossing(time + _INSIDE_S, "exit", room, STAFF, staff, (), True, crosses)
        day.true_crossings.append(out)
        _carry_out(day, asked.party, room, garment, time)


def _carry_out(day: Day, party: int, room: str, garment: int, after: float) -> None:
    """Let the shopper's last way out of the room take along what was brought."""
    outs = [
        place
        for place, one in enumerate(day.true_crossings)
        if (one.party, one.room, one.event) == (party, room, "exit") and one.time > after
    ]
    if outs:
        place = max(outs, key=lambda n: day.true_crossings[n].time)
        one = day.true_crossings[place]
        day.true_crossings[place] = replace(one, garments=(*one.garments, garment))


def draw_clearings(
    day: Day,
    habits: Habits,
    articles: Sequence[Article],
    rng: np.random.Generator,
    counters: Counters,
) -> None:
    """Let staff clear rooms in which something was left, and carry armfuls through others."""
    truth = Truth(day)
    for room in day.rooms:
        cleared_at, cleared = 0.0, set[int]()
        for state in truth.states(room):
            left = state.inside - state.right - cleared
            if not left or state.party is not None or state.time < cleared_at:
                continue
            time = state.time + float(rng.uniform(*_ROUND_S))
            time = _free_moment(truth, room, time)
            cleared_at = time + _INSIDE_S
            gone = truth.at(room, time).inside - cleared
            cleared |= gone
            staff = counters.next("person")
            day.true_crossings += [
                TrueCrossing(time, "entry", room, STAFF, staff),
                TrueCrossing(cleared_at, "exit", room, STAFF, staff, tuple(sorted(gone)), True),
            ]
            day.actions.append(Action(cleared_at, "check", room, STAFF))
    for _ in range(habits.armful):
        room = str(rng.choice(day.rooms))
        time = _free_moment(truth, room, float(rng.uniform(day.opens + 600, day.closes - 600)))
        armful = [
            _garment(day, counters, rng, articles[n].sku, articles[n].category, STAFF)
            for n in rng.integers(0, len(articles), _ARMFUL).tolist()
        ]
        staff = counters.next("person")
        day.true_crossings += [
            TrueCrossing(time, "entry", room, STAFF, staff, tuple(armful)),
            TrueCrossing(time + _INSIDE_S, "exit", room, STAFF, staff, tuple(armful), True),
        ]


def _free_moment(truth: Truth, room: str, time: float) -> float:
    """Return the first moment from a time on at which nobody is in a room for a while."""
    states = truth.states(room)
    for number, state in enumerate(states):
        ends = states[number + 1].time if number + 1 < len(states) else float("inf")
        at = max(time, state.time + 2.0)
        if state.party is None and not state.right and at + _INSIDE_S + 2.0 < ends:
            return at
    raise AssertionError("after the last state nobody comes any more")


def _garment(
    day: Day,
    counters: Counters,
    rng: np.random.Generator,
    sku: str,
    category: str,
    owner: int,
) -> int:
    number = counters.next("garment")
    clear = bool(rng.random() < CLEAR_SHARE)
    day.garments[number] = Garment(number, sku, category, owner, clear)
    return number
