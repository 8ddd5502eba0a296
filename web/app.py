"""The Flask application: pages, API and live streams of one site."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, abort, jsonify, render_template, request, send_from_directory
from werkzeug.exceptions import HTTPException

from calibration import CameraError
from models import GARMENTS
from store import Site, StoreError, feedback, journal, visits
from web.body import read_body, read_text
from web.hub import STAFF, Hub, TooManyPages
from web.looks import add_look_pages
from web.recommend import Recommender
from web.snapshot import room_snapshot, rooms_of, staff_snapshot

log = logging.getLogger("fittingroom.web")

_SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create_app(site: Site, clock: Callable[[], float] = time.time) -> Flask:
    """Build the application; `app.extensions["hub"]` still has to be started.

    Args:
        site: The site to serve.
        clock: Seconds since the epoch.
    """
    app = Flask("web")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    recommender = Recommender(site, clock)
    hub = Hub(site, recommender, clock)
    app.extensions["hub"] = hub
    _errors(app)
    _guards(app)
    _pages(app, site)
    app.extensions["recommender"] = recommender
    _screen_api(app, site, hub, clock)
    _feedback_api(app, site, recommender, clock)
    add_look_pages(app, site, recommender.stylist, clock)
    _staff_api(app, site, hub, clock)
    return app


def _errors(app: Flask) -> None:
    """Give every error one JSON shape on the API and one page elsewhere."""

    def answer(status: int, message: str) -> tuple[Any, int]:
        if request.path.startswith("/api/"):
            return jsonify(error={"status": status, "message": message}), status
        return render_template("error.html", status=status, message=message), status

    @app.errorhandler(StoreError)
    def _refused(error: StoreError) -> tuple[Any, int]:
        return answer(409, str(error))

    @app.errorhandler(CameraError)
    def _misconfigured(error: CameraError) -> tuple[Any, int]:
        return answer(500, str(error))

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> tuple[Any, int]:
        return answer(error.code or 500, error.description or error.name)

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> tuple[Any, int]:
        log.exception("unexpected error in %s %s", request.method, request.path)
        return answer(500, "Something went wrong here; it is in the server's log.")


def _guards(app: Flask) -> None:
    @app.before_request
    def _same_site() -> None:
        # Browsers say where a request comes from; another site must not post for a shopper.
        if request.method != "POST":
            return
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            abort(403, "Requests from other sites are refused.")
        if not request.is_json:
            abort(415, "Send JSON (Content-Type: application/json).")

    @app.after_request
    def _headers(response: Response) -> Response:
        for name, value in _SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        return response


def _known_room(site: Site, room: str) -> None:
    if room not in rooms_of(site):
        known = ", ".join(rooms_of(site)) or "none yet; add a camera"
        abort(404, f"There is no room {room!r} here. Rooms: {known}.")


def _pages(app: Flask, site: Site) -> None:
    @app.get("/")
    def index() -> str:
        return render_template("index.html", shop=site.settings.shop.name, rooms=rooms_of(site))

    @app.get("/screen/<room>")
    def screen(room: str) -> str:
        _known_room(site, room)
        return render_template(
            "screen.html", shop=site.settings.shop.name, room=room, garments=GARMENTS
        )

    @app.get("/staff")
    def staff() -> str:
        return render_template("staff.html", shop=site.settings.shop.name)

    @app.get("/pictures/<path:file>")
    def picture(file: str) -> Response:
        response = send_from_directory(site.pictures.resolve(), file)
        # The name is the content's hash.
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    @app.get("/healthz")
    def health() -> Response:
        with site.store.read() as session:
            return jsonify(status="ok", journal=journal.last_id(session))


def _stream(hub: Hub, topic: str) -> Response:
    last = request.headers.get("Last-Event-ID", "")
    try:
        events = hub.subscribe(topic, int(last) if last.isdigit() else None)
    except TooManyPages:
        abort(503, "Too many pages follow this server; close one or raise web.screens.")
    response = Response(events, mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _screen_api(app: Flask, site: Site, hub: Hub, clock: Callable[[], float]) -> None:
    @app.get("/api/rooms/<room>")
    def room_state(room: str) -> Response:
        _known_room(site, room)
        with site.store.read() as session:
            version = journal.last_id(session)
            return jsonify(room_snapshot(session, site, room, version, hub.recommender))

    @app.get("/api/rooms/<room>/events")
    def room_events(room: str) -> Response:
        _known_room(site, room)
        return _stream(hub, f"room:{room}")

    @app.post("/api/rooms/<room>/items/<int:item>")
    def change_item(room: str, item: int) -> Response:
        _known_room(site, room)
        data = read_body("mine", "sku")
        with site.store.write() as session:
            if "sku" in data:
                visits.correct_item(session, room, item, read_text(data, "sku"), clock())
            elif isinstance(data.get("mine"), bool):
                visits.disown_item(session, room, item, clock(), data["mine"])
            else:
                abort(400, "Say 'mine' (true or false) or 'sku'.")
        return jsonify(status="ok")

    @app.post("/api/rooms/<room>/scans")
    def scan(room: str) -> tuple[Response, int]:
        _known_room(site, room)
        code = read_text(read_body("code"), "code")
        with site.store.write() as session:
            number = visits.scan_item(session, room, code, clock())
        return jsonify(id=number), 201

    @app.post("/api/rooms/<room>/leave")
    def leave(room: str) -> Response:
        _known_room(site, room)
        read_body()
        with site.store.write() as session:
            visits.leave(session, room, clock())
        return jsonify(status="ok")

    @app.post("/api/rooms/<room>/requests")
    def ask(room: str) -> tuple[Response, int]:
        _known_room(site, room)
        data = read_body("sku", "size")
        sku, size = read_text(data, "sku"), read_text(data, "size", "")
        with site.store.write() as session:
            number = visits.open_request(session, room, sku, size, clock())
        return jsonify(id=number), 201


def _feedback_api(
    app: Flask, site: Site, recommender: Recommender, clock: Callable[[], float]
) -> None:
    @app.post("/api/rooms/<room>/outfits")
    def react(room: str) -> Response:
        """Note that outfits are on the screen, or what a shopper did with one."""
        _known_room(site, room)
        data = read_body("shown", "outfit", "kind")
        with site.store.write() as session:
            visit = visits.current_visit(session, room)
            if visit is None:
                raise StoreError(f"Room {room} has no visit now; nothing was noted.")
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


def _staff_api(app: Flask, site: Site, hub: Hub, clock: Callable[[], float]) -> None:
    @app.get("/api/staff")
    def staff_state() -> Response:
        with site.store.read() as session:
            return jsonify(staff_snapshot(session, site, journal.last_id(session)))

    @app.get("/api/staff/events")
    def staff_events() -> Response:
        return _stream(hub, STAFF)

    @app.post("/api/requests/<int:number>")
    def change_request(number: int) -> Response:
        data = read_body("state", "answer")
        state, answer = read_text(data, "state"), read_text(data, "answer", "")
        if state not in ("taken", "answered", "done", "cancelled"):
            abort(400, f"'state' is {state!r}; it can be taken, answered, done or cancelled.")
        if state == "answered" and not answer:
            abort(400, "'answer' must be a text that is not empty.")
        with site.store.write() as session:
            visits.change_request(session, number, state, clock(), answer)
        return jsonify(status="ok")
