"""What was recorded in a period: visits with their garments, requests and suggestions, and sales.

Plain rows, without a figure: `services.insights` computes those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from store import journal
from store.journal import RECORDING_KEY
from store.schema import Article, Colourway, Feedback, JournalEntry, Request, Sale, Variant, Visit

#: A garment of a visit is bought where the article is sold within this time after the visit.
SOLD_WITHIN_S: Final = 2 * 3600.0


class _OfVisit(Protocol):
    @property
    def visit_id(self) -> int: ...


_Row = TypeVar("_Row", bound=_OfVisit)


@dataclass(frozen=True)
class Garment:
    """A garment that went into a room; `colourway` is None where it was not recognised."""

    colourway: int | None
    variant: int | None
    category: str
    corrected: bool
    disowned: bool


@dataclass(frozen=True)
class Asked:
    """A request; `colourway` is None where a person was asked for."""

    colourway: int | None
    variant: int | None
    state: str
    reason: str
    opened_at: float
    taken_at: float | None
    done_at: float | None


@dataclass(frozen=True)
class Observed:
    """A visit as it was recorded.

    Attributes:
        id: Its number.
        room: The room; empty where nobody claimed what went in through a shared gate.
        opened_at: Seconds since the epoch, as all times.
        closed_at: None while it is open.
        hidden_at: When the next person went in although no exit had been reported.
        reason: Why it ended, as the journal has it; empty while it is open.
        left_at: When somebody came out after a visit that had ended because nothing happened.
        next_probability: That who went in at `hidden_at` was the next shopper.
        garments: What went in.
        requests: What the shopper asked for.
        reactions: Of suggestions: the outfit's name, and what was done with it.
        two_cameras: Whether two cameras reported the same crossing of it.
    """

    id: int
    room: str
    opened_at: float
    closed_at: float | None
    hidden_at: float | None
    reason: str
    left_at: float | None
    next_probability: float
    garments: tuple[Garment, ...]
    requests: tuple[Asked, ...]
    reactions: tuple[tuple[str, str], ...]
    two_cameras: bool


@dataclass(frozen=True)
class Sold:
    """A line of a receipt."""

    time: float
    colourway: int
    variant: int
    quantity: int


@dataclass(frozen=True)
class Style:
    """What an article in a colour is, without its pictures: its style's number and category."""

    code: str
    category: str
    sizes: dict[int, str]


@dataclass(frozen=True)
class Observations:
    """Everything that was recorded of visits that began in a period, in order.

    `sales` go on for two hours after the period: those of its last visits. `styles` are all
    colourways that the others name.
    """

    visits: tuple[Observed, ...]
    sales: tuple[Sold, ...]
    crossings: int
    styles: dict[int, Style]


def read_observations(session: Session, start: float, end: float) -> Observations:
    """Read what was recorded of a period.

    Args:
        session: A read session.
        start: Seconds since the epoch.
        end: The same; not included.
    """
    visits = tuple(_visits(session, start, end))
    sales = tuple(_sales(session, start, end + SOLD_WITHIN_S))
    keys = {key for visit in visits for key in _keys(visit)} | {sale.colourway for sale in sales}
    return Observations(visits, sales, _crossings(session, start, end), _styles(session, keys))


def first_visit(session: Session) -> float | None:
    """Return when the first visit on record began, in seconds since the epoch."""
    return session.scalar(select(func.min(Visit.opened_at)))


def _visits(session: Session, start: float, end: float) -> Iterable[Observed]:
    within = (Visit.opened_at >= start, Visit.opened_at < end)
    query = select(Visit).where(*within).options(selectinload(Visit.items))
    visits = session.scalars(query.order_by(Visit.opened_at, Visit.id)).all()
    requests = _by_visit(session.scalars(select(Request).join(Visit).where(*within)))
    reactions = _by_visit(session.scalars(select(Feedback).join(Visit).where(*within)))
    closed = _by_number(session, "visit.closed", start)
    hidden = _by_number(session, "visit.hidden", start)
    corrected = {found["item"] for found in journal.payloads(session, "visit.corrected", start)}
    changed = journal.payloads(session, "visit.changed", start)
    repeated = {found["visit"] for found in changed if found.get("reason") == "repeated"}
    for visit in visits:
        reason = str(closed.get(visit.id, {}).get("reason", "")) if visit.closed_at else ""
        yield Observed(
            visit.id,
            visit.room,
            visit.opened_at,
            visit.closed_at,
            visit.hidden_at,
            reason,
            _left_at(session, visit) if reason == "quiet" else None,
            float(hidden.get(visit.id, {}).get("probability", 1.0)),
            tuple(
                Garment(
                    item.colourway_id,
                    item.variant_id,
                    item.category,
                    item.id in corrected,
                    item.state == "not_mine",
                )
                for item in visit.items
            ),
            tuple(_asked(request) for request in requests[visit.id]),
            tuple((row.outfit, row.kind) for row in reactions[visit.id]),
            visit.id in repeated,
        )


def _by_visit(rows: Iterable[_Row]) -> dict[int, list[_Row]]:
    groups: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        groups[row.visit_id].append(row)
    return groups


def _by_number(session: Session, kind: str, start: float) -> dict[int, dict[str, Any]]:
    """Map visits to the last event of a kind."""
    return {found["visit"]: found for found in journal.payloads(session, kind, start)}


def _left_at(session: Session, visit: Visit) -> float | None:
    """Return when somebody came out after a visit, if nobody went in before that."""
    query = (
        select(JournalEntry.time, JournalEntry.payload)
        .where(
            JournalEntry.kind == "crossing",
            JournalEntry.room == visit.room,
            JournalEntry.time > (visit.closed_at or visit.opened_at),
        )
        .order_by(JournalEntry.time)
    )
    following = session.execute(query.limit(1)).first()
    return following.time if following and following.payload["event"] == "exit" else None


def _asked(request: Request) -> Asked:
    return Asked(
        request.colourway_id,
        request.variant_id,
        request.state,
        request.reason,
        request.opened_at,
        request.taken_at,
        request.done_at,
    )


def _sales(session: Session, start: float, end: float) -> Iterable[Sold]:
    query = (
        select(Sale.time, Variant.colourway_id, Sale.variant_id, Sale.quantity)
        .join(Variant, Variant.id == Sale.variant_id)
        .where(Sale.time >= start, Sale.time < end)
        .order_by(Sale.time, Sale.id)
    )
    return (Sold(*row) for row in session.execute(query))


def _crossings(session: Session, start: float, end: float) -> int:
    query = select(func.count()).where(
        JournalEntry.kind == "crossing",
        JournalEntry.time >= start,
        JournalEntry.time < end,
        JournalEntry.key.not_like(f"{RECORDING_KEY}%"),
    )
    return session.scalar(query) or 0


def _keys(visit: Observed) -> Iterable[int]:
    found = [garment.colourway for garment in visit.garments]
    found += [request.colourway for request in visit.requests]
    return (key for key in found if key is not None)


def _styles(session: Session, keys: Iterable[int]) -> dict[int, Style]:
    query = (
        select(Colourway.id, Article.code, Article.category, Variant.id, Variant.size)
        .join(Article, Article.id == Colourway.article_id)
        .join(Variant, Variant.colourway_id == Colourway.id)
        .where(Colourway.id.in_(keys))
    )
    found: dict[int, Style] = {}
    for key, code, category, variant, size in session.execute(query):
        found.setdefault(key, Style(code, category, {})).sizes[variant] = size
    return found
