"""The pages of all rooms: staff's, and the screen at the entrance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.catalogue.cards import CardBook, Cards
from services.prompts import list_prompts
from services.rooms import rooms_of
from services.waiting import read_capacity
from services.watching.status import camera_states
from store import Session, Site, journal, requests, staff_trips, visits
from store.schema import JournalEntry, Visit, VisitItem
from web.snapshots.described import (
    describe_candidates,
    describe_garment,
    describe_request,
    find_candidates,
)

#: How long staff are asked to look for what did not come out of a room.
_MOST_LEFT = 60
#: What was decided about a room's visits is explained to staff for so long, seconds.
_EXPLAINED_S = 600.0
_DECISIONS = ("visit.closed", "visit.hidden", "visit.resumed", "visit.returned", "visit.moved")
#: How soon staff should be with a shopper who asked.
_TARGET_S = 120


def staff_snapshot(
    session: Session, site: Site, version: int, now: float, book: CardBook
) -> dict[str, Any]:
    """Build the staff page: rooms, open requests, and what did not come out of rooms."""
    waiting = requests.open_requests(session)
    left = list_prompts(session, now)
    listed = left[:_MOST_LEFT]
    open_visits = visits.all_open(session)
    inside = [item for visit in open_visits for item in visit.items if item.state == "in"]
    wanted = {item.colourway_id for item in (*inside, *listed)}
    wanted |= {request.colourway_id for request in waiting}
    candidates = find_candidates(session, inside)
    wanted |= set(candidates.values())
    cards = book.open(session, {key for key in wanted if key is not None})
    behind_gates = rooms_of(site)  # reads every camera's file
    rooms = _rooms(behind_gates, open_visits)
    decided = journal.latest(session, _DECISIONS, now - _EXPLAINED_S)
    cleared = staff_trips.rooms_cleared(session, now)
    return {
        "version": version,
        "shop": site.settings.shop.name,
        "rooms": [
            _staff_room(room, visit, cards, candidates)
            | {"cleared_until": cleared.get(room)}
            | {"decided": _decided(decided.get(room))}
            for room, visit in rooms
        ],
        "requests": [describe_request(request, cards) for request in waiting],
        "cameras": camera_states(session, site, now),
        "capacity": _capacity(session, site, behind_gates, open_visits, now),
        "target_s": _TARGET_S,
        "left": _left_by_room(listed, cards),
        "left_more": len(left) - len(listed),
    }


def _rooms(names: Sequence[str], there: Sequence[Visit]) -> list[tuple[str, Visit | None]]:
    """List the rooms with their visits, then each visit that waits to be claimed by a room."""
    by_room = {visit.room: visit for visit in there if visit.room}
    rooms = [(room, by_room.get(room)) for room in dict.fromkeys([*names, *by_room])]
    return [*rooms, *((visit.room, visit) for visit in there if not visit.room)]


def entrance_snapshot(session: Session, site: Site, version: int, now: float) -> dict[str, Any]:
    """Build the entrance's screen: which rooms are free, and when the next one is."""
    shop = {"version": version, "shop": site.settings.shop.name}
    return shop | _capacity(session, site, rooms_of(site), visits.all_open(session), now)


def _capacity(
    session: Session, site: Site, rooms: Sequence[str], there: Sequence[Visit], now: float
) -> dict[str, Any]:
    since = {visit.room: visit.opened_at for visit in there}
    capacity = read_capacity(session, rooms, since, now)
    return {
        "rooms": [{"room": room, "free": free} for room, free in capacity.free.items()],
        "free_at": capacity.free_at,
        "item_limit": site.settings.shop.item_limit,
    }


def _decided(entry: JournalEntry | None) -> dict[str, Any] | None:
    """Describe what was decided last about the visits of a room, and why."""
    if entry is None:
        return None
    act = entry.kind.removeprefix("visit.")
    if entry.payload.get("away"):
        act = "interrupted"
    why = {name: str(entry.payload.get(name, "")) for name in ("reason", "evidence", "from")}
    return {"act": act, "time": entry.time, "probability": entry.payload.get("probability")} | why


def _left_by_room(items: Sequence[VisitItem], cards: Cards) -> list[dict[str, Any]]:
    """Group what was not seen coming out by room, as staff go and check; the newest first."""
    rooms: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        described = {
            "id": item.id,
            "visit": item.visit_id,
            "opened_at": item.visit.opened_at,
            "closed_at": item.visit.closed_at,
            "article": describe_garment(item, cards),
        }
        rooms.setdefault(item.visit.room, []).append(described)
    return [{"room": room, "items": found} for room, found in rooms.items()]


def _staff_room(
    room: str, visit: Visit | None, cards: Cards, candidates: Mapping[str, int]
) -> dict[str, Any]:
    items = [item for item in visit.items if item.state == "in"] if visit else []
    return {
        "room": room,
        "occupied": visit is not None,
        "since": visit.opened_at if visit else None,
        "items": [
            describe_garment(item, cards)
            | {"id": item.id, "candidates": describe_candidates(item, cards, candidates)}
            for item in items
        ],
    }
