"""Trips of staff, who wear a badge: they bring what was asked for and carry out what was left.

Staff open no visit, join none and end none, whatever they carry.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.crossing import Crossing, GarmentMatch
from store import journal, left_behind
from store.catalogue import colourways_by_sku
from store.requests import OPEN_STATES
from store.schema import Request, Visit, VisitItem
from store.visits import open_visits


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
        item = VisitItem(
            visit_id=request.visit_id,
            category=garment.category,
            colourway_id=article,
            variant_id=request.variant_id,
            score=garment.score,
            probability=garment.probability,
            candidates=garment.candidates,
        )
        session.add(item)
        session.flush()
        session.expire(request.visit, ["items"])
        _note(session, request.visit, crossing.time)


def _take_back(session: Session, crossing: Crossing, garments: Sequence[GarmentMatch]) -> None:
    """Take what a shopper gave back out of the open visits behind the gate, by article."""
    known = colourways_by_sku(session, [g.sku for g in garments if g.sku])
    visits = open_visits(session, crossing.behind)
    for garment in garments:
        article = known.get(garment.sku or "")
        inside = [item for visit in visits for item in visit.items if item.state == "in"]
        item = next((one for one in inside if article and one.colourway_id == article), None)
        if item is not None:
            item.state = "out"
            session.flush()
            _note(session, item.visit, crossing.time)


def _note(session: Session, visit: Visit, time: float) -> None:
    visit.touched_at = time
    journal.append(session, time, "visit.changed", visit.room, {"visit": visit.id})
