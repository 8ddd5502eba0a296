"""Whether a shopper comes back to her room, or has moved to another one.

A shopper who is out for more leaves garments in the room; one who moves carries the same articles
out of one room and into another. Neither is certain enough to show again what the screen had
hidden, unless several articles agree.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from services.visits.parameters import Parameters


@dataclass(frozen=True)
class Ended:
    """A visit that has ended.

    Attributes:
        visit: Its number.
        room: Its room.
        closed_at: Seconds since the epoch.
        returns: Probability that its shopper was only out for more (`probability_of_trip`).
        carried_out: Articles that she was seen to carry out.
    """

    visit: int
    room: str
    closed_at: float
    returns: float = 0.0
    carried_out: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Origin:
    """Where a shopper who goes into an empty room comes from, with its probability."""

    kind: Literal["returned", "moved"]
    ended: Ended
    probability: float


def probability_of_trip(garments: int, carried: int, parameters: Parameters) -> float:
    """Return the probability that the last one who leaves is only out for more.

    Args:
        garments: How many her visit had in the room.
        carried: How many of them she was seen to carry out.
        parameters: By which visits are inferred.
    """
    p = parameters
    trip = _binomial(carried, garments, p.returned * p.seen_out)
    end = _binomial(carried, garments, p.seen_out) * (1 - p.leaves)
    end += _binomial(carried, garments, p.seen_out * 0.5) * p.leaves
    return p.trips * trip / (p.trips * trip + (1 - p.trips) * end)


def _binomial(found: int, of: int, share: float) -> float:
    found = min(found, of)
    return math.comb(of, found) * share**found * (1 - share) ** (of - found)


def find_origin(
    room: str,
    time: float,
    carried: Collection[str],
    ended: Iterable[Ended],
    parameters: Parameters,
) -> Origin | None:
    """Find where a shopper comes from who goes into an empty room; None for a new one.

    Args:
        room: The room.
        time: When she goes in, seconds since the epoch.
        carried: Articles that she carries in.
        ended: Visits that ended lately, of all rooms.
        parameters: By which visits are inferred.
    """
    found = []
    for one in ended:
        if one.room == room:
            probability = probability_of_return(one, time, parameters)
            found.append(Origin("returned", one, probability))
        elif shared := one.carried_out & frozenset(carried):
            probability = probability_of_move(len(shared), len(one.carried_out), parameters)
            if 0 <= time - one.closed_at <= parameters.move_s:
                found.append(Origin("moved", one, probability))
    best = max(found, key=lambda origin: origin.probability, default=None)
    return best if best and best.probability >= 0.5 else None


def probability_of_return(ended: Ended, time: float, parameters: Parameters) -> float:
    """Return the probability that an entry is the shopper's whose visit ended before."""
    gap = time - ended.closed_at
    if not 0 <= gap <= parameters.trip_s:
        return 0.0
    hers = ended.returns / parameters.trip_s
    others = (1 - ended.returns) * math.exp(-gap / parameters.idle_s) / parameters.idle_s
    return hers / (hers + others)


def probability_of_move(shared: int, carried: int, parameters: Parameters) -> float:
    """Return the probability that who carries the same articles into another room is the same.

    Args:
        shared: Articles that went out of the one room and into the other.
        carried: Articles that went out of the one.
        parameters: By which visits are inferred.
    """
    p = parameters
    same = p.moves / p.move_s
    alike = math.comb(max(carried, shared), shared) * p.same_article**shared
    return same / (same + alike / p.arrival_s)
