"""The Flask application: pages, API and live streams of one site."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, abort, jsonify, render_template, request, send_from_directory
from werkzeug.exceptions import HTTPException

from common.errors import FittingroomError
from services.events import Events
from services.outfits.recommend import Recommender
from services.workers import Workers
from store import DatabaseUnavailable, Site
from web.access import add_access, role_of_caller
from web.body import RowConverter, add_text_check
from web.calibrate import Sessions, add_calibration_pages
from web.errors import message_of
from web.health import Health, add_health
from web.hub import Hub
from web.insights import add_insights_pages
from web.languages import add_languages
from web.looks import add_look_pages
from web.openapi import add_openapi
from web.origin import add_origin_checks
from web.rooms import add_room_pages
from web.snapshot import rooms_of
from web.staff import add_staff_pages

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


def create_app(
    site: Site, clock: Callable[[], float] = time.time, events: Events | None = None
) -> Flask:
    """Build the application; `app.extensions["hub"]` and `["workers"]` still have to be started.

    Args:
        site: The site to serve.
        clock: Seconds since the epoch.
        events: Where the application's parts publish what other parts of a server act on.
    """
    events = events or Events()
    app = Flask("web")
    app.url_map.converters["int"] = RowConverter
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    recommender = Recommender(site, clock)
    hub = Hub(site, recommender, events, clock)
    app.extensions["hub"] = hub
    app.extensions["recommender"] = recommender
    workers = Workers()
    workers.add(hub.worker)
    app.extensions["workers"] = workers
    _errors(app, site)
    add_origin_checks(app, site.settings.web)
    _guards(app)
    add_text_check(app)
    add_languages(app, site)
    add_access(app, site, clock)
    _pages(app, site)
    add_health(app, site, Health(site, workers, clock), lambda: role_of_caller(site, clock()))
    add_room_pages(app, site, hub, clock)
    add_look_pages(app, site, recommender.stylist, clock)
    add_staff_pages(app, site, hub, clock)
    add_insights_pages(app, site, clock)
    sessions = Sessions(site, events)
    app.extensions["calibration"] = sessions
    add_calibration_pages(app, site, sessions, clock)
    add_openapi(app)
    return app


def _errors(app: Flask, site: Site) -> None:
    """Give every error one JSON shape on the API and one page elsewhere."""

    def answer(status: int, message: str) -> tuple[Any, int]:
        if request.path.startswith("/api/"):
            return jsonify(error={"status": status, "message": message}), status
        shop = site.settings.shop.name
        return render_template("error.html", shop=shop, status=status, message=message), status

    @app.errorhandler(FittingroomError)
    def _refused(error: FittingroomError) -> tuple[Any, int]:
        return answer(error.status, str(error))

    @app.errorhandler(DatabaseUnavailable)
    def _unavailable(error: DatabaseUnavailable) -> tuple[Any, int]:
        log.error("%s %s: %s", request.method, request.path, error)
        return answer(503, "The database cannot be written just now. Try again in a minute.")

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> tuple[Any, int]:
        return answer(error.code or 500, message_of(error))

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> tuple[Any, int]:
        log.exception("unexpected error in %s %s", request.method, request.path)
        return answer(500, "Something went wrong here; it is in the server's log.")


def _guards(app: Flask) -> None:
    @app.before_request
    def _json_only() -> None:
        if request.method == "POST" and not request.is_json:
            abort(415, "Send JSON (Content-Type: application/json).")

    @app.after_request
    def _headers(response: Response) -> Response:
        for name, value in _SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        return response


def _pages(app: Flask, site: Site) -> None:
    @app.get("/")
    def index() -> str:
        return render_template("index.html", shop=site.settings.shop.name, rooms=rooms_of(site))

    @app.get("/pictures/<path:file>")
    def picture(file: str) -> Response:
        response = send_from_directory(site.pictures.resolve(), file)
        # The name is the content's hash.
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
