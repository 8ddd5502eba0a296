"""A room's screen: its page, its API and the list a shopper takes along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import segno
from flask import Blueprint, Response, abort, g, jsonify, render_template

from models.taxonomy import GARMENTS
from services.catalogue.cards import Cards
from store import (
    Session,
    StoreError,
    claims,
    feedback,
    journal,
    requests,
    staff_trips,
    takealong,
    visits,
)
from store.catalogue import variants_by_sku
from store.learning import Source
from store.schema import Visit
from store.takealong import Entry
from web.api import operation
from web.body import known_room
from web.context import current
from web.live import stream
from web.origin import public_address
from web.permissions import EVERYBODY, SCREEN, allow
from web.schemas.base import Created, Done, EventHeaders, Nothing
from web.schemas.rooms import (
    ChangeItem,
    ClaimGarments,
    CorrectItem,
    CreateList,
    CreateRequest,
    OutfitReaction,
    OutfitsShown,
    RecordOutfits,
    Room,
    TagScan,
    TakeAlongList,
)
from web.snapshots import room_snapshot

rooms = Blueprint("rooms", __name__)


@rooms.get("/screen/<room>")
@allow("staff", SCREEN)
def screen(room: str) -> str:
    """Show a room's screen."""
    known_room(current.site, room)
    return render_template(
        "screen.html",
        shop=current.shop,
        room=room,
        garments=GARMENTS,
        suggestions=current.site.settings.screen.suggestions,
    )


@rooms.get("/list/<token>")
@allow(EVERYBODY)
def list_page(token: str) -> Any:
    """Show the list that a shopper took along."""
    with current.site.store.read() as session:
        entries = takealong.read_list(session, token, current.now())
        if entries is None:
            abort(404, "This list has expired, or there was none.")
        articles = _listed(session, entries, current.now())
    return render_template("list.html", shop=current.shop, articles=articles)


def _listed(session: Session, entries: Sequence[Entry], now: float) -> list[dict[str, Any]]:
    """Describe what is on a list, in its order; what the catalogue has no more is left out."""
    known = variants_by_sku(session, [entry.sku for entry in entries])
    cards = Cards.read(session, {variant.colourway_id for variant in known.values()}, now)
    listed = []
    for entry in entries:
        if variant := known.get(entry.sku):
            key = variant.colourway_id
            exact = cards.variant(key, variant.id if entry.exact else None)
            listed.append(cards.card(key, details=True) | {"variant": exact})
    return listed


@rooms.get("/api/rooms/<room>")
@allow("staff", SCREEN)
@operation("rooms", Room)
def get_room(room: str) -> Response:
    """Return what the room's screen shows."""
    known_room(current.site, room)
    with current.site.store.read() as session:
        version = journal.last_id(session)
        document = room_snapshot(session, current.site, room, version, current.recommender)
    return jsonify(document | {"now": current.now()})


@rooms.get("/api/rooms/<room>/events")
@allow("staff", SCREEN)
@operation("rooms")
def follow_room(room: str, headers: EventHeaders) -> Response:
    """Follow a room: `state` with the same document; `beat` in between, with `now` alone."""
    known_room(current.site, room)
    return stream(current.hub, f"room:{room}", headers)


@rooms.post("/api/rooms/<room>/items/<int:item>")
@allow("staff", SCREEN)
@operation("rooms", Done)
def change_item(room: str, item: int, json: ChangeItem) -> Done:
    """Say that a garment is not hers, is after all, or which article it is.

    The article is named by the SKU of its card, or by its tag.
    """
    known_room(current.site, room)
    change, now = json.root, current.now()
    source: Source = "choice" if g.role is None else "staff"
    with current.site.store.write() as session:
        if isinstance(change, CorrectItem):
            visits.correct_item(session, room, item, change.sku, now, source)
        elif isinstance(change, TagScan):
            visits.correct_by_tag(session, room, item, change.code, now)
        else:
            visits.disown_item(session, room, item, now, change.mine)
    return Done()


@rooms.post("/api/rooms/<room>/scans")
@allow("staff", SCREEN)
@operation("rooms", Created, 201)
def scan_tag(room: str, json: TagScan) -> tuple[Created, int]:
    """Add a garment by its tag: SKU, or GTIN in any form that scanners send."""
    known_room(current.site, room)
    with current.site.store.write() as session:
        number = visits.scan_item(session, room, json.code, current.now())
    return Created(id=number), 201


@rooms.post("/api/rooms/<room>/claims")
@allow("staff", SCREEN)
@operation("rooms", Done)
def claim_garments(room: str, json: ClaimGarments) -> Done:
    """Take garments that wait for one of several rooms, or say that they are not hers."""
    known_room(current.site, room)
    act = claims.claim if json.mine else claims.refuse
    with current.site.store.write() as session:
        act(session, room, json.visit, current.now())
    return Done()


@rooms.post("/api/rooms/<room>/leave")
@allow("staff", SCREEN)
@operation("rooms", Done)
def end_visit(room: str, json: Nothing) -> Done:
    """End the visit."""
    known_room(current.site, room)
    with current.site.store.write() as session:
        visits.leave(session, room, current.now())
    return Done()


@rooms.post("/api/rooms/<room>/clearing")
@allow("staff")
@operation("rooms", Done)
def clear_room(room: str, json: Nothing) -> Done:
    """Say that staff clear the room: its visit ends, and who goes in next is no shopper."""
    known_room(current.site, room)
    with current.site.store.write() as session:
        staff_trips.begin_clearing(session, room, current.now(), g.account or "")
    return Done()


@rooms.post("/api/rooms/<room>/requests")
@allow("staff", SCREEN)
@operation("rooms", Created, 201)
def create_request(room: str, json: CreateRequest) -> tuple[Created, int]:
    """Ask for an article, perhaps in a size; without one, for a person."""
    known_room(current.site, room)
    now = current.now()
    with current.site.store.write() as session:
        if json.look:
            visit = visits.current_or_new_visit(session, room, now)
        else:
            visit = visits.require_visit(session, room)
        if json.sku:
            number = requests.ask_article(session, visit, json.sku, json.size, now)
        else:
            number = requests.ask_person(session, visit, now)
    return Created(id=number), 201


@rooms.post("/api/rooms/<room>/list")
@allow("staff", SCREEN)
@operation("rooms", TakeAlongList, 201)
def create_list(room: str, json: CreateList) -> tuple[TakeAlongList, int]:
    """Make the list to take along: what is in the room and what was asked for."""
    known_room(current.site, room)
    with current.site.store.write() as session:
        visit = visits.require_visit(session, room)
        inside = [item for item in visit.items if item.state == "in"]
        asked = requests.requests_of(session, visit)
        entries = takealong.list_entries([*inside, *asked])
        if not entries:
            raise StoreError("There is nothing on the list yet.")
        token = takealong.make_list(session, entries, current.now())
    offered = current.site.settings.shop.languages
    spoken = json.language if json.language in offered else None
    address = public_address(current.site.settings.web, "rooms.list_page", token=token, lang=spoken)
    code = segno.make(address, micro=False)
    return TakeAlongList(address=address, qr=code.svg_data_uri(scale=8, border=2)), 201


@rooms.post("/api/rooms/<room>/outfits")
@allow("staff", SCREEN)
@operation("rooms", Done)
def record_outfits(room: str, json: RecordOutfits) -> Done:
    """Note that outfits are on the screen, or what a shopper did with one."""
    known_room(current.site, room)
    with current.site.store.write() as session:
        visit = visits.require_visit(session, room)
        if isinstance(json.root, OutfitsShown):
            _note_shown(session, visit, json.root.shown)
        else:
            _note_reaction(session, visit, json.root)
    return Done()


def _note_shown(session: Session, visit: Visit, names: Sequence[str]) -> None:
    mine = [item for item in visit.items if item.state == "in"]
    known = current.recommender.for_visit(session, visit.id, mine)
    shown = [outfit.shown for outfit in known if outfit.shown.outfit in names]
    feedback.record_shown(session, visit.id, shown, current.now())


def _note_reaction(session: Session, visit: Visit, reaction: OutfitReaction) -> None:
    now = current.now()
    feedback.record(session, visit.id, reaction.outfit, reaction.kind, now)
    if reaction.kind == "dropped":
        journal.append(session, now, "visit.changed", visit.room, {"visit": visit.id})
