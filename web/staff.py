"""The staff's page and its API: rooms, requests, what was left behind."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, abort, g, jsonify, render_template

from store import Site, journal, requests, visits
from web.body import read_body, read_text
from web.hub import STAFF, Hub
from web.live import stream
from web.snapshot import staff_snapshot


def add_staff_pages(app: Flask, site: Site, hub: Hub, clock: Callable[[], float]) -> None:
    """Add `/staff`, `/api/staff`, `/api/requests` and `/api/items` to an application."""

    @app.get("/staff")
    def staff() -> str:
        return render_template("staff.html", shop=site.settings.shop.name)

    @app.get("/api/staff")
    def staff_state() -> Response:
        with site.store.read() as session:
            version, book = journal.last_id(session), hub.recommender.book
            return jsonify(staff_snapshot(session, site, version, clock(), book))

    @app.get("/api/staff/events")
    def staff_events() -> Response:
        return stream(hub, STAFF)

    @app.post("/api/requests/<int:number>")
    def change_request(number: int) -> Response:
        data = read_body("state", "answer")
        state, answer = read_text(data, "state"), read_text(data, "answer", "")
        if state not in ("taken", "answered", "done", "cancelled"):
            abort(400, f"'state' is {state!r}; it can be taken, answered, done or cancelled.")
        if state == "answered" and not answer:
            abort(400, "'answer' must be a text that is not empty.")
        with site.store.write() as session:
            requests.change_request(session, number, state, clock(), answer, g.account or "")
        return jsonify(status="ok")

    @app.post("/api/items/<int:number>/clear")
    def clear_item(number: int) -> Response:
        """Note that staff looked for what did not come out of a room."""
        read_body()
        with site.store.write() as session:
            visits.clear_item(session, number, clock())
        return jsonify(status="ok")
