"""Requests of shoppers from their rooms, and the answers of staff."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from store import feedback, journal
from store.catalogue import named_size, variants_by_sku
from store.errors import NotFound, StoreError
from store.schema import Request, Variant, Visit

#: States in which a request still wants something.
OPEN_STATES: Final = ("open", "taken", "answered")
#: A request whose visit ended without a seen exit is kept for staff for so long, seconds: its
#: shopper may still be there.
KEPT_S: Final = 600.0
#: Why a request is declined.
REASONS: Final = ("out_of_stock", "not_found", "other")
_NEXT: Final = {
    "taken": ("open",),
    "answered": OPEN_STATES,
    "done": OPEN_STATES,
    "declined": OPEN_STATES,
    "cancelled": OPEN_STATES,
}
_WITH_ARTICLE: Final = (selectinload(Request.colourway), selectinload(Request.variant))
_ENDS: Final = ("done", "declined", "cancelled")


def ask_article(session: Session, visit: Visit, sku: str, size: str, time: float) -> int:
    """Request an article in a size; repeating it is the same request.

    Args:
        session: A write transaction.
        visit: Who asks.
        sku: The article's, as cards name it; that of another size names that size.
        size: One of its sizes; empty for any, and where it comes in one only.
        time: Seconds since the epoch.

    Raises:
        StoreError: The article or its size is unknown.
    """
    article = variants_by_sku(session, [sku]).get(sku)
    if article is None:
        raise NotFound(f"No article {sku!r} in the catalogue.")
    variant = _in_size(article, size) if size else named_size(article)
    colourway = article.colourway_id
    number, is_new = _ask(session, visit, colourway, variant.id if variant else None, time)
    if is_new:
        feedback.record_article(session, visit.id, colourway, "requested", time)
    return number


def _in_size(article: Variant, size: str) -> Variant:
    sizes = {variant.size: variant for variant in article.colourway.variants}
    if size not in sizes:
        known = ", ".join(sorted(filter(None, sizes))) or "one size"
        raise StoreError(f"{article.sku} has no size {size!r}; it comes in {known}.")
    return sizes[size]


def ask_person(session: Session, visit: Visit, time: float) -> int:
    """Ask for a member of staff to come; twice is one request."""
    return _ask(session, visit, None, None, time)[0]


def _ask(
    session: Session, visit: Visit, colourway: int | None, variant: int | None, time: float
) -> tuple[int, bool]:
    """Return the request's id, and whether it is a new one."""
    query = select(Request.id).where(
        Request.visit_id == visit.id,
        Request.colourway_id == colourway if colourway else Request.colourway_id.is_(None),
        Request.variant_id == variant if variant else Request.variant_id.is_(None),
        Request.state.in_(OPEN_STATES),
    )
    if (existing := session.scalar(query)) is not None:
        return existing, False
    request = Request(
        visit_id=visit.id,
        room=visit.room,
        colourway_id=colourway,
        variant_id=variant,
        opened_at=time,
    )
    session.add(request)
    visit.touched_at = time
    session.flush()
    journal.append(session, time, "request.open", visit.room, {"request": request.id})
    return request.id, True


def change_request(
    session: Session,
    request_id: int,
    state: str,
    time: float,
    answer: str = "",
    by: str = "",
    reason: str = "",
) -> None:
    """Move a request on: `taken`, `answered` (with the answer), `done`, `declined`, `cancelled`.

    Args:
        session: A write transaction.
        request_id: Which.
        state: Where to.
        time: Seconds since the epoch.
        answer: What the shopper reads; to a declined one, in place of the reason's own words.
        by: Name of the account that does it.
        reason: Why it is declined, one of `REASONS`; `other` if it is not given.

    Raises:
        StoreError: There is no such request, or it cannot go there from where it is.
    """
    request = session.get(Request, request_id)
    if request is None:
        raise NotFound(f"There is no request {request_id}.")
    if state == "taken" and request.state in ("taken", "answered"):
        raise StoreError(f"{request.taken_by or 'Another person'} has taken this request already.")
    if request.state not in _NEXT.get(state, ()):
        raise StoreError(f"Request {request_id} is {request.state} and cannot become {state}.")
    if reason and (state != "declined" or reason not in REASONS):
        raise StoreError(f"A request is declined for a reason: {', '.join(REASONS)}.")
    request.state = state
    if state in ("taken", "answered", "declined") and request.taken_at is None:
        request.taken_at, request.taken_by = time, by
    if state in ("answered", "declined"):
        request.answer = answer
    if state == "declined":
        request.reason = reason or "other"
    if state == "done" and request.colourway_id is not None:  # it was brought into the room
        feedback.record_article(session, request.visit_id, request.colourway_id, "tried", time)
    if state in _ENDS:
        request.done_at = time
    payload = {"request": request.id, "answer": request.answer}
    payload |= {"reason": request.reason} if request.reason else {}
    journal.append(session, time, f"request.{state}", request.room, payload)


def cancel_all(session: Session, visit: Visit, time: float) -> None:
    """Close the open requests of a visit."""
    query = select(Request.id).where(Request.visit_id == visit.id, Request.state.in_(OPEN_STATES))
    for number in session.scalars(query).all():
        change_request(session, number, "cancelled", time)


def unsure_since(session: Session) -> dict[int, float]:
    """Return the ended visits that have open requests, and when they ended, by their ids."""
    query = (
        select(Visit.id, Visit.closed_at)
        .join(Request, Request.visit_id == Visit.id)
        .where(Visit.closed_at.is_not(None), Request.state.in_(OPEN_STATES))
    )
    return {row.id: row.closed_at for row in session.execute(query.distinct())}


def cancel_unsure(session: Session, visits: Collection[int], time: float) -> int:
    """Close the open requests of ended visits; returns how many visits had some."""
    ended = [number for number in unsure_since(session) if number in visits]
    for number in ended:
        cancel_all(session, session.get_one(Visit, number), time)
    return len(ended)


def open_requests(session: Session) -> Sequence[Request]:
    """List the requests that still want something, oldest first."""
    query = select(Request).where(Request.state.in_(OPEN_STATES)).order_by(Request.id)
    return session.scalars(query.options(*_WITH_ARTICLE, selectinload(Request.visit))).all()


def requests_of(session: Session, visit: Visit) -> Sequence[Request]:
    """List a visit's requests, oldest first."""
    query = select(Request).where(Request.visit_id == visit.id).order_by(Request.id)
    return session.scalars(query.options(*_WITH_ARTICLE)).all()
