"""Figures of a period: visits, requests, articles tried and bought. Never of one person.

A figure that fewer than five visits stand behind is left out (None, or the row is missing).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from statistics import mean, median
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from store import journal
from store.journal import RECORDING_KEY
from store.refused import Refused, read_refused
from store.schema import Article, Colourway, JournalEntry, Request, Sale, Variant, Visit

#: Fewest visits behind a figure.
LEAST: Final = 5


@dataclass(frozen=True)
class Day:
    """What a day, or an hour of the day over all days, was like.

    Attributes:
        name: `2026-05-31`, or the hour `14`.
        visits: How many began.
        garments: Mean garments a visit.
        dwell_min: Median minutes from entry to exit; visits that ended by themselves are left out.
        requests: What shoppers asked for.
        delivered: How much of that was brought.
        declined: How much of it staff could not bring.
        delivery_s: Median seconds from a request to its delivery.
        decline_s: Median seconds from a request until it was declined.
        unknown: Share of garments that were not recognised.
        corrected: Share of garments whose article a shopper or staff put right.
    """

    name: str
    visits: int
    garments: float | None
    dwell_min: float | None
    requests: int
    delivered: int
    declined: int
    delivery_s: float | None
    decline_s: float | None
    unknown: float | None
    corrected: float | None


@dataclass(frozen=True)
class Tried:
    """How often an article in a colour went into a room, and how many were sold in the period.

    `number` is the style's: which size it was is known of few garments.
    """

    number: str
    title: str
    colour: str
    tried: int
    bought: int


@dataclass(frozen=True)
class Pair:
    """Two articles, each in a colour, that went into a room together; named by their styles."""

    one: str
    one_colour: str
    other: str
    other_colour: str
    visits: int


@dataclass(frozen=True)
class Figures:
    """Everything about a period; `dwells` are minutes, `deliveries` seconds, each ascending."""

    visits: int
    crossings: int
    total: Day | None
    days: tuple[Day, ...]
    hours: tuple[Day, ...]
    tried: tuple[Tried, ...]
    together: tuple[Pair, ...]
    dwells: tuple[float, ...]
    deliveries: tuple[float, ...]
    refused: tuple[Refused, ...] = ()


def read_figures(session: Session, start: float, end: float) -> Figures:
    """Work out the figures of visits that began in a period.

    Args:
        session: A read session.
        start: Seconds since the epoch.
        end: The same; not included. Days and hours are those of this machine's time zone.
    """
    visits = _visits(session, start, end)
    by_day = _grouped(visits, lambda v: datetime.fromtimestamp(v.opened_at).strftime("%Y-%m-%d"))
    by_hour = _grouped(visits, lambda v: datetime.fromtimestamp(v.opened_at).strftime("%H"))
    whole = _day("", visits)
    enough = len(visits) >= LEAST
    return Figures(
        visits=len(visits) if enough else 0,
        crossings=_crossings(session, start, end) if enough else 0,
        total=whole,
        days=tuple(day for name, some in by_day if (day := _day(name, some))),
        hours=tuple(hour for name, some in by_hour if (hour := _day(name, some))),
        tried=tuple(_tried(session, visits, start, end)),
        together=tuple(_together(session, visits)),
        dwells=_all(sorted(d for v in visits if (d := v.dwell_min) is not None)),
        deliveries=_all(sorted(d for v in visits for d in v.deliveries)),
        refused=tuple(read_refused(session, start, end, LEAST)),
    )


@dataclass(frozen=True)
class _Row:
    """One visit, as far as figures need it."""

    opened_at: float
    dwell_min: float | None
    keys: tuple[int, ...]
    garments: int
    unknown: int
    corrected: int
    requests: int
    delivered: int
    declined: int
    deliveries: tuple[float, ...]
    declines: tuple[float, ...]


def _visits(session: Session, start: float, end: float) -> list[_Row]:
    within = (Visit.opened_at >= start, Visit.opened_at < end)
    visits = session.scalars(select(Visit).where(*within).options(selectinload(Visit.items))).all()
    requests: dict[int, list[Request]] = defaultdict(list)
    for request in session.scalars(select(Request).join(Visit).where(*within)):
        requests[request.visit_id].append(request)
    seen_out = _seen_out(session, start)
    corrected = _corrected(session, start)
    return [
        _Row(
            visit.opened_at,
            (visit.closed_at - visit.opened_at) / 60
            if visit.closed_at and visit.id in seen_out
            else None,
            tuple(i.colourway_id for i in visit.items if i.colourway_id and i.state != "not_mine"),
            len(visit.items),
            sum(item.colourway_id is None for item in visit.items),
            sum(item.id in corrected for item in visit.items),
            len(requests[visit.id]),
            _count(requests[visit.id], "done"),
            _count(requests[visit.id], "declined"),
            _seconds(requests[visit.id], "done"),
            _seconds(requests[visit.id], "declined"),
        )
        for visit in visits
    ]


def _count(asked: Sequence[Request], state: str) -> int:
    return sum(request.state == state for request in asked)


def _seconds(asked: Sequence[Request], state: str) -> tuple[float, ...]:
    """List how long requests took that ended in a state."""
    ended = (r for r in asked if r.state == state and r.done_at is not None)
    return tuple((r.done_at or 0.0) - r.opened_at for r in ended)


def _seen_out(session: Session, start: float) -> set[object]:
    closed = journal.payloads(session, "visit.closed", start)
    return {payload["visit"] for payload in closed if payload.get("reason") == "left"}


def _corrected(session: Session, start: float) -> set[object]:
    return {payload["item"] for payload in journal.payloads(session, "visit.corrected", start)}


def _crossings(session: Session, start: float, end: float) -> int:
    query = select(func.count()).where(
        JournalEntry.kind == "crossing",
        JournalEntry.time >= start,
        JournalEntry.time < end,
        JournalEntry.key.not_like(f"{RECORDING_KEY}%"),
    )
    return session.scalar(query) or 0


def _grouped(
    visits: Iterable[_Row], name: Callable[[_Row], str]
) -> Iterable[tuple[str, list[_Row]]]:
    groups: dict[str, list[_Row]] = defaultdict(list)
    for visit in visits:
        groups[name(visit)].append(visit)
    return sorted(groups.items())


def _day(name: str, visits: Sequence[_Row]) -> Day | None:
    if len(visits) < LEAST:
        return None
    garments = sum(visit.garments for visit in visits)
    dwells = [v.dwell_min for v in visits if v.dwell_min is not None]
    deliveries = [seconds for visit in visits for seconds in visit.deliveries]
    declines = [seconds for visit in visits for seconds in visit.declines]
    return Day(
        name,
        len(visits),
        mean(visit.garments for visit in visits),
        median(dwells) if len(dwells) >= LEAST else None,
        sum(visit.requests for visit in visits),
        sum(visit.delivered for visit in visits),
        sum(visit.declined for visit in visits),
        median(deliveries) if len(deliveries) >= LEAST else None,
        median(declines) if len(declines) >= LEAST else None,
        sum(visit.unknown for visit in visits) / garments if garments else None,
        sum(visit.corrected for visit in visits) / garments if garments else None,
    )


def _all(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(values) if len(values) >= LEAST else ()


def _tried(session: Session, visits: Sequence[_Row], start: float, end: float) -> Iterable[Tried]:
    counts = Counter(key for visit in visits for key in set(visit.keys))
    often = {key: count for key, count in counts.items() if count >= LEAST}
    sold = dict(
        session.execute(
            select(Variant.colourway_id, func.sum(Sale.quantity))
            .join(Sale, Sale.variant_id == Variant.id)
            .where(Sale.time >= start, Sale.time < end, Variant.colourway_id.in_(often))
            .group_by(Variant.colourway_id)
        ).all()
    )
    rows = [
        Tried(code, title, colour, often[key], int(sold.get(key, 0)))
        for key, (code, title, colour) in _names(session, often).items()
    ]
    return sorted(rows, key=lambda row: (-row.tried, row.number, row.colour))


def _names(session: Session, keys: Iterable[int]) -> dict[int, tuple[str, str, str]]:
    """Map colourways to their style's number and title, and their colour."""
    query = select(Colourway.id, Article.code, Article.title, Colourway.colour).join(Article)
    rows = session.execute(query.where(Colourway.id.in_(keys)))
    return {row.id: (row.code, row.title, row.colour) for row in rows}


def _together(session: Session, visits: Sequence[_Row]) -> Iterable[Pair]:
    counts = Counter(pair for v in visits for pair in combinations(sorted(set(v.keys)), 2))
    often = [(pair, count) for pair, count in counts.most_common(200) if count >= LEAST]
    names = _names(session, {key for pair, _ in often for key in pair})
    both = [(names[one], names[other], count) for (one, other), count in often]
    return [Pair(one[0], one[2], other[0], other[2], count) for one, other, count in both]
