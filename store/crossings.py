"""What crossings change: the garments of visits, and visits behind gates to several rooms.

What a crossing of a gate to one room means is decided in `services.visits`. Where a gate leads to
several rooms, the garments wait until a screen claims them (`claims`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.crossing import Crossing, GarmentMatch
from store import claims, journal, learning, left_behind
from store.catalogue import colourways_by_sku
from store.journal import DOUBTED
from store.pairing import ARTICLE, CATEGORY, MISTAKEN, agree, pair_garments
from store.schema import JournalEntry, Visit, VisitItem
from store.visits import SURELY_OVER, Returns, close_visit, open_visit, open_visits

Garments = Sequence[GarmentMatch]

_DAY_S: Final = 86400.0


def write_crossing(session: Session, crossing: Crossing, key: str) -> int | None:
    """Write a crossing to the journal once; returns its id, or None where it was written before."""
    payload = crossing.as_json()
    entry = journal.append(session, crossing.time, "crossing", crossing.room, payload, key)
    return entry.id if entry else None


def crossings_of(
    session: Session, room: str, since: float, before: int | None = None
) -> list[Crossing]:
    """Read the crossings of a room's gate from a time on, perhaps those written before an id."""
    query = select(JournalEntry.payload).where(
        JournalEntry.room == room, JournalEntry.kind == "crossing", JournalEntry.time >= since
    )
    if before is not None:
        query = query.where(JournalEntry.id < before)
    return [Crossing.from_json(found) for found in session.scalars(query.order_by(JournalEntry.id))]


def crossings_since(session: Session, since: float, before: int) -> list[Crossing]:
    """Read the crossings of all gates from a time on that were written before an id."""
    query = select(JournalEntry.payload).where(
        JournalEntry.kind == "crossing", JournalEntry.time >= since, JournalEntry.id < before
    )
    return [Crossing.from_json(found) for found in session.scalars(query.order_by(JournalEntry.id))]


def count_crossings(session: Session, since: float, until: float) -> dict[str, int]:
    """Count the entries and exits that were reported in a time, by event."""
    event = JournalEntry.payload["event"].as_string().label("event")
    query = select(event, func.count()).where(
        JournalEntry.kind == "crossing", JournalEntry.time >= since, JournalEntry.time < until
    )
    return {row[0]: row[1] for row in session.execute(query.group_by("event"))}


def cross_shared_gate(session: Session, crossing: Crossing) -> None:
    """Follow a crossing of a gate to several rooms.

    The garments of an entry wait for the screen that claims them. An exit ends the visit that it
    fits; one that belongs to no visit is kept in the journal alone. Where it is not certain whose
    exit it is, any visit behind the gate may be over: those that are still open end with the next
    entry, before the next shopper sees their garments.
    """
    time, rooms = crossing.time, crossing.behind
    there = [*open_visits(session, rooms), *claims.waiting_for(session, rooms)]
    if crossing.event == "exit":
        visit, sure = _whose(session, there, crossing.garments)
        if visit is not None:
            leave(session, visit, time, crossing.garments)
        for other in there if not sure else ():
            if other.closed_at is None:
                journal.append(session, time, DOUBTED, other.room, {"visit": other.id})
        return
    doubted = {p["visit"] for p in journal.payloads(session, DOUBTED, time - _DAY_S)}
    for visit in there:
        if visit.id in doubted:
            close_visit(session, visit, time, "next")
    if crossing.garments:
        waiting = claims.wait(session, crossing.rooms, time)
        add_items(session, waiting, crossing)
        claims.announce(session, waiting, crossing.rooms, time)


def enter(
    session: Session,
    visit: Visit | None,
    crossing: Crossing,
    reason: str,
    same: Sequence[VisitItem | None],
    evidence: str = "",
) -> Visit:
    """Let a person join a visit, or open one.

    Args:
        session: A write transaction.
        visit: The one that is joined.
        crossing: The entry.
        reason: Why it is joined or opened, for the journal.
        same: As in `add_items`.
        evidence: What sensors contribute to the reason.
    """
    time, room = crossing.time, crossing.room
    visit = visit or open_visit(session, room, time)
    visit.people += 1
    visit.touched_at = time
    add_items(session, visit, crossing, same)
    payload = {"visit": visit.id, "reason": reason}
    payload |= {"evidence": evidence} if evidence else {}
    journal.append(session, time, "visit.changed", room, payload)
    return visit


def leave(
    session: Session,
    visit: Visit,
    time: float,
    garments: Garments,
    back: Returns = SURELY_OVER,
) -> None:
    """Let a person leave a visit with garments; the last one ends it, and perhaps comes back."""
    visit.people -= 1
    visit.touched_at = time
    take_out(session, visit, _hers(session, visit, time, garments))
    if visit.people <= 0:
        close_visit(session, visit, time, "left", back)
    else:
        payload = {"visit": visit.id, "reason": "others_stay"}
        journal.append(session, time, "visit.changed", visit.room, payload)


def carry_over(
    session: Session, earlier: Visit, visit: Visit, garments: Garments, sure: bool
) -> None:
    """Follow a shopper with her garments from one room to another.

    Args:
        session: A write transaction.
        earlier: Her visit to the other room, which has ended.
        visit: Her visit to this one.
        garments: What she was seen to carry in.
        sure: Whether it is certain enough to be the same shopper that the screen may show what no
            camera saw her carry in.
    """
    hers = [item for item in earlier.items if item.state in ("in", "out")]
    seen = pair_garments(garments, hers, CATEGORY if sure else ARTICLE)
    for item in hers:
        if item in seen:
            item.state = "out"
        elif sure:
            item.visit_id, item.state = visit.id, "in"
    session.flush()
    session.expire(earlier, ["items"])
    session.expire(visit, ["items"])


def _hers(session: Session, visit: Visit, time: float, garments: Garments) -> Garments:
    """Leave out what others had left in the room, and what is settled now that it came out."""
    known = colourways_by_sku(session, [g.sku for g in garments if g.sku])
    inside = {item.colourway_id for item in visit.items if item.state == "in"}
    others = [g for g in garments if g.sku in known and known[g.sku] not in inside]
    rest = left_behind.carry_out(session, [visit.room], others, time)
    return [g for g in garments if g not in others or g in rest]


def _whose(
    session: Session, there: Sequence[Visit], garments: Garments
) -> tuple[Visit | None, bool]:
    """Find the visit that an exit ends, and whether that is certain.

    The only one, else that with the articles carried out, or with garments of their categories.
    """
    if len(there) <= 1:
        return (there[0] if there else None), True
    known = set(colourways_by_sku(session, [g.sku for g in garments if g.sku]).values())
    categories = {garment.category for garment in garments}
    inside = {visit: [item for item in visit.items if item.state == "in"] for visit in there}
    articles = {v: sum(item.colourway_id in known for item in inside[v]) for v in there}
    shared = {
        v: 10 * articles[v] + sum(item.category in categories for item in inside[v]) for v in there
    }
    best = max(there, key=lambda visit: shared[visit])
    sure = articles[best] > 0 and sum(count > 0 for count in articles.values()) == 1
    return (best if shared[best] else None), sure


def add_items(
    session: Session, visit: Visit, crossing: Crossing, same: Sequence[VisitItem | None] = ()
) -> None:
    """Add the garments of an entry to a visit.

    Args:
        session: A write transaction.
        visit: The visit.
        crossing: The entry.
        same: For each garment the item that it is (`pair_garments`), None where it is none: that
            item may get its article.
    """
    garments = crossing.garments
    nearest = {garment.nearest[0].sku for garment in garments if garment.nearest}
    known = colourways_by_sku(session, [*nearest, *(g.sku for g in garments if g.sku)])
    for garment, item in zip_longest(garments, same):
        if item is not None:
            _recognise(session, item, garment, known.get(garment.sku or ""))
            continue
        item = add_item(session, visit.id, garment, known.get(garment.sku or ""))
        if garment.views is not None:
            learning.keep_views(session, item, garment.views)
            item.camera, item.model = crossing.camera, garment.views.model
            item.base_probability = garment.base_probability
            item.nearest_id = known.get(garment.nearest[0].sku) if garment.nearest else None
    session.flush()
    session.expire(visit, ["items"])


def add_item(
    session: Session,
    visit: int,
    garment: GarmentMatch,
    colourway: int | None,
    variant: int | None = None,
) -> VisitItem:
    """Add a garment that a camera reports to a visit, as the article that it is.

    Args:
        session: A write transaction.
        visit: The visit's number.
        garment: The report.
        colourway: The article; None where it is not known.
        variant: Its size, where it is known.
    """
    item = VisitItem(
        visit_id=visit,
        category=garment.category,
        category_certain=garment.category_certain,
        colourway_id=colourway,
        variant_id=variant,
        score=garment.score,
        probability=garment.probability,
        candidates=garment.candidates,
    )
    session.add(item)
    session.flush()
    return item


def _recognise(
    session: Session, item: VisitItem, garment: GarmentMatch, article: int | None
) -> None:
    """Give an item that was not recognised the article by which it was seen again."""
    if item.colourway_id is None and article is not None and item.state == "in":
        item.colourway_id, item.category = article, garment.category
        item.category_certain, item.probability = True, garment.probability
        session.flush()
        session.expire(item, ["colourway"])


def take_out(session: Session, visit: Visit, garments: Garments, again: bool = False) -> None:
    """Mark the garments carried out, by article if known, else by candidates or category.

    Args:
        session: A write transaction.
        visit: The visit.
        garments: What was carried out.
        again: Another camera has reported this exit before: garments that came out then are
            the same ones.
    """
    gone = [item for item in visit.items if item.state == "out"] if again else []
    inside = [item for item in visit.items if item.state == "in"]
    paired = pair_garments(garments, [*gone, *inside], MISTAKEN)
    for garment, item in zip(garments, paired, strict=True):
        if item is None or item.state == "out":
            continue
        if garment.views is not None and agree(garment, item) == ARTICLE:
            learning.learn_from_match(session, item, garment.probability)
        item.state = "out"
    session.flush()
