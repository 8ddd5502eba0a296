"""What a page shows, as one JSON document: a room's for its screen, all rooms' for staff.

A snapshot is built from the tables alone, so a page that just connected and one that
has been open for hours show the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from calibration import list_cameras
from calibration.files import newest_readable
from common.texts import N_
from models.stylist import rules
from services.catalogue.cards import CardBook, Cards
from services.outfits.alternatives import alternatives_to
from services.outfits.reasons import TEXTS
from services.outfits.recommend import Recommendation, Recommender
from services.waiting import read_capacity
from services.watching.status import camera_states
from store import (
    Session,
    Site,
    claims,
    feedback,
    journal,
    left_behind,
    looks,
    requests,
    staff_trips,
    visits,
)
from store.catalogue import colourways_by_sku
from store.schema import JournalEntry, Request, Visit, VisitItem

#: Similar articles on a screen.
_SIMILAR = 6
#: A visit's latest requests that its screen shows.
_REQUESTS = 20
#: Looks that the idle page shows in turn.
_LOOKS = 8
#: Articles a garment might be, where the match is wrong or unsure.
_CANDIDATES = 4
#: How long staff are asked to look for what did not come out of a room.
_MOST_LEFT = 60
#: What was decided about a room's visits is explained to staff for so long, seconds.
_EXPLAINED_S = 600.0
_DECISIONS = ("visit.closed", "visit.hidden", "visit.resumed")
#: How soon staff should be with a shopper who asked.
_TARGET_S = 120


def rooms_of(site: Site) -> list[str]:
    """List the rooms that the site's gates lead to.

    A camera whose file is wrong keeps the rooms that it led to before.
    """
    rooms: set[str] = set()
    for name in list_cameras(site.folder):
        camera = newest_readable(site.folder, name)
        for gate in camera.gates if camera else ():
            rooms.update(gate.rooms)
    return sorted(rooms, key=lambda room: (len(room), room))


def room_snapshot(
    session: Session, site: Site, room: str, version: int, recommender: Recommender
) -> dict[str, Any]:
    """Build a room's page.

    Args:
        session: A read session.
        site: For the settings.
        room: The room.
        version: The journal id it is up to date with.
        recommender: Suggests outfits.
    """
    book = recommender.book
    base: dict[str, Any] = {"version": version, "room": room, "shop": site.settings.shop.name}
    visit = visits.current_visit(session, room)
    # Who is in a room with her garments is not asked about those of others.
    base["waiting"] = [] if visit and visit.items else _waiting(session, room, book)
    if visit is None:
        empty: dict[str, Any] = {
            "visit": None,
            "items": [],
            "outfits": [],
            "similar": [],
            "requests": [],
        }
        return base | empty | {"looks": _looks_on_show(session, book)}
    items = visits.items_on_screen(visit)
    mine = [item for item in items if item.state == "in"]
    unwanted = feedback.dropped_outfits(session, visit.id)
    outfits = [
        outfit
        for outfit in recommender.for_visit(session, visit.id, mine)
        if outfit.shown.outfit not in unwanted
    ]
    similar = recommender.similar(session, mine, _SIMILAR)
    every = requests.requests_of(session, visit)
    shown = [request for request in every if request.state != "cancelled"][-_REQUESTS:]
    wanted = {item.colourway_id for item in items if item.colourway_id}
    wanted |= {key for outfit in outfits for key in outfit.keys} | set(similar)
    wanted |= {request.colourway_id for request in shown if request.colourway_id}
    candidates = _candidates(session, items)
    cards = book.open(session, wanted | set(candidates.values()))
    instead = alternatives_to(session, shown, recommender)
    return base | {
        "visit": visit.id,
        "items": [_item(item, cards, candidates) for item in items],
        "outfits": [_outfit(outfit, mine, cards) for outfit in outfits],
        "similar": [cards.card(key, details=True) for key in similar],
        "requests": [
            _request(request, cards) | {"alternatives": instead.get(request.id, [])}
            for request in shown
        ],
        "looks": [],
    }


def _waiting(session: Session, room: str, book: CardBook) -> list[dict[str, Any]]:
    """List what waits to be claimed by this room or another."""
    waiting = claims.waiting_for(session, [room])
    keys = {i.colourway_id for v in waiting for i in v.items if i.colourway_id}
    cards = book.open(session, keys)
    return [
        {"visit": visit.id, "garments": [_thing(item, cards) for item in visit.items]}
        for visit in waiting
    ]


def _looks_on_show(session: Session, book: CardBook) -> list[dict[str, Any]]:
    """Choose looks for the idle page: those that are whole in stock, what staff kept first."""
    on_show = looks.looks_in_stock(session, _LOOKS)
    cards = book.open(session, {i.colourway_id for o in on_show for i in o.items})
    return [
        {"id": look.id, "pieces": _as_worn([cards.card(i.colourway_id) for i in look.items])}
        for look in on_show
    ]


def _as_worn(pieces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put garments before bags and jewellery, whatever order a look was written in."""
    return [pieces[n] for n in rules.in_order([piece["category"] for piece in pieces])]


def _item(item: VisitItem, cards: Cards, candidates: Mapping[str, int]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": item.id,
        "category": item.category,
        "category_certain": item.category_certain,
        "state": item.state,
        "article": None,
        "variant": None,
    }
    if item.colourway_id is not None:
        described["article"] = cards.card(item.colourway_id, details=True)
        described["variant"] = cards.variant(item.colourway_id, item.variant_id)
    described["candidates"] = _other_candidates(item, cards, candidates)
    return described


def _candidates(session: Session, items: Sequence[VisitItem]) -> dict[str, int]:
    """Map the candidates' SKUs to colourways, as far as they are still in the catalogue."""
    skus = [c.sku for item in items for c in item.candidates[:_CANDIDATES]]
    return colourways_by_sku(session, skus)


def _other_candidates(
    item: VisitItem, cards: Cards, candidates: Mapping[str, int]
) -> list[dict[str, Any]]:
    named = [c.sku for c in item.candidates[:_CANDIDATES]]
    keys = dict.fromkeys(candidates[sku] for sku in named if sku in candidates)
    return [cards.card(key) for key in keys if key != item.colourway_id]


def _outfit(outfit: Recommendation, items: Sequence[VisitItem], cards: Cards) -> dict[str, Any]:
    carried = {item.colourway_id for item in items}
    pieces = [cards.card(key, details=True) | {"carried": key in carried} for key in outfit.keys]
    titles = {key: cards.card(key)["title"] for key in outfit.keys}
    anchor = items[outfit.item]
    return {
        "id": outfit.shown.outfit,
        "source": outfit.source,
        "pieces": pieces,
        "item": anchor.id,
        "why": _why(outfit, titles, anchor.category if anchor.category_certain else N_("garment")),
    }


def _why(outfit: Recommendation, titles: Mapping[int, str], category: str) -> dict[str, Any]:
    """Return the reason, for the page to put into its language."""
    reason = outfit.reason
    one = titles.get(reason.one) if reason.one is not None else None
    return {
        "text": TEXTS[reason.kind],
        "one": one,
        "category": category,
        "other": titles.get(reason.other, ""),
    }


def _request(request: Request, cards: Cards) -> dict[str, Any]:
    key = request.colourway_id
    return {
        "id": request.id,
        "kind": "person" if key is None else "article",
        "state": request.state,
        "size": request.size,
        "answer": request.answer,
        "reason": request.reason,
        "room": request.room,
        "opened_at": request.opened_at,
        "taken_by": request.taken_by,
        "shelf": cards.shelf(key, request.variant_id) if key is not None else "",
        "article": cards.card(key) if key is not None else None,
        "variant": cards.variant(key, request.variant_id) if key is not None else None,
    }


def staff_snapshot(
    session: Session, site: Site, version: int, now: float, book: CardBook
) -> dict[str, Any]:
    """Build the staff page: rooms, open requests, and what did not come out of rooms."""
    waiting = requests.open_requests(session)
    left = left_behind.list_left_behind(session, now)
    listed = left[:_MOST_LEFT]
    open_visits = visits.all_open(session)
    inside = {visit.room: [i for i in visit.items if i.state == "in"] for visit in open_visits}
    wanted = {item.colourway_id for items in (*inside.values(), listed) for item in items}
    wanted |= {request.colourway_id for request in waiting}
    candidates = _candidates(session, [item for items in inside.values() for item in items])
    wanted |= set(candidates.values())
    cards = book.open(session, {key for key in wanted if key is not None})
    by_room = {visit.room: visit for visit in open_visits}
    behind_gates = rooms_of(site)  # reads every camera's file
    rooms = [*dict.fromkeys([*behind_gates, *by_room])]
    decided = journal.latest(session, _DECISIONS, now - _EXPLAINED_S)
    return {
        "version": version,
        "shop": site.settings.shop.name,
        "rooms": [
            _staff_room(room, by_room.get(room), cards, candidates)
            | {"cleared_until": staff_trips.cleared_until(session, room, now)}
            | {"decided": _decided(decided.get(room))}
            for room in rooms
        ],
        "requests": [_request(request, cards) for request in waiting],
        "cameras": camera_states(session, site, now),
        "capacity": _capacity(session, site, behind_gates, now),
        "target_s": _TARGET_S,
        "left": _left_by_room(listed, cards),
        "left_more": len(left) - len(listed),
    }


def entrance_snapshot(session: Session, site: Site, version: int, now: float) -> dict[str, Any]:
    """Build the entrance's screen: which rooms are free, and when the next one is."""
    shop = {"version": version, "shop": site.settings.shop.name}
    return shop | _capacity(session, site, rooms_of(site), now)


def _capacity(session: Session, site: Site, rooms: Sequence[str], now: float) -> dict[str, Any]:
    capacity = read_capacity(session, rooms, now)
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
    return {"act": act, "reason": str(entry.payload.get("reason", "")), "time": entry.time}


def _left_by_room(items: Sequence[VisitItem], cards: Cards) -> list[dict[str, Any]]:
    """Group what was not seen coming out by room, as staff go and check; the newest first."""
    rooms: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        described = {
            "id": item.id,
            "visit": item.visit_id,
            "opened_at": item.visit.opened_at,
            "closed_at": item.visit.closed_at,
            "article": _thing(item, cards),
        }
        rooms.setdefault(item.visit.room, []).append(described)
    return [{"room": room, "items": found} for room, found in rooms.items()]


def _thing(item: VisitItem, cards: Cards) -> dict[str, Any]:
    if item.colourway_id is not None:
        variant = cards.variant(item.colourway_id, item.variant_id)
        return cards.card(item.colourway_id) | {"variant": variant}
    unknown = {"title": "", "colour": "", "picture": "", "variant": None}
    certain = {"category": item.category, "category_certain": item.category_certain}
    return unknown | certain


def _staff_room(
    room: str, visit: Visit | None, cards: Cards, candidates: Mapping[str, int]
) -> dict[str, Any]:
    items = [item for item in visit.items if item.state == "in"] if visit else []
    return {
        "room": room,
        "occupied": visit is not None,
        "since": visit.opened_at if visit else None,
        "items": [
            _thing(item, cards)
            | {"id": item.id, "candidates": _other_candidates(item, cards, candidates)}
            for item in items
        ],
    }
