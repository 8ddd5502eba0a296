"""The figures of some visits: of a period, a day, a room, a weekday or an hour."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from services.insights.counting import Counted
from services.insights.estimates import Estimate, between, quantile, share, true_count
from services.insights.rates import Rates
from store.observations import Asked

#: Fewest visits behind a figure.
LEAST: Final = 5
_MEDIAN: Final = 0.5
_MOST: Final = 0.9


@dataclass(frozen=True)
class Measures:
    """The figures of some visits; None where fewer than five values stand behind one.

    Attributes:
        visits: How many there were.
        uncertain: Share of the recorded ones whose beginning or end was inferred.
        garments: How many garments went in.
        tried: Articles that went in, each counted once a visit.
        bought: How many of these were sold afterwards; `conversion` is their share of those that
            were recognised.
        stay_min: Median minutes of a visit, and `stay_p90_min` its 90 % quantile.
        requests: What shoppers asked for on the screen.
        delivered: How much of it staff brought, and `delivered_share`.
        declined: How much of it they could not bring, and `unanswered` where the visit ended first.
        response_s: Median seconds until staff reacted, and `response_p90_s`.
        delivery_s: Median seconds until the delivery, and `delivery_p90_s`.
        outfits_shown: Outfits on screens, each counted once a visit.
        outfits_opened: Of these, how many were opened, `outfits_asked` asked for an article of,
            `outfits_bought` had an article
            that was bought after the visit; and `opened_share`.
        unknown: Share of the garments that were not recognised.
        corrected: Share of the garments whose article a shopper or staff put right.
    """

    visits: Estimate
    uncertain: float
    garments: Estimate
    tried: Estimate
    bought: Estimate
    conversion: Estimate | None
    stay_min: Estimate | None
    stay_p90_min: Estimate | None
    requests: int
    delivered: int
    delivered_share: Estimate | None
    declined: int
    unanswered: int
    response_s: Estimate | None
    response_p90_s: Estimate | None
    delivery_s: Estimate | None
    delivery_p90_s: Estimate | None
    outfits_shown: int
    outfits_opened: int
    outfits_asked: int
    outfits_bought: Estimate
    opened_share: Estimate | None
    unknown: Estimate | None
    corrected: Estimate | None


def measure(visits: Sequence[Counted], rates: Rates) -> Measures:
    """Compute the figures of some visits."""
    garments = [garment for counted in visits for garment in counted.visit.garments]
    there = [garment for garment in garments if not garment.disowned]
    requests = [request for counted in visits for request in counted.visit.requests]
    stays = [stay for counted in visits if (stay := counted.stay_min) is not None]
    responses, deliveries = seconds_to_response(requests), seconds_to_delivery(requests)
    tried = sum(len(counted.tried) for counted in visits)
    bought = sum(len(counted.bought) for counted in visits)
    delivered = _in_state(requests, "done")
    unsure = sum(_in_state(c.visit.requests, "cancelled") for c in visits if c.uncertain)
    reactions = [(name, kind) for counted in visits for name, kind in set(counted.visit.reactions)]
    shown, opened, asked = (
        sum(kind == wanted for _, kind in reactions) for wanted in ("shown", "opened", "requested")
    )
    return Measures(
        visits=count_estimate(visits, rates),
        uncertain=sum(counted.uncertain for counted in visits) / len(visits) if visits else 0.0,
        garments=count_garments(visits, rates),
        tried=count_articles(visits, rates, lambda counted: counted.tried),
        bought=count_articles(visits, rates, lambda counted: counted.bought),
        conversion=enough(conversion(visits, tried, bought)),
        stay_min=enough(quantile(stays, _MEDIAN)),
        stay_p90_min=enough(quantile(stays, _MOST)),
        requests=len(requests),
        delivered=delivered,
        delivered_share=enough(share(delivered, len(requests), perhaps=delivered + unsure)),
        declined=_in_state(requests, "declined"),
        unanswered=_in_state(requests, "cancelled"),
        response_s=enough(quantile(responses, _MEDIAN)),
        response_p90_s=enough(quantile(responses, _MOST)),
        delivery_s=enough(quantile(deliveries, _MEDIAN)),
        delivery_p90_s=enough(quantile(deliveries, _MOST)),
        outfits_shown=shown,
        outfits_opened=opened,
        outfits_asked=asked,
        outfits_bought=_outfits_bought(visits, shown),
        opened_share=enough(share(opened, shown)),
        unknown=enough(share(sum(g.colourway is None for g in there), len(there))),
        corrected=enough(share(sum(g.corrected for g in there), len(there))),
    )


def count_estimate(visits: Sequence[Counted], rates: Rates) -> Estimate:
    """Estimate how many visits there were, of those that were recorded."""
    merged = [merged for counted in visits if (merged := counted.merged) is not None]
    return true_count(len(visits), (rates.entry,), (rates.visit_right,), merged)


def count_garments(visits: Sequence[Counted], rates: Rates) -> Estimate:
    """Estimate how many garments went in, of those that cameras counted."""
    once, twice = _by_cameras(
        visits, lambda counted: sum(not garment.disowned for garment in counted.visit.garments)
    )
    return true_count(once, (rates.entry, rates.garment), (rates.garment_right,), twice=twice)


def count_articles(
    visits: Sequence[Counted], rates: Rates, of: Callable[[Counted], frozenset[int]]
) -> Estimate:
    """Estimate how many articles there were, each counted once a visit.

    What was delivered is certain; of what was carried in, cameras recognise a part.
    """
    once, twice = _by_cameras(visits, lambda counted: len(of(counted) - counted.delivered))
    surely = sum(len(of(counted) & counted.delivered) for counted in visits)
    return true_count(
        once,
        (rates.entry, rates.garment, rates.article),
        (rates.article_right,),
        twice=twice,
        surely=surely,
    )


def _by_cameras(visits: Sequence[Counted], number: Callable[[Counted], int]) -> tuple[int, int]:
    """Sum a number over the visits that one camera saw, and over those that two did."""
    twice = sum(number(counted) for counted in visits if counted.visit.two_cameras)
    return sum(number(counted) for counted in visits) - twice, twice


def conversion(visits: Iterable[Counted], tried: int, bought: int) -> Estimate | None:
    """Estimate the share of the tried articles that were bought.

    Where several visits tried what was sold, the interval reaches from none to all of them.
    """
    there = [counted.purchases for counted in visits]
    surely, perhaps = sum(len(p.surely) for p in there), sum(len(p.perhaps) for p in there)
    return share(bought, tried, min(surely, bought), max(perhaps, bought))


def _outfits_bought(visits: Iterable[Counted], shown: int) -> Estimate:
    counts = [
        [len(c.outfits_with(keys)) for keys in (c.purchases.surely, c.bought, c.purchases.perhaps)]
        for c in visits
    ]
    surely, likely, perhaps = (sum(column) for column in zip(*counts, strict=True))
    return between(surely, likely, perhaps, shown)


def enough(estimate: Estimate | None) -> Estimate | None:
    """Leave out an estimate that fewer than five values stand behind."""
    return estimate if estimate is not None and estimate.of >= LEAST else None


def _in_state(requests: Iterable[Asked], state: str) -> int:
    return sum(request.state == state for request in requests)


def seconds_to_response(requests: Iterable[Asked]) -> list[float]:
    """List after how many seconds staff reacted: took a request, brought something, or declined."""
    found = []
    for request in requests:
        ended = request.done_at if request.state in ("done", "declined") else None
        times = [time for time in (request.taken_at, ended) if time is not None]
        found += [min(times) - request.opened_at] if times else []
    return found


def seconds_to_delivery(requests: Iterable[Asked]) -> list[float]:
    """List after how many seconds staff brought what was asked for."""
    done = [request for request in requests if request.state == "done"]
    return [r.done_at - r.opened_at for r in done if r.done_at is not None]
