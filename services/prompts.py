"""Decide which garments staff are asked to check for: those that were probably left in a room."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Final

from store import Session, left_behind, visits
from store.schema import VisitItem

#: A shopper who is out for more comes back within this time; before, nothing was left behind.
RETURNS_S: Final = 300.0
#: At most three checks in vain for each garment that is found.
THRESHOLD: Final = 0.25
#: Logistic regression on 831 garments of the simulated days 100 to 111: the intercept, and a
#: coefficient for each of `Signs`.
_INTERCEPT: Final = -2.522
_COEFFICIENTS: Final = (0.707, 0.773, -0.325, 0.93, -3.279, 0.21)


@dataclass(frozen=True)
class Signs:
    """Features of a garment that was not seen coming out.

    Attributes:
        seen: Whether the last one of its visit was seen coming out.
        none: Whether she was seen without any garment then.
        garments: Logarithm of the number of garments of the visit.
        none_of_several: The same, where she was seen without any; else 0.
        twice: Whether a garment of the same article was seen coming out: it was counted twice.
        later: Whether others have been in the room since.
    """

    seen: bool
    none: bool
    garments: float
    none_of_several: float
    twice: bool
    later: bool


def list_prompts(session: Session, now: float, threshold: float = THRESHOLD) -> list[VisitItem]:
    """List the garments that staff are asked to check for, those of the newest visits first.

    A room that is occupied is not checked, and a shopper who is out for more has left nothing.

    Args:
        session: A read session.
        now: Seconds since the epoch.
        threshold: Least probability that a garment is in the room.
    """
    occupied = {visit.room for visit in visits.all_open(session)}
    left = [
        item
        for item in left_behind.list_left_behind(session, now)
        if item.visit.room not in occupied and (item.visit.closed_at or now) <= now - RETURNS_S
    ]
    reasons = left_behind.ends_of(session, {item.visit_id for item in left})
    last = left_behind.last_visits(session, {item.visit.room for item in left})
    return [
        item
        for item in left
        if probability(
            read_signs(item, reasons.get(item.visit_id, ""), last[item.visit.room] > item.visit_id)
        )
        >= threshold
    ]


def read_signs(item: VisitItem, reason: str, later: bool) -> Signs:
    """Read the signs of a garment from its visit.

    Args:
        item: The garment.
        reason: Why its visit ended.
        later: Whether there was another visit to the room since.
    """
    garments = [other for other in item.visit.items if other.state != "not_mine"]
    out = [other for other in garments if other.state == "out"]
    seen = reason == "left"
    none, size = seen and not out, math.log(len(garments))
    twice = any(other.colourway_id == item.colourway_id for other in out)
    return Signs(seen, none, size, size if none else 0.0, twice, later)


def probability(signs: Signs) -> float:
    """Return the probability that a garment with these signs is in the room."""
    values: Iterable[float] = map(float, astuple(signs))
    total = _INTERCEPT + sum(c * v for c, v in zip(_COEFFICIENTS, values, strict=True))
    return 1 / (1 + math.exp(-total))
