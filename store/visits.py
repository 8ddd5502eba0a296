"""Visits to rooms: the garments in them, whose they are, and how visits end.

Every change is one transaction with its journal entry, so a screen that follows the
journal can never be ahead of or behind the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from store import journal, learning, requests
from store.catalogue import named_size, variants_by_sku
from store.errors import NotFound, StoreError
from store.schema import JournalEntry, Variant, Visit, VisitItem
from store.tags import Tagged, find_tagged

#: Why visits end whose shopper was not seen to leave: staff get their requests for a while.
UNSURE: Final = ("next", "opened", "free")


@dataclass(frozen=True)
class Returns:
    """Whether a shopper who was seen to leave comes back: its probability, and what is expected."""

    probability: float = 0.0
    expected: bool = False


#: Nothing says that a shopper comes back.
SURELY_OVER: Final = Returns()


def current_visit(session: Session, room: str) -> Visit | None:
    """Return the room's open visit: the one that its screen shows."""
    query = select(Visit).where(
        Visit.room == room, Visit.closed_at.is_(None), Visit.hidden_at.is_(None)
    )
    return session.scalar(query.options(selectinload(Visit.items)).order_by(Visit.id.desc()))


def items_on_screen(visit: Visit | None) -> list[VisitItem]:
    """List the garments that the screen of a visit's room shows; none while there is no visit."""
    return [item for item in visit.items if item.state != "out"] if visit else []


def require_visit(session: Session, room: str) -> Visit:
    """Return the room's open visit.

    Raises:
        StoreError: There is none.
    """
    visit = current_visit(session, room)
    if visit is None:
        raise StoreError(f"Room {room} has no visit now.")
    return visit


def current_or_new_visit(session: Session, room: str, time: float) -> Visit:
    """Return the room's open visit; opens one for a person at the screen whom no camera saw.

    She does not count yet: cameras may still report her entry, or her garments may wait to be
    claimed. Counted twice, she would seem to stay when she is seen to leave.
    """
    visit = current_visit(session, room)
    return visit or open_visit(session, room, time)


def open_visit(session: Session, room: str, time: float) -> Visit:
    """Open a visit to a room; no person is counted yet."""
    visit = Visit(room=room, opened_at=time, touched_at=time, people=0)
    session.add(visit)
    session.flush()
    return visit


def open_visits(session: Session, rooms: Iterable[str]) -> Sequence[Visit]:
    """List the open visits of some rooms, oldest first; not those that are hidden."""
    query = select(Visit).where(
        Visit.room.in_(list(rooms)), Visit.closed_at.is_(None), Visit.hidden_at.is_(None)
    )
    return session.scalars(query.options(selectinload(Visit.items)).order_by(Visit.id)).all()


def all_open(session: Session) -> Sequence[Visit]:
    """List all open visits, those that wait to be claimed too; not those that are hidden."""
    query = select(Visit).where(Visit.closed_at.is_(None), Visit.hidden_at.is_(None))
    return session.scalars(query.options(selectinload(Visit.items))).all()


def ended_since(session: Session, since: float) -> list[tuple[Visit, dict[str, Any]]]:
    """List the visits to rooms that ended from a time on, each with its journal entry, in order."""
    query = select(JournalEntry.payload).where(
        JournalEntry.kind == "visit.closed", JournalEntry.time >= since, JournalEntry.room != ""
    )
    ended = {p["visit"]: p for p in session.scalars(query.order_by(JournalEntry.id))}
    found = select(Visit).where(Visit.id.in_(ended)).options(selectinload(Visit.items))
    by_id = {visit.id: visit for visit in session.scalars(found)}
    return [(by_id[number], payload) for number, payload in ended.items() if number in by_id]


def close_visit(
    session: Session, visit: Visit, time: float, reason: str, back: Returns = SURELY_OVER
) -> None:
    """End a visit, and its open requests unless the shopper is there (`UNSURE`) or comes back.

    Args:
        session: A write transaction.
        visit: The visit.
        time: Seconds since the epoch.
        reason: Why, for the journal.
        back: Whether its shopper comes back.
    """
    visit.closed_at = time
    learning.forget_visit_views(session, visit)
    if reason not in UNSURE and not back.expected:
        requests.cancel_all(session, visit, time)
    payload: dict[str, Any] = {"visit": visit.id, "reason": reason}
    payload |= {"returns": round(back.probability, 2)} if back.probability else {}
    payload |= {"away": True} if back.expected else {}
    journal.append(session, time, "visit.closed", visit.room, payload)


def last_changes(session: Session) -> dict[int, float]:
    """Return when each room's open visit last changed, in seconds since the epoch, by its id."""
    query = select(Visit.id, Visit.touched_at).where(
        Visit.closed_at.is_(None), Visit.room != "", Visit.hidden_at.is_(None)
    )
    return {row.id: row.touched_at for row in session.execute(query)}


def last_visit(session: Session, room: str, since: float) -> Visit | None:
    """Return the room's visit that was open last, if it was so after a time."""
    query = select(Visit).where(
        Visit.room == room, Visit.closed_at.is_(None) | (Visit.closed_at >= since)
    )
    return session.scalar(query.options(selectinload(Visit.items)).order_by(Visit.id.desc()))


def close_quiet_visits(session: Session, quiet: Mapping[int, float], time: float) -> int:
    """End visits in which nothing happens any more.

    Args:
        session: A write transaction.
        quiet: As `last_changes` returned them; one that has changed since then stays open.
        time: Seconds since the epoch.

    Returns:
        How many ended.
    """
    query = select(Visit).where(Visit.id.in_(list(quiet)), Visit.closed_at.is_(None))
    ended = [visit for visit in session.scalars(query) if visit.touched_at == quiet[visit.id]]
    for visit in ended:
        close_visit(session, visit, time, "quiet")
    return len(ended)


def _item(session: Session, room: str, item_id: int) -> tuple[Visit, VisitItem]:
    visit = current_visit(session, room)
    item = session.get(VisitItem, item_id)
    if visit is None or item is None or item.visit_id != visit.id:
        raise NotFound(f"Room {room} holds no garment {item_id} now; reload the page.")
    return visit, item


def disown_item(session: Session, room: str, item_id: int, time: float, mine: bool) -> None:
    """Mark a garment as not the shopper's, or as hers after all.

    Raises:
        StoreError: The room's visit holds no such garment.
    """
    visit, item = _item(session, room, item_id)
    item.state = "in" if mine else "not_mine"
    visit.touched_at = time
    journal.append(session, time, "visit.changed", room, {"visit": visit.id, "item": item.id})


def correct_item(
    session: Session,
    room: str,
    item_id: int,
    sku: str,
    time: float,
    source: learning.Source = "choice",
) -> None:
    """Say which article a garment is, by the SKU that its card goes by.

    Args:
        session: A write transaction.
        room: The room.
        item_id: The garment.
        sku: The article's.
        time: Seconds since the epoch.
        source: Who says so.

    Raises:
        StoreError: No such garment in the room, or no such article.
    """
    visit, item = _item(session, room, item_id)
    variant = variants_by_sku(session, [sku]).get(sku)
    if variant is None:
        raise NotFound(f"No article {sku!r} in the catalogue.")
    _name(session, visit, item, variant, named_size(variant), time)
    learning.learn(session, item, source)


def correct_by_tag(session: Session, room: str, item_id: int, code: str, time: float) -> None:
    """Say which article a garment is, and its size if the tag names it (`tags.find_tagged`).

    Raises:
        StoreError: No such garment in the room, or no article has this code.
    """
    visit, item = _item(session, room, item_id)
    tagged = find_tagged(session, code)
    variant = tagged.variant if tagged.sized else None
    _name(session, visit, item, tagged.variant, variant, time)
    learning.learn(session, item, "tag")


def _name(
    session: Session,
    visit: Visit,
    item: VisitItem,
    article: Variant,
    variant: Variant | None,
    time: float,
) -> None:
    item.colourway_id, item.score, item.state = article.colourway_id, 1.0, "in"
    item.variant_id = variant.id if variant else None
    visit.touched_at = time
    session.flush()
    session.expire(item, ["colourway", "variant"])
    payload = {"visit": visit.id, "item": item.id, "sku": article.sku}
    journal.append(session, time, "visit.corrected", visit.room, payload)


def scan_item(session: Session, room: str, code: str, time: float) -> int:
    """Add a garment by its tag (`tags.find_tagged`); opens the visit where no one was seen.

    The same garment that a camera has seen already is not added again, but gets its size.

    Returns:
        The garment's id in the visit.

    Raises:
        StoreError: No article has this code.
    """
    tagged = find_tagged(session, code)
    variant = tagged.variant
    visit = current_or_new_visit(session, room, time)
    item = _same_garment(visit, tagged)
    if item is None:
        item = VisitItem(
            visit_id=visit.id,
            category=variant.colourway.article.category,
            colourway_id=variant.colourway_id,
            score=1.0,
        )
        session.add(item)
    item.state = "in"
    if tagged.sized:
        item.variant_id = variant.id
    visit.touched_at = time
    session.flush()
    session.expire(visit, ["items"])
    session.expire(item, ["variant"])
    learning.learn(session, item, "tag")
    payload = {"visit": visit.id, "item": item.id, "code": code}
    journal.append(session, time, "visit.scanned", room, payload)
    return item.id


def _same_garment(visit: Visit, tagged: Tagged) -> VisitItem | None:
    """Find the garment of a visit that a tag names: best of its size, or of unknown size."""
    variant = tagged.variant
    inside = [
        item
        for item in visit.items
        if item.state != "out" and item.colourway_id == variant.colourway_id
    ]
    order = {variant.id: 0, None: 1} if tagged.sized else {}
    return min(inside, key=lambda item: order.get(item.variant_id, 2), default=None)


def leave(session: Session, room: str, time: float) -> None:
    """End a room's visit because the shopper says so.

    Raises:
        StoreError: There is none.
    """
    close_visit(session, require_visit(session, room), time, "left")
