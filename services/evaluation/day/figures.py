"""The true figures of a simulated day, as `/insights` defines them, and what the service says.

The truth is computed from what really happened, and uses nothing of `services.insights`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from services.evaluation.day.habits import Article
from services.evaluation.day.trade import TrueSale
from services.evaluation.day.world import STAFF, Action, Day

Truths = dict[str, Any]


@dataclass
class TrueVisit:
    """A room's time with a person in it, without a break.

    Attributes:
        room: The room.
        party: Who it was.
        start: Seconds since the epoch.
        end: When the last one came out, or tapped "Finish".
        garments: What went in, by number.
        brought: Articles that staff brought.
        requests: What was asked for.
        shown: Outfits on the screen, and `opened` those that were.
    """

    room: str
    party: int
    start: float
    end: float = float("inf")
    garments: list[int] = field(default_factory=list)
    brought: set[str] = field(default_factory=set)
    requests: list[Action] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)


def true_visits(day: Day, accepted: Collection[tuple[str, int, str]]) -> list[TrueVisit]:
    """List the visits of a day as they really were, with what was done in them."""
    visits = [visit for room in day.rooms for visit in _visits_of(day, room)]
    for action in day.actions:
        on_screen = action.kind in ("request", "show", "open")
        if on_screen and (action.kind, action.party, action.sku) not in accepted:
            continue
        visit = _at(visits, action.room, action.time, action.party)
        if visit is not None:
            _add(visit, action)
    return visits


def _visits_of(day: Day, room: str) -> list[TrueVisit]:
    visits: list[TrueVisit] = []
    inside: set[int] = set()
    for crossing in [c for c in day.true_crossings if c.room == room]:
        if crossing.party == STAFF:
            if crossing.event == "entry" and inside and crossing.crosses:
                visits[-1].garments += crossing.garments
            continue
        if crossing.event == "entry":
            if not inside:
                visits.append(TrueVisit(room, crossing.party, crossing.time))
            inside.add(crossing.person)
            visits[-1].garments += crossing.garments
        else:
            inside.discard(crossing.person)
            if not inside:
                visits[-1].end = crossing.time
    return visits


def _at(visits: Iterable[TrueVisit], room: str, time: float, party: int) -> TrueVisit | None:
    there = [v for v in visits if v.room == room and v.party == party and v.start <= time <= v.end]
    return there[-1] if there else None


def _add(visit: TrueVisit, action: Action) -> None:
    if action.kind == "request":
        visit.requests.append(action)
    elif action.kind == "deliver":
        visit.brought.add(_style(action.sku))
    elif action.kind == "show":
        visit.shown.append(action.sku)
    elif action.kind == "open":
        visit.opened.add(action.sku)
    elif action.kind == "finish":
        visit.end = min(visit.end, action.time)


def _style(sku: str) -> str:
    return sku.split("-")[0]


def true_figures(
    day: Day,
    articles: Sequence[Article],
    sales: Sequence[TrueSale],
    accepted: Collection[tuple[str, int, str]],
) -> Truths:
    """Compute the true figures of a day.

    Args:
        day: The day, with trade.
        articles: Of the shop.
        sales: What was sold.
        accepted: What screens did, as kind of action, party and SKUs: an outfit that no screen
            showed, and a request that none took, is none.

    Returns:
        By the names of `Measures`, and `by_room`, `by_hour`, `by_category`, `by_article` (visits)
        and `by_size` (asked, delivered, declined, lost).
    """
    visits = true_visits(day, accepted)
    tried = {n: _tried(day, visit) for n, visit in enumerate(visits)}
    bought = _bought(visits, tried, sales)
    numbers = [number for visit in visits for number in visit.garments]
    stays = [(visit.end - visit.start) / 60 for visit in visits]
    categories = {article.sku: article.category for article in articles}
    found: Truths = {
        "visits": len(visits),
        "garments": len(numbers),
        "unknown": np.mean([day.garments[number].sku is None for number in numbers]),
        "tried": sum(len(skus) for skus in tried.values()),
        "bought": len(bought),
        "conversion": len(bought) / sum(len(skus) for skus in tried.values()),
        "stay_min": np.quantile(stays, 0.5),
        "stay_p90_min": np.quantile(stays, 0.9),
        "by_room": Counter(visit.room for visit in visits),
        "by_hour": Counter(f"{datetime.fromtimestamp(v.start).hour:02}" for v in visits),
        "by_article": Counter(sku for skus in tried.values() for sku in skus),
        "by_category": Counter(c for s in tried.values() for c in {categories[sku] for sku in s}),
    }
    return found | _service(day, visits, bought) | _suggestions(visits, bought)


def _tried(day: Day, visit: TrueVisit) -> set[str]:
    carried = {day.garments[number].sku for number in visit.garments}
    return {sku for sku in carried | visit.brought if sku}


def _bought(
    visits: Sequence[TrueVisit], tried: dict[int, set[str]], sales: Iterable[TrueSale]
) -> set[tuple[int, str]]:
    """List what was bought by the party that had tried it, in its last visit with it."""
    found = set()
    for sale in sales:
        sku = _style(sale.sku)
        of = [n for n, v in enumerate(visits) if v.party == sale.party and sku in tried[n]]
        if of:
            found.add((max(of, key=lambda n: visits[n].start), sku))
    return found


def _service(
    day: Day,
    visits: Sequence[TrueVisit],
    bought: set[tuple[int, str]],
) -> Truths:
    times: dict[str, dict[tuple[int, str], float]] = defaultdict(dict)
    for action in day.actions:
        times[action.kind].setdefault((action.party, action.sku), action.time)
    responses, deliveries = [], []
    states: Counter[str] = Counter()
    sizes: dict[str, Counter[str]] = defaultdict(Counter)
    for number, visit in enumerate(visits):
        got = {sku for n, sku in bought if n == number} | visit.brought
        for asked in visit.requests:
            key = asked.party, asked.sku
            done, declined, taken = (
                time if time is not None and time <= visit.end else None
                for time in (times[kind].get(key) for kind in ("deliver", "decline", "take"))
            )
            state = "delivered" if done else "declined" if declined else "unanswered"
            replies = [time for time in (taken, done, declined) if time]
            responses += [min(replies) - asked.time] if replies else []
            deliveries += [done - asked.time] if done else []
            lost = state != "delivered" and _style(asked.sku) not in got
            states[state] += 1
            if "-" in asked.sku:
                sizes[asked.sku.split("-")[1]].update({"asked", state, *({"lost"} if lost else ())})
    return {
        "requests": states.total(),
        "delivered": states["delivered"],
        "delivered_share": states["delivered"] / states.total() if states else None,
        "declined": states["declined"],
        "unanswered": states["unanswered"],
        "response_s": np.quantile(responses, 0.5) if responses else None,
        "response_p90_s": np.quantile(responses, 0.9) if responses else None,
        "delivery_s": np.quantile(deliveries, 0.5) if deliveries else None,
        "delivery_p90_s": np.quantile(deliveries, 0.9) if deliveries else None,
        "by_size": {size: dict(counts) for size, counts in sizes.items()},
    }


def _suggestions(visits: Sequence[TrueVisit], bought: set[tuple[int, str]]) -> Truths:
    shown = [(n, outfit) for n, visit in enumerate(visits) for outfit in visit.shown]
    opened = sum(len(visit.opened) for visit in visits)
    asked = set()
    for number, visit in enumerate(visits):
        for request in visit.requests:
            holding = [o for o in visit.shown if _style(request.sku) in o.split()]
            chosen = [outfit for outfit in holding if outfit in visit.opened] or holding[:1]
            asked |= {(number, outfit) for outfit in chosen}
    sold = [(n, o) for n, o in shown if any((n, sku) in bought for sku in o.split())]
    return {
        "outfits_shown": len(shown),
        "outfits_opened": opened,
        "opened_share": opened / len(shown) if shown else None,
        "outfits_asked": len(asked),
        "outfits_bought": len(sold),
    }
