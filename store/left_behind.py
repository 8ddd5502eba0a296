"""Garments not seen coming out of a room: a prompt to check the room, never an accusation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from common.crossing import GarmentMatch
from store import journal
from store.pairing import pair_garments
from store.schema import Visit, VisitItem

#: A room is checked for so long after a visit. Later, others have been in it.
CHECKED_FOR_S: Final = 3 * 3600.0


def list_left_behind(session: Session, now: float) -> Sequence[VisitItem]:
    """List the shop's garments not seen coming out of visits that ended lately, newest first.

    An unknown garment is not among them: it may be the shopper's own. Nor is one whose room no one
    knows.
    """
    query = _left().where(Visit.closed_at >= now - CHECKED_FOR_S)
    query = query.where(VisitItem.colourway_id.is_not(None), Visit.room != "")
    query = query.order_by(Visit.closed_at.desc(), VisitItem.id)
    loaded = selectinload(VisitItem.visit).selectinload(Visit.items)
    return session.scalars(query.options(loaded)).all()


def ends_of(session: Session, ended: Collection[int]) -> dict[int, str]:
    """Return why visits ended that ended lately, by their ids."""
    earliest = session.scalar(select(func.min(Visit.closed_at)).where(Visit.id.in_(ended)))
    if earliest is None:
        return {}
    found = journal.payloads(session, "visit.closed", earliest)
    return {p["visit"]: p["reason"] for p in found if p["visit"] in ended}


def last_visits(session: Session, rooms: Collection[str]) -> dict[str, int]:
    """Return the number of each room's last visit."""
    query = select(Visit.room, func.max(Visit.id)).where(Visit.room.in_(rooms))
    return {row[0]: row[1] for row in session.execute(query.group_by(Visit.room))}


def mark_checked(session: Session, items: Collection[int], now: float, by: str = "") -> int:
    """Note that staff checked for some garments; found or not, they are settled.

    What others have settled meanwhile is left as it is.

    Args:
        session: A write transaction.
        items: The garments' ids.
        now: Seconds since the epoch.
        by: The account that checked.

    Returns:
        How many were to be checked for.
    """
    found = session.scalars(_left().where(VisitItem.id.in_(items))).all()
    for item in found:
        item.state = "cleared"
    if found:
        ids = [item.id for item in found]
        journal.append(session, now, "items.checked", "", {"items": ids, "by": by})
    return len(found)


def carry_out(
    session: Session, rooms: Collection[str], garments: Sequence[GarmentMatch], now: float
) -> list[GarmentMatch]:
    """Settle garments that a camera sees coming out of a room after their visit.

    Args:
        session: A write transaction.
        rooms: Those that a person came out of.
        garments: What was carried.
        now: Seconds since the epoch.

    Returns:
        The garments that no one left, or that no article is known for.
    """
    query = _left().where(Visit.closed_at >= now - CHECKED_FOR_S, Visit.room.in_(rooms))
    left = session.scalars(query.order_by(Visit.closed_at.desc(), VisitItem.id)).all()
    paired = pair_garments(garments, left)
    found = [item for item in paired if item is not None]
    for item in found:
        item.state = "out"
    if found:
        ids = [item.id for item in found]
        journal.append(session, now, "items.checked", "", {"items": ids, "by": ""})
    return [garment for garment, item in zip(garments, paired, strict=True) if item is None]


def expire(session: Session, now: float) -> int:
    """Settle what was not checked for in time; returns how many garments.

    The journal's entry brings the list on open pages up to date, in which time alone changes
    nothing.
    """
    found = session.scalars(_left().where(Visit.closed_at < now - CHECKED_FOR_S)).all()
    for item in found:
        item.state = "cleared"
    if found:
        journal.append(session, now, "items.expired", "", {"count": len(found)})
    return len(found)


def _left() -> Select[VisitItem]:
    return (
        select(VisitItem).join(Visit).where(Visit.closed_at.is_not(None), VisitItem.state == "in")
    )
