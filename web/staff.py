"""The staff's page and its API: rooms, requests, what was left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flask import Flask, Response, abort, g, jsonify, render_template

from store import Site, journal, left_behind, requests
from web.body import read_body, read_numbers, read_text
from web.hub import STAFF, Hub
from web.live import stream
from web.snapshot import staff_snapshot

#: What staff can do with a request.
_STATES: Final = ("taken", "answered", "done", "declined", "cancelled")


def add_staff_pages(app: Flask, site: Site, hub: Hub, clock: Callable[[], float]) -> None:
    """Add `/staff`, `/api/staff`, `/api/requests` and `/api/left` to an application."""

    @app.get("/staff")
    def staff() -> str:
        return render_template("staff.html", shop=site.settings.shop.name)

    @app.get("/api/staff")
    def staff_state() -> Response:
        with site.store.read() as session:
            version, book = journal.last_id(session), hub.recommender.book
            now = clock()
            return jsonify(staff_snapshot(session, site, version, now, book) | {"now": now})

    @app.get("/api/staff/events")
    def staff_events() -> Response:
        return stream(hub, STAFF)

    @app.post("/api/requests/<int:number>")
    def change_request(number: int) -> Response:
        """Take, answer, decline or end a request."""
        data = read_body("state", "answer", "reason")
        state, answer = read_text(data, "state"), read_text(data, "answer", "")
        reason = read_text(data, "reason", "")
        if state not in _STATES:
            abort(400, f"'state' is {state!r}; it can be {', '.join(_STATES)}.")
        if state == "answered" and not answer:
            abort(400, "'answer' must be a text that is not empty.")
        if reason and state != "declined":
            abort(400, "Only a declined request has a 'reason'.")
        if reason and reason not in requests.REASONS:
            abort(400, f"'reason' is {reason!r}; it can be {', '.join(requests.REASONS)}.")
        by = g.account or ""
        with site.store.write() as session:
            requests.change_request(session, number, state, clock(), answer, by, reason)
        return jsonify(status="ok")

    @app.post("/api/left/check")
    def check_left() -> Response:
        """Note that staff checked for garments that were not seen coming out."""
        items = read_numbers(read_body("items"), "items")
        with site.store.write() as session:
            checked = left_behind.mark_checked(session, items, clock(), g.account or "")
        return jsonify(checked=checked)
