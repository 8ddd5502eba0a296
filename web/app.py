"""The Flask application: pages, API and live streams of one site."""

from __future__ import annotations

import importlib
import logging
import pkgutil
import time
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, abort, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

import web
from common.errors import FittingroomError
from services.cameras.sessions import Sessions
from services.events import Events
from services.insights.book import ReportBook
from services.outfits.recommend import Recommender
from services.workers import Workers
from store import DatabaseUnavailable, Site
from store.login import Doorkeeper
from web.access import add_access, require_permissions
from web.api import JsonRequest
from web.body import RowConverter, add_text_check
from web.context import EXTENSION, Context
from web.errors import message_of
from web.health import Health
from web.hub import Hub
from web.languages import add_languages
from web.openapi import Document, document
from web.origin import add_origin_checks
from web.permissions import EVERYBODY, allow
from web.theme import add_theme

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
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    recommender, workers = Recommender(site, clock), Workers()
    hub = Hub(site, recommender, events, clock)
    workers.add(hub.worker)
    sessions = Sessions(site, events)
    app.extensions |= {"hub": hub, "workers": workers, "calibration": sessions}
    app.extensions[EXTENSION] = Context(
        site=site,
        now=clock,
        hub=hub,
        recommender=recommender,
        sessions=sessions,
        doorkeeper=Doorkeeper(site.store),
        health=Health(site, workers, clock),
        reports=ReportBook(site, clock),
    )
    _errors(app, site)
    add_origin_checks(app, site.settings.web)
    _guards(app)
    add_text_check(app)
    add_languages(app, site)
    add_theme(app, site)
    add_access(app)
    add_blueprints(app)
    return app


def add_blueprints(app: Flask) -> None:
    """Add all pages and the API to an application: the blueprint of every module of `web`.

    Raises:
        RuntimeError: A view does not say who may use it.
    """
    app.request_class = JsonRequest
    app.url_map.converters["int"] = RowConverter
    for blueprint in find_blueprints():
        app.register_blueprint(blueprint)
    allow(EVERYBODY)(app.view_functions["static"])
    require_permissions(app)


def find_blueprints() -> list[Blueprint]:
    """Import the modules of this package; returns the blueprints that they define, by name."""
    found = {}
    for module in pkgutil.walk_packages(web.__path__, "web."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Blueprint):
                found[value.name] = value
    return [found[name] for name in sorted(found)]


def describe_api() -> Document:
    """Write the OpenAPI document, which is the same for every site."""
    app = Flask("web")
    add_blueprints(app)
    return document(app)


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
