"""Figures of articles: tried and bought, by category and size, asked for and not delivered.

A row is left out where fewer than five visits stand behind it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

from services.insights.counting import Counted
from services.insights.estimates import Estimate, share, true_count
from services.insights.measures import LEAST
from services.insights.rates import Rates
from store.feedback import keys_of
from store.observations import Asked, Sold, Style

Key = TypeVar("Key", bound=Hashable)
Styles = Mapping[int, Style]
#: Most pairs of articles.
_MOST_PAIRS = 200


@dataclass(frozen=True)
class Tried:
    """How often something was tried, and how often it was bought in the same visit.

    Attributes:
        key: A colourway's id, or a category.
        visits: Visits in which it was recognised.
        estimated: In how many it probably was, recognised or not.
        bought: How many of `visits` bought it, and `conversion`, their share.
        asked: How often it was asked for on a screen.
        sold: Pieces sold in the period, tried or not.
    """

    key: int | str
    visits: int
    estimated: Estimate
    bought: int
    conversion: Estimate | None
    asked: int
    sold: int


def tried_articles(visits: Sequence[Counted], sales: Sequence[Sold], rates: Rates) -> list[Tried]:
    """List the colourways that were tried, the most frequent first."""
    return _tried(visits, sales, rates, lambda key: key)


def tried_categories(
    visits: Sequence[Counted], sales: Sequence[Sold], styles: Styles, rates: Rates
) -> list[Tried]:
    """List the categories that were tried, the most frequent first."""
    return _tried(visits, sales, rates, lambda key: styles[key].category)


def _tried(
    visits: Sequence[Counted],
    sales: Sequence[Sold],
    rates: Rates,
    name: Callable[[int], int | str],
) -> list[Tried]:
    tried, bought, asked, sold = (Counter[int | str]() for _ in range(4))
    for counted in visits:
        tried.update({name(key) for key in counted.tried})
        bought.update({name(key) for key in counted.bought})
        asked.update(name(r.colourway) for r in counted.visit.requests if r.colourway)
    for sale in sales:
        sold[name(sale.colourway)] += sale.quantity
    recalls, right = (rates.garment, rates.article), (rates.article_right,)
    return [
        Tried(
            key, count, true_count(count, recalls, right), bought[key], share(bought[key], count),
            asked[key], sold[key],
        )
        for key, count in sorted(tried.items(), key=lambda item: (-item[1], str(item[0])))
        if count >= LEAST
    ]  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What became of requests for one thing: an article in a size, or a size of all articles.

    Attributes:
        colourway: The article; None for all.
        variant: The article's size, where one was asked for.
        size: The size; empty where none was asked for.
        visits: In how many visits it was asked for.
        asked: How often, and of that
        delivered: brought,
        declined: could not be brought, because it was
        out_of_stock: not in stock, or
        not_found: not found, or for another reason;
        unanswered: the visit ended first.
        lost: Not delivered, and the visit neither got the article in another size nor bought it.
    """

    colourway: int | None
    variant: int | None
    size: str
    visits: int
    asked: int
    delivered: int
    declined: int
    out_of_stock: int
    not_found: int
    unanswered: int
    lost: int


def refused_articles(visits: Sequence[Counted], styles: Styles) -> list[Wanted]:
    """List articles and sizes that were not delivered in five visits and more, most lost first."""
    rows = []
    for (colourway, variant), some in _group(visits, lambda r: (r.colourway, r.variant)).items():
        missed = {case.id for case in some if case.missed}
        if colourway is not None and len(missed) >= LEAST:
            size = styles[colourway].sizes.get(variant or 0, "")
            rows.append(_wanted(colourway, variant, size, some))
    return sorted(rows, key=lambda row: (-row.lost, -row.declined, row.variant or 0))


def wanted_sizes(visits: Sequence[Counted], styles: Styles) -> list[Wanted]:
    """List the sizes that were asked for in five visits and more."""

    def size(request: Asked) -> str:
        key, variant = request.colourway, request.variant
        return styles[key].sizes.get(variant, "") if key and variant else ""

    groups = _group(visits, size)
    rows = [_wanted(None, None, name, some) for name, some in groups.items() if name]
    return sorted((row for row in rows if row.visits >= LEAST), key=lambda row: -row.asked)


@dataclass(frozen=True)
class _Case:
    """A request of a visit, and whether the visit went without the article."""

    id: int
    request: Asked
    missed: bool
    lost: bool


def _group(visits: Sequence[Counted], key: Callable[[Asked], Key]) -> dict[Key, list[_Case]]:
    groups: dict[Key, list[_Case]] = defaultdict(list)
    for counted in visits:
        got = {r.colourway for r in counted.visit.requests if r.state == "done"} | counted.bought
        for request in counted.visit.requests:
            if request.colourway is not None:
                missed = request.state in ("declined", "cancelled")
                lost = missed and request.colourway not in got
                groups[key(request)].append(_Case(counted.visit.id, request, missed, lost))
    return groups


def _wanted(
    colourway: int | None, variant: int | None, size: str, cases: Sequence[_Case]
) -> Wanted:
    states = Counter(case.request.state for case in cases)
    reasons = Counter(case.request.reason for case in cases if case.request.state == "declined")
    return Wanted(
        colourway,
        variant,
        size,
        len({case.id for case in cases}),
        len(cases),
        states["done"],
        states["declined"],
        reasons["out_of_stock"],
        states["declined"] - reasons["out_of_stock"],
        states["cancelled"],
        sum(case.lost for case in cases),
    )


@dataclass(frozen=True)
class Together:
    """Two colourways that were tried in the same visits."""

    one: int
    other: int
    visits: int


def tried_together(visits: Iterable[Counted]) -> list[Together]:
    """List the pairs of articles that were tried together, the most frequent first."""
    counts = Counter(pair for v in visits for pair in combinations(sorted(v.tried), 2))
    often = counts.most_common(_MOST_PAIRS)
    return [Together(one, other, count) for (one, other), count in often if count >= LEAST]


@dataclass(frozen=True)
class Suggested:
    """What became of an outfit, each visit counted once.

    Attributes:
        colourways: Its articles.
        shown: Visits whose screen showed it, and of these
        opened: those that opened it, and `opened_share`,
        asked: that asked for an article of it,
        bought: that bought one.
    """

    colourways: tuple[int, ...]
    shown: int
    opened: int
    opened_share: Estimate | None
    asked: int
    bought: int


def suggested_outfits(visits: Iterable[Counted]) -> list[Suggested]:
    """List the outfits that were shown, the most opened first."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for counted in visits:
        for outfit, kind in set(counted.visit.reactions):
            counts[outfit][kind] += kind != "bought"
        for outfit in counted.outfits_with(counted.bought):
            counts[outfit]["bought"] += 1
    rows = [
        Suggested(
            keys_of(outfit),
            n["shown"],
            n["opened"],
            share(n["opened"], n["shown"]),
            n["requested"],
            n["bought"],
        )
        for outfit, n in counts.items()
        if n["shown"] >= LEAST
    ]
    return sorted(rows, key=lambda row: (-row.opened, -row.shown, row.colourways))
