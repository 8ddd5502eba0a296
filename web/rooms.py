"""A room's screen: its page, its API and the list a shopper takes along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import segno
from flask import Flask, Response, abort, jsonify, render_template

from models.taxonomy import GARMENTS
from services.catalogue.cards import Cards
from services.outfits.recommend import Recommender
from store import Session, Site, StoreError, claims, feedback, journal, requests, takealong, visits
from store.catalogue import variants_by_sku
from store.takealong import Entry
from web.body import known_room, read_body, read_text
from web.hub import Hub
from web.live import stream
from web.origin import public_address
from web.snapshot import room_snapshot


def add_room_pages(app: Flask, site: Site, hub: Hub, clock: Callable[[], float]) -> None:
    """Add `/screen/<room>`, `/list/<token>` and `/api/rooms/...` to an application."""
    _pages(app, site, clock)
    _state(app, site, hub, clock)
    _garments(app, site, clock)
    _wishes(app, site, clock)
    _feedback(app, site, hub.recommender, clock)


def _pages(app: Flask, site: Site, clock: Callable[[], float]) -> None:
    @app.get("/screen/<room>")
    def screen(room: str) -> str:
        known_room(site, room)
        return render_template(
            "screen.html",
            shop=site.settings.shop.name,
            room=room,
            garments=GARMENTS,
            suggestions=site.settings.screen.suggestions,
        )

    @app.get("/list/<token>")
    def take_along(token: str) -> Any:
        with site.store.read() as session:
            entries = takealong.read_list(session, token, clock())
            if entries is None:
                abort(404, "This list has expired, or there was none.")
            articles = _listed(session, entries, clock())
        return render_template("list.html", shop=site.settings.shop.name, articles=articles)


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


def _state(app: Flask, site: Site, hub: Hub, clock: Callable[[], float]) -> None:
    @app.get("/api/rooms/<room>")
    def room_state(room: str) -> Response:
        known_room(site, room)
        with site.store.read() as session:
            version = journal.last_id(session)
            document = room_snapshot(session, site, room, version, hub.recommender)
        return jsonify(document | {"now": clock()})

    @app.get("/api/rooms/<room>/events")
    def room_events(room: str) -> Response:
        known_room(site, room)
        return stream(hub, f"room:{room}")


def _garments(app: Flask, site: Site, clock: Callable[[], float]) -> None:
    @app.post("/api/rooms/<room>/items/<int:item>")
    def change_item(room: str, item: int) -> Response:
        known_room(site, room)
        data = read_body("mine", "sku", "code")
        with site.store.write() as session:
            if "sku" in data:
                visits.correct_item(session, room, item, read_text(data, "sku"), clock())
            elif "code" in data:
                visits.correct_by_tag(session, room, item, read_text(data, "code"), clock())
            elif isinstance(data.get("mine"), bool):
                visits.disown_item(session, room, item, clock(), data["mine"])
            else:
                abort(400, "Say 'mine' (true or false), 'sku' or 'code' (a tag).")
        return jsonify(status="ok")

    @app.post("/api/rooms/<room>/scans")
    def scan(room: str) -> tuple[Response, int]:
        known_room(site, room)
        code = read_text(read_body("code"), "code")
        with site.store.write() as session:
            number = visits.scan_item(session, room, code, clock())
        return jsonify(id=number), 201

    @app.post("/api/rooms/<room>/claims")
    def claim(room: str) -> Response:
        """Take garments that wait for one of several rooms, or say that they are not hers."""
        known_room(site, room)
        data = read_body("visit", "mine")
        number, mine = data.get("visit"), data.get("mine")
        if not isinstance(number, int) or isinstance(number, bool) or not isinstance(mine, bool):
            abort(
                400, "Say which 'visit' waits (a number), and whether it is 'mine' (true or false)."
            )
        if not 0 < number < 2**31:
            abort(404, "Nothing of this number waits.")
        with site.store.write() as session:
            (claims.claim if mine else claims.refuse)(session, room, number, clock())
        return jsonify(status="ok")

    @app.post("/api/rooms/<room>/leave")
    def leave(room: str) -> Response:
        known_room(site, room)
        read_body()
        with site.store.write() as session:
            visits.leave(session, room, clock())
        return jsonify(status="ok")


def _wishes(app: Flask, site: Site, clock: Callable[[], float]) -> None:
    @app.post("/api/rooms/<room>/requests")
    def ask(room: str) -> tuple[Response, int]:
        """Ask for an article, perhaps in a size; without one, for a person."""
        known_room(site, room)
        data = read_body("sku", "size")
        sku = read_text(data, "sku") if "sku" in data else None
        size = read_text(data, "size", "")
        with site.store.write() as session:
            visit = visits.require_visit(session, room)
            if sku is None:
                number = requests.ask_person(session, visit, clock())
            else:
                number = requests.ask_article(session, visit, sku, size, clock())
        return jsonify(id=number), 201

    @app.post("/api/rooms/<room>/list")
    def write_list(room: str) -> tuple[Response, int]:
        """Make the list to take along: what is in the room and what was asked for."""
        known_room(site, room)
        language = read_text(read_body("language"), "language", "")
        with site.store.write() as session:
            visit = visits.require_visit(session, room)
            inside = [item for item in visit.items if item.state == "in"]
            asked = requests.requests_of(session, visit)
            entries = takealong.list_entries([*inside, *asked])
            if not entries:
                raise StoreError("There is nothing on the list yet.")
            token = takealong.make_list(session, entries, clock())
        spoken = language if language in site.settings.shop.languages else None
        address = public_address(site.settings.web, "take_along", token=token, lang=spoken)
        code = segno.make(address, micro=False)
        return jsonify(address=address, qr=code.svg_data_uri(scale=8, border=2)), 201


def _feedback(app: Flask, site: Site, recommender: Recommender, clock: Callable[[], float]) -> None:
    @app.post("/api/rooms/<room>/outfits")
    def react(room: str) -> Response:
        """Note that outfits are on the screen, or what a shopper did with one."""
        known_room(site, room)
        data = read_body("shown", "outfit", "kind")
        with site.store.write() as session:
            visit = visits.require_visit(session, room)
            if "shown" in data:
                names = data["shown"]
                if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
                    abort(400, "'shown' must be a list of outfits' ids.")
                mine = [item for item in visit.items if item.state == "in"]
                known = recommender.for_visit(session, visit.id, mine)
                shown = [r.shown for r in known if r.shown.outfit in names]
                feedback.record_shown(session, visit.id, shown, clock())
            else:
                outfit, kind = read_text(data, "outfit"), read_text(data, "kind")
                if kind not in ("opened", "dropped"):
                    abort(400, f"'kind' is {kind!r}; a screen can say opened or dropped.")
                feedback.record(session, visit.id, outfit, kind, clock())
                if kind == "dropped":
                    payload = {"visit": visit.id}
                    journal.append(session, clock(), "visit.changed", room, payload)
        return jsonify(status="ok")
