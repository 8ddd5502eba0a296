"""How shoppers and staff behave on a simulated day.

It is assumed, not measured: no shop's records are public. Each number has a name
here, so that a shop that knows its own can put it in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: Share of the day's parties that come in each hour from the opening on.
BY_HOUR: Final = (0.04, 0.07, 0.10, 0.11, 0.10, 0.09, 0.11, 0.14, 0.14, 0.10)


@dataclass(frozen=True)
class Article:
    """An article of the simulated shop: its SKU and its category."""

    sku: str
    category: str


@dataclass(frozen=True)
class Habits:
    """How shoppers and staff behave.

    Attributes:
        rooms: Number of rooms.
        visits: Parties of a day.
        stay_min: Median stay in minutes, and `stay_sigma` of its logarithm (log-normal).
        garments: Mean garments of a party beyond the first (Poisson), eight at the most.
        own: Share of garments that are the shopper's own, carried in the hand.
        companion: Share of parties of two; `late`, of those, comes minutes later.
        second_trip: Share of parties of whom somebody goes out for more and comes back.
        moves: Share of parties that change rooms.
        leaves: Share of parties that leave something behind; everything in one case of four.
        requests: Share of parties that ask for an article on the screen.
        finishes: Share of parties that tap "Finish" when they leave.
        claims: Share of those who carry garments through a gate to several rooms and say on their
            room's screen that these are theirs.
        handed_in: Share of deliveries that are handed in at the gate and cross no line.
        armful: Staff who carry ten articles through a room's gate and out again, a day.
    """

    rooms: int = 5
    visits: int = 120
    stay_min: float = 7.0
    stay_sigma: float = 0.6
    garments: float = 1.8
    own: float = 0.08
    companion: float = 0.25
    late: float = 0.4
    second_trip: float = 0.25
    moves: float = 0.03
    leaves: float = 0.12
    requests: float = 0.2
    finishes: float = 0.1
    claims: float = 0.8
    handed_in: float = 0.5
    armful: int = 6
