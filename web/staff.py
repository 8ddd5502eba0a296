"""The staff's page and its API: rooms, requests, what was left behind."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, render_template

from store import journal, left_behind, requests
from web.api import operation
from web.context import current
from web.hub import STAFF
from web.live import stream
from web.navigation import in_bar
from web.permissions import allow
from web.schemas.base import Done, EventHeaders
from web.schemas.staff import ChangeRequest, CheckedLeft, CheckLeft, Staff
from web.snapshots import staff_snapshot

staff = Blueprint("staff", __name__)


@staff.get("/staff")
@allow("staff")
@in_bar("Requests", 10)
def page() -> str:
    """Show the staff's page."""
    return render_template("staff.html", shop=current.shop)


@staff.get("/api/staff")
@allow("staff")
@operation("staff", Staff)
def get_staff() -> Response:
    """Return what the staff's page shows."""
    with current.site.store.read() as session:
        version, book = journal.last_id(session), current.recommender.book
        now = current.now()
        return jsonify(staff_snapshot(session, current.site, version, now, book) | {"now": now})


@staff.get("/api/staff/events")
@allow("staff")
@operation("staff")
def follow_staff(headers: EventHeaders) -> Response:
    """Follow all rooms: `state` with the staff's document; `beat` in between, with `now` alone."""
    return stream(current.hub, STAFF, headers)


@staff.post("/api/requests/<int:number>")
@allow("staff")
@operation("staff", Done)
def change_request(number: int, json: ChangeRequest) -> Done:
    """Take, answer, decline or end a request; a declined one may have a reason."""
    by, now = g.account or "", current.now()
    with current.site.store.write() as session:
        requests.change_request(session, number, json.state, now, json.answer, by, json.reason)
    return Done()


@staff.post("/api/left/check")
@allow("staff")
@operation("staff", CheckedLeft)
def check_left(json: CheckLeft) -> CheckedLeft:
    """Note that staff checked for garments that were not seen coming out.

    Answers how many of them were still to be checked for.
    """
    with current.site.store.write() as session:
        checked = left_behind.mark_checked(session, json.items, current.now(), g.account or "")
    return CheckedLeft(checked=checked)
