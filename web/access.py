"""Who may see and do what: accounts that log in, screens that staff pair.

Every endpoint stands in one of the lists below; one that does not is for technicians alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import (
    Flask,
    Response,
    abort,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from store import Session, Site, access
from web.body import known_room, read_body, read_text
from web.cookies import LOGIN, SCREEN, keep_cookie
from web.login import add_audit_pages, add_login_pages, note_seen
from web.navigation import first_page, pages_for

_SCREEN_S: Final = 400 * 24 * 3600

#: What everybody may ask for.
_PUBLIC: Final = frozenset(
    ("static", "picture", "health", "take_along", "openapi")
    + ("login_page", "log_in", "log_out", "pairing_page", "pairing")
)
#: What a room's own screen may ask for, and staff.
_ROOM: Final = frozenset(
    ("screen", "room_state", "room_events", "react", "write_list")
    + ("change_item", "scan", "claim", "leave", "ask")
)
#: What roles may ask for.
_RIGHTS: Final = {
    "staff": _ROOM.union(
        ("index", "staff", "staff_state", "staff_events", "change_request", "check_left"),
        ("screens", "pair", "unpair"),
        ("look_book", "list_looks", "write_look", "change_look", "find_articles"),
    ),
    "analyst": frozenset(("index", "insights", "insights_plot", "insights_table")),
}


def may(role: str, endpoint: str) -> bool:
    """Check whether accounts of a role may ask for an endpoint."""
    return role == "technician" or endpoint in _RIGHTS.get(role, ())


def rights_of(endpoint: str) -> tuple[str, ...]:
    """List who may ask for an endpoint: roles, and a room's own screen."""
    roles = tuple(role for role in access.ROLES if may(role, endpoint))
    return (*roles, "the room's screen") if endpoint in _ROOM else roles


def add_access(app: Flask, site: Site, clock: Callable[[], float]) -> None:
    """Close an application to everybody without access."""
    limiter = Limiter(
        get_remote_address, app=app, storage_uri="memory://", default_limits=["1200 per minute"]
    )

    @app.before_request
    def _check() -> Any:
        g.account = g.role = None
        if request.endpoint in _PUBLIC and request.endpoint != "login_page":
            return None
        with site.store.read() as session:
            login = access.login_of(session, request.cookies.get(LOGIN, ""), clock())
            if login:
                g.account, g.role = login.account.name, login.account.role
            if request.endpoint in (None, "login_page"):
                return None
            allowed = site.settings.web.open or (g.role and may(g.role, request.endpoint))
            allowed = allowed or (request.endpoint in _ROOM and _is_room_of_screen(session))
        if login:
            note_seen(site, login, clock())
        return None if allowed else _refuse(logged_in=login is not None)

    @app.context_processor
    def _rights() -> dict[str, Any]:
        """Let templates leave out what this account may not open: `may("staff")`."""
        return {
            "may": _allowed,
            "pages": pages_for(_allowed),
            "first_page": first_page(_allowed),
            "account": g.get("account"),
        }

    def _allowed(name: str) -> bool:
        role = g.get("role")
        return site.settings.web.open or (role is not None and may(role, name))

    add_login_pages(app, site, clock, may)
    add_audit_pages(app, site, clock)
    _screen_pages(app, site, limiter, clock)


def role_of_caller(site: Site, now: float) -> str | None:
    """Return the role of who is logged in, on a page that is open to everybody; None for others."""
    with site.store.read() as session:
        login = access.login_of(session, request.cookies.get(LOGIN, ""), now)
        return login.account.role if login else None


def _is_room_of_screen(session: Session) -> bool:
    screen = access.screen_of(session, request.cookies.get(SCREEN, ""))
    room = (request.view_args or {}).get("room")
    return screen is not None and screen.paired_at is not None and screen.room == room


def _refuse(logged_in: bool) -> Any:
    if logged_in:
        abort(403, f"You are logged in as {g.account} ({g.role}). This account may not do this.")
    if request.path.startswith("/api/"):
        abort(401, "Log in first, or let staff pair this screen.")
    if request.endpoint == "screen":
        return redirect(url_for("pairing_page", **(request.view_args or {})))
    return redirect(url_for("login_page", next=request.script_root + request.full_path.rstrip("?")))


def _screen_pages(app: Flask, site: Site, limiter: Limiter, clock: Callable[[], float]) -> None:
    @app.get("/pair/<room>")
    @limiter.limit("20 per minute")
    def pairing_page(room: str) -> Any:
        known_room(site, room)
        token = request.cookies.get(SCREEN, "")
        with site.store.write() as session:
            screen = access.screen_of(session, token)
            if screen is not None and screen.paired_at is not None and screen.room == room:
                return redirect(url_for("screen", room=room))
            if screen is not None and screen.paired_at is not None:
                abort(403, f"This screen shows room {screen.room}; staff can remove it first.")
            token, code = access.ask_for_room(session, room, clock())
        page = render_template(
            "pair.html", shop=site.settings.shop.name, room=room, code=f"{code[:3]} {code[3:]}"
        )
        return keep_cookie(app.make_response(page), SCREEN, token, _SCREEN_S)

    @app.get("/api/pairing")
    def pairing() -> Response:
        """Report whether a waiting screen is paired, and whether its code is still valid."""
        with site.store.read() as session:
            screen = access.screen_of(session, request.cookies.get(SCREEN, ""))
            waiting = access.waiting_screens(session, clock())
            paired = screen is not None and screen.paired_at is not None
            return jsonify(paired=paired, valid=screen in waiting)

    @app.get("/staff/screens")
    def screens() -> str:
        with site.store.read() as session:
            return render_template(
                "screens.html",
                shop=site.settings.shop.name,
                waiting=sorted({s.room for s in access.waiting_screens(session, clock())}),
                paired=[
                    {"id": screen.id, "room": screen.room, "by": screen.paired_by}
                    for screen in access.paired_screens(session)
                ],
            )

    @app.post("/api/screens")
    @limiter.limit("20 per minute")
    def pair() -> Response:
        code = read_text(read_body("code"), "code")
        with site.store.write() as session:
            room = access.pair_screen(session, code, g.account or "", clock())
        return jsonify(room=room)

    @app.delete("/api/screens/<int:number>")
    def unpair(number: int) -> Response:
        with site.store.write() as session:
            access.unpair_screen(session, number, g.account or "", clock())
        return jsonify(status="ok")
