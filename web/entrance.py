"""The screen at the entrance: which rooms are free, and how long the wait is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, render_template

from store import journal
from web.api import operation
from web.context import current
from web.hub import ENTRANCE
from web.live import stream
from web.permissions import SCREEN, allow
from web.schemas.base import EventHeaders
from web.schemas.entrance import Entrance
from web.snapshots import entrance_snapshot

entrance = Blueprint("entrance", __name__)


@entrance.get("/entrance")
@allow("staff", SCREEN)
def page() -> str:
    """Show the entrance's screen."""
    return render_template("entrance.html", shop=current.shop)


@entrance.get("/api/entrance")
@allow("staff", SCREEN)
@operation("rooms", Entrance)
def get_entrance() -> Any:
    """Return what the entrance's screen shows."""
    now = current.now()
    with current.site.store.read() as session:
        version = journal.last_id(session)
        return jsonify(entrance_snapshot(session, current.site, version, now) | {"now": now})


@entrance.get("/api/entrance/events")
@allow("staff", SCREEN)
@operation("rooms")
def follow_entrance(headers: EventHeaders) -> Response:
    """Follow the rooms: `state` with the same document; `beat` in between, with `now` alone."""
    return stream(current.hub, ENTRANCE, headers)
