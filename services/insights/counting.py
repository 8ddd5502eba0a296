"""Which recorded visits count, which are uncertain, and what was tried and bought in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.visits.parameters import PARAMETERS
from store.feedback import keys_of
from store.observations import SOLD_WITHIN_S, Observed, Sold

#: The end of a visit that cameras, or the shopper, reported.
_REPORTED: Final = "left"
#: The end of a visit that the next person's entry implies.
_NEXT: Final = "next"
#: The end of a visit in which nothing happened for long.
_QUIET: Final = "quiet"


@dataclass(frozen=True)
class Purchases:
    """Colourways that a visit tried and that were sold afterwards.

    Attributes:
        likely: Those that count for this visit.
        surely: Those of which no other visit can have bought all that were sold.
        perhaps: Those that this visit can have bought.
    """

    likely: set[int] = field(default_factory=set)
    surely: set[int] = field(default_factory=set)
    perhaps: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Counted:
    """A visit that counts.

    Attributes:
        visit: As it was recorded.
        uncertain: Its beginning or its end was inferred, not reported.
        purchases: Colourways of it that were sold afterwards.
    """

    visit: Observed
    uncertain: bool
    purchases: Purchases

    @property
    def bought(self) -> frozenset[int]:
        """Colourways that it bought, as far as receipts show."""
        return frozenset(self.purchases.likely)

    @property
    def tried(self) -> frozenset[int]:
        """Colourways that went into the room: carried in and recognised, or delivered."""
        carried = {g.colourway for g in self.visit.garments if not g.disowned}
        return self.delivered | {key for key in carried if key is not None}

    @property
    def delivered(self) -> frozenset[int]:
        """Colourways that staff brought."""
        done = (request.colourway for request in self.visit.requests if request.state == "done")
        return frozenset(key for key in done if key is not None)

    def outfits_with(self, articles: Collection[int]) -> frozenset[str]:
        """List the outfits that its screen showed and that hold one of some articles."""
        shown = {outfit for outfit, kind in self.visit.reactions if kind == "shown"}
        return frozenset(name for name in shown if not set(articles).isdisjoint(keys_of(name)))

    @property
    def stay_min(self) -> float | None:
        """Minutes from entry to exit; None where one of them was not reported."""
        end = self.visit.left_at or self.visit.closed_at
        return None if self.uncertain or end is None else (end - self.visit.opened_at) / 60

    @property
    def merged(self) -> float | None:
        """The probability that who came after this visit was the next shopper.

        Otherwise a person joined it, and it is one visit with the one that follows. None where
        its end was reported.
        """
        if self.visit.reason == _NEXT:
            return self.visit.next_probability
        quiet = self.visit.reason == _QUIET and self.visit.left_at is None
        return 1.0 if quiet else None


def count_visits(visits: Sequence[Observed], sales: Sequence[Sold]) -> list[Counted]:
    """Select the visits that count, and find what was bought after each.

    Who comes out again within seconds without asking for anything was no shopper: staff who look,
    clear or carry something through.
    """
    taken_over = {(v.room, v.hidden_at) for v in visits if v.hidden_at is not None}
    counted = [
        Counted(visit, _is_uncertain(visit, taken_over), Purchases())
        for visit in visits
        if not _is_brief(visit)
    ]
    match_sales(counted, sales)
    return counted


def _is_brief(visit: Observed) -> bool:
    if visit.closed_at is None or visit.reason != _REPORTED or visit.requests:
        return False
    return visit.closed_at - visit.opened_at <= PARAMETERS.brief_s


def _is_uncertain(visit: Observed, taken_over: set[tuple[str, float]]) -> bool:
    began_unsure = (visit.room, visit.opened_at) in taken_over
    ended_unsure = (
        visit.closed_at is not None and visit.reason != _REPORTED and visit.left_at is None
    )
    return began_unsure or ended_unsure or visit.hidden_at is not None or not visit.room


def match_sales(visits: Iterable[Counted], sales: Iterable[Sold]) -> None:
    """Match sold articles with the visits in which they were tried, and note their purchases.

    Receipts name no room. Each piece that is sold counts for one visit: of those that tried the
    article and were not over for longer than two hours, the last one to begin.
    """
    trying: dict[int, list[Counted]] = defaultdict(list)
    for counted in visits:
        for key in counted.tried:
            trying[key].append(counted)
    for sale in sorted(sales, key=lambda one: one.time):
        key = sale.colourway
        able = [counted for counted in trying[key] if _can_have_bought(counted.visit, sale)]
        free = [counted for counted in able if key not in counted.bought]
        for counted in able:
            counted.purchases.perhaps.add(key)
            if len(able) <= sale.quantity:
                counted.purchases.surely.add(key)
        latest = sorted(free, key=lambda c: (c.visit.opened_at, c.visit.id), reverse=True)
        for counted in latest[: sale.quantity]:
            counted.purchases.likely.add(key)


def _can_have_bought(visit: Observed, sale: Sold) -> bool:
    until = (visit.closed_at or sale.time) + SOLD_WITHIN_S
    return visit.opened_at <= sale.time <= until
