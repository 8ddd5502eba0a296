"""Draw a day: who comes when, with what, and what they do in the rooms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from services.evaluation.day.habits import BY_HOUR, Article, Habits
from services.evaluation.day.party import Counters, Visitors
from services.evaluation.day.staff import draw_clearings, draw_deliveries
from services.evaluation.day.world import STAFF, Action, Day, Truth

#: From the gate until a shopper has read and tapped the screen, seconds.
_CLAIM_S: Final = (8.0, 25.0)


def draw_day(
    habits: Habits, articles: Sequence[Article], seed: int, opens: float = 1_000_000_000.0
) -> Day:
    """Draw a day.

    Args:
        habits: How people behave.
        articles: Of the shop.
        seed: The same one gives the same day.
        opens: When the shop opens, seconds since the epoch.
    """
    rng = np.random.default_rng([seed, 1])
    rooms = tuple(str(number + 1) for number in range(habits.rooms))
    day = Day(opens, opens + 3600.0 * len(BY_HOUR), rooms)
    counters = Counters()
    free = dict.fromkeys(rooms, opens)
    visitors = Visitors(day, habits, articles, rng, counters, free)
    for arrival in _arrivals(habits, day, rng):
        visitors.visit(arrival)
    truth = Truth(day)  # who is out for more just then asks for nothing
    day.actions = [a for a in day.actions if truth.at(a.room, a.time).party == a.party]
    draw_deliveries(day, habits, articles, rng, counters)
    draw_clearings(day, habits, articles, rng, counters)
    day.true_crossings.sort(key=lambda p: p.time)
    day.actions.sort(key=lambda a: a.time)
    day.closes = max([day.closes, *(p.time for p in day.true_crossings)]) + 60.0
    return day


def draw_claims(day: Day, habits: Habits, rooms: Sequence[str], seed: int) -> list[Action]:
    """Draw when shoppers say that the garments that wait for their room are theirs.

    Args:
        day: The day.
        habits: How people behave.
        rooms: Those behind a gate to several rooms.
        seed: The same one gives the same actions.
    """
    rng = np.random.default_rng([seed, 6])
    return [
        Action(one.time + float(rng.uniform(*_CLAIM_S)), "claim", one.room, one.party)
        for one in day.true_crossings
        if one.room in rooms and one.event == "entry" and one.garments and one.party != STAFF
        if rng.random() < habits.claims
    ]


def _arrivals(habits: Habits, day: Day, rng: np.random.Generator) -> list[float]:
    hours = rng.choice(len(BY_HOUR), habits.visits, p=BY_HOUR)
    return sorted((day.opens + 3600.0 * (hours + rng.random(habits.visits))).tolist())
