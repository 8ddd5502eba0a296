"""Trips of staff: they bring what was asked for and carry out what was left.

Staff open no visit, join none and end none, whatever they carry. A camera recognises them by a
badge, or they report on the phone that they clear a room.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.crossing import Crossing, GarmentMatch
from store import journal, left_behind
from store.catalogue import colourways_by_sku
from store.crossings import add_item
from store.hidden import hidden_visit
from store.journal import CLEARING
from store.pairing import pair_garments
from store.requests import OPEN_STATES
from store.schema import JournalEntry, Request, Visit
from store.visits import close_visit, current_visit, open_visits

#: Who clears a room goes in within this time.
CLEARING_S: Final = 180.0


def begin_clearing(session: Session, room: str, time: float, by: str) -> None:
    """Note that staff clear a room: whose visit it was has left, and the next trip is theirs.

    Args:
        session: A write transaction.
        room: The room.
        time: Seconds since the epoch.
        by: The account.
    """
    for visit in (current_visit(session, room), hidden_visit(session, room)):
        if visit is not None:
            close_visit(session, visit, time, "cleared")
    journal.append(session, time, CLEARING, room, {"by": by})


def rooms_cleared(session: Session, time: float) -> dict[str, float]:
    """Return the rooms that staff clear at a time, and until when they may; by room.

    They have cleared it when they come out.
    """
    begun = {
        room: entry
        for room, entry in journal.latest(session, [CLEARING], time - CLEARING_S).items()
        if entry.time <= time
    }
    if not begun:
        return {}
    came_out = select(JournalEntry.room, JournalEntry.id, JournalEntry.payload).where(
        JournalEntry.kind == "crossing",
        JournalEntry.room.in_(list(begun)),
        JournalEntry.id > min(entry.id for entry in begun.values()),
    )
    for row in session.execute(came_out):
        if row.room in begun and row.id > begun[row.room].id and row.payload["event"] == "exit":
            del begun[row.room]
    return {room: entry.time + CLEARING_S for room, entry in begun.items()}


def is_cleared(session: Session, crossing: Crossing) -> bool:
    """Check whether staff clear the room of a crossing, whose journal entry is not written yet."""
    return crossing.room in rooms_cleared(session, crossing.time)


def record_trip(session: Session, crossing: Crossing) -> None:
    """Change what is in the rooms behind a gate by what staff carried through it.

    Args:
        session: A write transaction.
        crossing: Of staff, its time in seconds since the epoch.
    """
    if crossing.event == "entry":
        _bring(session, crossing)
        return
    rest = left_behind.carry_out(session, crossing.behind, crossing.garments, crossing.time)
    _take_back(session, crossing, rest)


def _bring(session: Session, crossing: Crossing) -> None:
    """Add what a shopper behind the gate asked for; staff put other garments back elsewhere."""
    known = colourways_by_sku(session, [g.sku for g in crossing.garments if g.sku])
    query = (
        select(Request)
        .join(Visit)
        .where(
            Visit.room.in_(crossing.behind),
            Visit.closed_at.is_(None),
            Request.state.in_(OPEN_STATES),
            Request.colourway_id.in_(list(known.values())),
        )
    )
    wanted = list(session.scalars(query.order_by(Request.id)))
    for garment in crossing.garments:
        article = known.get(garment.sku or "")
        request = next((one for one in wanted if one.colourway_id == article), None)
        if request is None:
            continue
        wanted.remove(request)
        add_item(session, request.visit_id, garment, article, request.variant_id)
        session.expire(request.visit, ["items"])
        _note(session, request.visit, crossing.time)


def _take_back(session: Session, crossing: Crossing, garments: Sequence[GarmentMatch]) -> None:
    """Take what a shopper gave back out of the open visits behind the gate, by article."""
    visits = open_visits(session, crossing.behind)
    inside = [item for visit in visits for item in visit.items if item.state == "in"]
    for item in pair_garments(garments, inside):
        if item is not None:
            item.state = "out"
            _note(session, item.visit, crossing.time)
    session.flush()


def _note(session: Session, visit: Visit, time: float) -> None:
    visit.touched_at = time
    journal.append(session, time, "visit.changed", visit.room, {"visit": visit.id})
