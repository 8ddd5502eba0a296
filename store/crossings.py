"""Record crossings: entries and exits with garments.

Behind a gate to one room the visit opens there. Where a gate leads to several, the garments wait
until a screen claims them (`claims`).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from common.crossing import Crossing, GarmentMatch
from store import claims, journal, learning, staff_trips
from store.catalogue import colourways_by_sku
from store.schema import Visit, VisitItem
from store.visits import close_visit, current_visit, open_visits

Garments = Sequence[GarmentMatch]


def record_crossing(session: Session, crossing: Crossing, key: str) -> int | None:
    """Write a crossing once and change the visit it belongs to.

    An entry opens the room's visit or joins the open one. The exit of the last person
    closes it; an exit that belongs to no visit is kept in the journal alone. Staff are no
    shoppers (`staff_trips`).

    Args:
        session: A write transaction.
        crossing: What happened, its time in seconds since the epoch.
        key: The same crossing has the same key and is written once.

    Returns:
        The journal id, or None where this crossing was written before.
    """
    time, room, garments = crossing.time, crossing.room, crossing.garments
    of_staff = staff_trips.is_trip(session, crossing)
    entry = journal.append(session, time, "crossing", room, crossing.as_json(), key)
    if entry is None:
        return None
    if of_staff:
        staff_trips.record_trip(session, crossing)
    elif crossing.event == "exit":
        _leave(session, time, crossing.behind, garments)
    elif room:
        _enter(session, crossing)
    elif garments:
        waiting = claims.wait(session, crossing.rooms, time)
        _add_items(session, waiting, crossing)
        claims.announce(session, waiting, crossing.rooms, time)
    return entry.id


def _enter(session: Session, crossing: Crossing) -> None:
    time, room = crossing.time, crossing.room
    visit = current_visit(session, room)
    if visit is None:
        visit = Visit(room=room, opened_at=time, touched_at=time, people=0)
        session.add(visit)
        session.flush()
    visit.people += 1
    visit.touched_at = time
    _add_items(session, visit, crossing)
    journal.append(session, time, "visit.changed", room, {"visit": visit.id})


def _leave(session: Session, time: float, rooms: Sequence[str], garments: Garments) -> None:
    visit = _whose(session, rooms, garments)
    if visit is None:
        return
    visit.people -= 1
    visit.touched_at = time
    _take_out(session, visit, garments)
    if visit.people <= 0:
        close_visit(session, visit, time, "left")
    else:
        journal.append(session, time, "visit.changed", visit.room, {"visit": visit.id})


def _whose(session: Session, rooms: Sequence[str], garments: Garments) -> Visit | None:
    """Find the visit that an exit ends: the only one, else that with the garments carried out."""
    waiting = claims.waiting_for(session, rooms) if len(rooms) > 1 else []
    there = [*open_visits(session, rooms), *waiting]
    if len(there) <= 1:
        return there[0] if there else None
    known = set(colourways_by_sku(session, [g.sku for g in garments if g.sku]).values())
    categories = {garment.category for garment in garments}

    def shared(visit: Visit) -> int:
        inside = [item for item in visit.items if item.state == "in"]
        articles = sum(item.colourway_id in known for item in inside)
        return 10 * articles + sum(item.category in categories for item in inside)

    best = max(there, key=shared)
    return best if shared(best) else None


def _add_items(session: Session, visit: Visit, crossing: Crossing) -> None:
    garments = crossing.garments
    nearest = {garment.nearest[0].sku for garment in garments if garment.nearest}
    known = colourways_by_sku(session, [*nearest, *(g.sku for g in garments if g.sku)])
    for garment in garments:
        item = VisitItem(
            visit_id=visit.id,
            category=garment.category,
            category_certain=garment.category_certain,
            colourway_id=known.get(garment.sku or ""),
            score=garment.score,
            probability=garment.probability,
            candidates=garment.candidates,
        )
        session.add(item)
        session.flush()
        if garment.views is not None:
            learning.keep_views(session, item, garment.views)
            item.camera, item.model = crossing.camera, garment.views.model
            item.base_probability = garment.base_probability
            item.nearest_id = known.get(garment.nearest[0].sku) if garment.nearest else None
    session.expire(visit, ["items"])


def _take_out(session: Session, visit: Visit, garments: Garments) -> None:
    """Mark the garments carried out, by article if known, else by category."""
    known = colourways_by_sku(session, [g.sku for g in garments if g.sku])
    for garment in garments:
        inside = [item for item in visit.items if item.state == "in"]
        article = known.get(garment.sku or "")
        same = [item for item in inside if article and item.colourway_id == article]
        if same and garment.views is not None:
            learning.learn_from_match(session, same[0], garment.probability)
        same = same or [item for item in inside if item.category == garment.category]
        if same:
            same[0].state = "out"
    session.flush()
