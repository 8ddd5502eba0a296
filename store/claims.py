"""Garments that went in through a gate to several rooms: they wait for the screen that claims them.

They wait as a visit without a room, whose `rooms` are those it may be in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from common.crossing import Crossing
from store import journal
from store.errors import StoreError
from store.pairing import CATEGORY, pair_garments
from store.schema import Visit, VisitItem
from store.visits import close_visit, current_visit

#: Garments that no one claims are asked about for this long, seconds.
WAITING_S: Final = 240.0


def wait(session: Session, rooms: Sequence[str], time: float) -> Visit:
    """Open a visit that waits to be claimed by one of the rooms."""
    waiting = Visit(room="", rooms=list(rooms), opened_at=time, touched_at=time, people=1)
    session.add(waiting)
    session.flush()
    return waiting


def announce(session: Session, waiting: Visit, rooms: Iterable[str], time: float) -> None:
    """Notify the rooms' screens that the waiting garments have changed."""
    for room in rooms:
        journal.append(session, time, "visit.changed", room, {"visit": waiting.id})


def waiting_for(session: Session, rooms: Iterable[str]) -> list[Visit]:
    """List the visits that wait for any of the rooms, oldest first."""
    wanted = set(rooms)
    query = select(Visit).where(Visit.room == "", Visit.closed_at.is_(None)).order_by(Visit.id)
    waiting = session.scalars(query.options(selectinload(Visit.items)))
    return [visit for visit in waiting if wanted.intersection(visit.rooms)]


def claim(session: Session, room: str, number: int, time: float) -> None:
    """Assign waiting garments to a room, to its visit or a new one.

    Raises:
        StoreError: It does not wait for this room, or was claimed by another.
    """
    waiting = _waiting(session, room, number)
    asked = list(waiting.rooms)
    there = current_visit(session, room)
    if there is None:
        waiting.room, waiting.rooms, waiting.touched_at = room, [], time
    else:
        for item in waiting.items:
            item.visit_id = there.id
        there.people += waiting.people
        there.touched_at = time
        session.flush()
        session.expire(waiting)
        session.expire(there, ["items"])
        session.delete(waiting)
    announce(session, there or waiting, asked, time)


def join(session: Session, waiting: Visit, visit: Visit, crossing: Crossing, whole: bool) -> None:
    """Give waiting garments to the visit of a person who crossed the room's own gate with them.

    Args:
        session: A write transaction.
        waiting: The visit as which they wait.
        visit: Hers.
        crossing: Through the room's gate: what is seen there is the same garment.
        whole: Whether those that were not seen there are hers too.
    """
    asked, seen = list(waiting.rooms), pair_garments(crossing.garments, waiting.items, CATEGORY)
    for item in list(waiting.items):
        if item in seen:
            _name_alike(visit, item)
        if item in seen or not whole:
            session.delete(item)
        else:
            item.visit_id = visit.id
    session.flush()
    session.expire(waiting)
    session.expire(visit, ["items"])
    session.delete(waiting)
    session.flush()
    announce(session, visit, asked, crossing.time)


def _name_alike(visit: Visit, item: VisitItem) -> None:
    """Give a garment that was not recognised at the second gate the article of the first."""
    unknown = (one for one in visit.items if one.colourway_id is None and one.state == "in")
    same = next((one for one in unknown if one.category == item.category), None)
    if same is not None and item.colourway_id is not None:
        same.colourway_id, same.probability = item.colourway_id, item.probability


def refuse(session: Session, room: str, number: int, time: float) -> None:
    """Reject waiting garments for this room; rejection by all rooms ends them.

    Raises:
        StoreError: It does not wait for this room.
    """
    waiting = _waiting(session, room, number)
    waiting.rooms = [other for other in waiting.rooms if other != room]
    announce(session, waiting, [room], time)
    if not waiting.rooms:
        close_visit(session, waiting, time, "unclaimed")


def last_changes(session: Session) -> dict[int, float]:
    """Return since when garments wait to be claimed, in seconds since the epoch, by visit id."""
    return {visit.id: visit.opened_at for visit in _all_waiting(session)}


def close_unclaimed(session: Session, numbers: Collection[int], time: float) -> int:
    """End visits that have waited for too long; returns how many still waited."""
    late = [visit for visit in _all_waiting(session) if visit.id in numbers]
    for visit in late:
        close_visit(session, visit, time, "unclaimed")
        announce(session, visit, visit.rooms, time)
    return len(late)


def _all_waiting(session: Session) -> Sequence[Visit]:
    return session.scalars(select(Visit).where(Visit.room == "", Visit.closed_at.is_(None))).all()


def _waiting(session: Session, room: str, number: int) -> Visit:
    visit = session.get(Visit, number)
    if visit is None or visit.closed_at is not None or visit.room or room not in visit.rooms:
        raise StoreError("These garments do not wait for this room any more.")
    return visit
