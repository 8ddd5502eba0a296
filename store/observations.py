"""What was recorded in a period: visits with their garments, requests and suggestions, and sales.

Plain rows, without a figure: `services.insights` computes those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from store.journal import RECORDING_KEY
from store.schema import (
    Article,
    Colourway,
    Feedback,
    JournalEntry,
    Request,
    Sale,
    Variant,
    Visit,
    VisitItem,
)

#: A garment of a visit is bought where the article is sold within this time after the visit.
SOLD_WITHIN_S: Final = 2 * 3600.0


#: A visit is over this long after it began, at the latest.
_LONGEST_S: Final = 24 * 3600.0

Within = tuple[ColumnElement[bool], ColumnElement[bool]]


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
        room: The room; empty where no one claimed what went in through a shared gate.
        opened_at: Seconds since the epoch, as all times.
        closed_at: None while it is open.
        hidden_at: When the next person went in although no exit had been reported.
        reason: Why it ended, as the journal has it; empty while it is open.
        left_at: When a person came out after a visit that had ended because nothing happened.
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
    columns = (Visit.id, Visit.room, Visit.opened_at, Visit.closed_at, Visit.hidden_at)
    query = select(*columns).where(*within).order_by(Visit.opened_at, Visit.id)
    span = start, end + _LONGEST_S
    corrected = {found["item"] for found in _payloads(session, "visit.corrected", span)}
    repeated = {found["visit"] for found in _payloads(session, "visit.changed", span, "repeated")}
    closed, hidden = (
        {found["visit"]: found for found in _payloads(session, kind, span)}
        for kind in ("visit.closed", "visit.hidden")
    )
    garments = _garments(session, within, corrected)
    requests, reactions = _requests(session, within), _reactions(session, within)
    for number, room, opened_at, closed_at, hidden_at in session.execute(query).all():
        reason = str(closed.get(number, {}).get("reason", "")) if closed_at else ""
        yield Observed(
            id=number,
            room=room,
            opened_at=opened_at,
            closed_at=closed_at,
            hidden_at=hidden_at,
            reason=reason,
            left_at=_left_at(session, room, closed_at) if closed_at and reason == "quiet" else None,
            next_probability=float(hidden.get(number, {}).get("probability", 1.0)),
            garments=tuple(garments[number]),
            requests=tuple(requests[number]),
            reactions=tuple(reactions[number]),
            two_cameras=number in repeated,
        )


def _payloads(
    session: Session, kind: str, span: tuple[float, float], reason: str = ""
) -> Sequence[dict[str, Any]]:
    """Read the payloads of one kind of event, perhaps those for one reason alone."""
    query = select(JournalEntry.payload).where(
        JournalEntry.kind == kind, JournalEntry.time >= span[0], JournalEntry.time < span[1]
    )
    if reason:
        query = query.where(JournalEntry.payload["reason"].as_string() == reason)
    return session.scalars(query.order_by(JournalEntry.id)).all()


def _garments(
    session: Session, within: Within, corrected: Collection[object]
) -> dict[int, list[Garment]]:
    item = VisitItem
    columns = (
        item.visit_id,
        item.id,
        item.colourway_id,
        item.variant_id,
        item.category,
        item.state,
    )
    rows = session.execute(select(*columns).join(Visit).where(*within).order_by(item.id))
    found: dict[int, list[Garment]] = defaultdict(list)
    for visit, number, colourway, variant, category, state in rows:
        garment = Garment(colourway, variant, category, number in corrected, state == "not_mine")
        found[visit].append(garment)
    return found


def _requests(session: Session, within: Within) -> dict[int, list[Asked]]:
    one = Request
    columns = (
        one.visit_id, one.colourway_id, one.variant_id, one.state, one.reason, one.opened_at,
        one.taken_at, one.done_at,
    )  # fmt: skip
    rows = session.execute(select(*columns).join(Visit).where(*within).order_by(one.id))
    found: dict[int, list[Asked]] = defaultdict(list)
    for visit, colourway, variant, state, reason, opened_at, taken_at, done_at in rows:
        asked = Asked(colourway, variant, state, reason, opened_at, taken_at, done_at)
        found[visit].append(asked)
    return found


def _reactions(session: Session, within: Within) -> dict[int, list[tuple[str, str]]]:
    columns = (Feedback.visit_id, Feedback.outfit, Feedback.kind)
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for visit, outfit, kind in session.execute(select(*columns).join(Visit).where(*within)):
        found[visit].append((outfit, kind))
    return found


def _left_at(session: Session, room: str, closed_at: float) -> float | None:
    """Return when a person came out after a visit, if no one went in before that."""
    query = (
        select(JournalEntry.time, JournalEntry.payload)
        .where(
            JournalEntry.kind == "crossing",
            JournalEntry.room == room,
            JournalEntry.time > closed_at,
        )
        .order_by(JournalEntry.time)
    )
    following = session.execute(query.limit(1)).first()
    return following.time if following and following.payload["event"] == "exit" else None


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
