"""Logging in and out, and the page on which technicians see who did."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any, Final

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
)

from common.address import place_of
from store import Session, Site, StoreError, access, audit
from store.login import Caller, LoginRefused
from store.schema import Login
from web.api import operation
from web.context import current
from web.cookies import DEVICE, LOGIN, drop_cookie, keep_cookie
from web.navigation import after_login, in_bar, local_path
from web.permissions import EVERYBODY, allow, may
from web.schemas.access import AccessLog, EndLogin, LoggedIn, LogIn, LoginsEnded
from web.schemas.base import Done, Nothing

_DEVICE_S: Final = 400 * 24 * 3600
#: How often it is noted that a login is in use.
_SEEN_S: Final = 300.0
#: First match counts: Edge calls itself Chrome, and Chrome Safari.
_BROWSERS: Final = {"Edg": "Edge", "OPR/": "Opera", "SamsungBrowser": "Samsung Internet",
                    "Firefox": "Firefox", "FxiOS": "Firefox", "CriOS": "Chrome",
                    "Chrome": "Chrome", "Safari": "Safari"}  # fmt: skip
_SYSTEMS: Final = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows",
                   "CrOS": "ChromeOS", "Mac OS X": "Mac", "Linux": "Linux"}  # fmt: skip


login = Blueprint("login", __name__)


def browser_of(user_agent: str) -> str:
    """Say in words which browser and system a `User-Agent` names: `Chrome on Android`."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS.items() if mark in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    program = re.match(r"[\w.-]{1,30}", user_agent, re.ASCII)
    return browser or system or (program[0] if program else "unknown program")


def note_seen(site: Site, used: Login, now: float) -> None:
    """Note that a login is in use, at most every five minutes."""
    if abs(now - used.seen_at) < _SEEN_S:
        return
    try:
        with site.store.write() as session:
            access.mark_seen(session, used.id, now)
    except StoreError:
        return  # a full disk must not keep anybody from looking


@login.get("/login")
@allow(EVERYBODY)
def page() -> Any:
    """Show the form, or lead on whoever is logged in."""
    wanted = request.args.get("next", "/")
    if g.role is not None:
        return redirect(after_login(_pages_of(g.role), wanted))
    with current.site.store.read() as session:
        somebody = access.has_accounts(session)
    return render_template(
        "login.html", shop=current.shop, somebody=somebody, goes_to=local_path(wanted)
    )


def _pages_of(role: str) -> Callable[[str], bool]:
    """Return what checks whether accounts of a role may open an endpoint."""
    return lambda endpoint: may(current_app.view_functions, role, endpoint)


@login.post("/api/login")
@allow(EVERYBODY)
@operation("access", LoggedIn)
def log_in(json: LogIn) -> Response:
    """Log in.

    The answer sets a cookie and says where to go on: to the page `next` where the account may open
    it, else to its first.
    """
    device = request.cookies.get(DEVICE) or secrets.token_urlsafe(32)
    browser = browser_of(request.headers.get("User-Agent", ""))
    caller = Caller(place_of(request.remote_addr or ""), browser, device)
    started = current.doorkeeper.log_in(json.name, json.secret, caller, current.now())
    everything = current.site.settings.web.open
    opens = (lambda _endpoint: True) if everything else _pages_of(started.role)
    response = jsonify(status="ok", next=after_login(opens, json.next or "/"))
    keep_cookie(response, DEVICE, device, _DEVICE_S)
    return keep_cookie(response, LOGIN, started.token, access.LOGIN_S)


@login.post("/api/logout")
@allow(EVERYBODY)
@operation("access", Done)
def log_out(json: Nothing) -> Response:
    """Log out."""
    with current.site.store.write() as session:
        access.log_out(session, request.cookies.get(LOGIN, ""), current.now())
    return drop_cookie(jsonify(status="ok"), LOGIN)


@login.app_errorhandler(LoginRefused)
def _refused(error: LoginRefused) -> tuple[Response, int, dict[str, str]]:
    headers = {"Retry-After": f"{error.wait_s:.0f}"} if error.wait_s else {}
    shape = {"status": error.status, "message": str(error)}
    return jsonify(error=shape), error.status, headers


@login.get("/staff/access")
@allow("technician")
@in_bar("Access", 60)
def audit_page() -> str:
    """Show the open logins and the audit log."""
    with current.site.store.read() as session:
        listed = _list_access(session, current.now())
    return render_template("access.html", shop=current.shop, **listed)


@login.get("/api/access")
@allow("technician")
@operation("access", AccessLog)
def list_logins() -> Response:
    """List the open logins and the newest events of the audit log."""
    with current.site.store.read() as session:
        return jsonify(_list_access(session, current.now()))


@login.post("/api/logins/<int:number>/end")
@allow("technician")
@operation("access", LoginsEnded)
def end_login(number: int, json: EndLogin) -> LoginsEnded:
    """End a login, or all logins of its account."""
    with current.site.store.write() as session:
        by, now = g.account or "", current.now()
        ended = access.end_login(session, number, by, now, json.everywhere)
    return LoginsEnded(ended=ended)


def _list_access(session: Session, now: float) -> dict[str, Any]:
    """Return the open logins and the newest lines of the audit log."""
    mine = access.hash_token(request.cookies.get(LOGIN, ""))
    return {
        "logins": [
            {
                "id": one.id, "account": one.account.name, "role": one.account.role,
                "device": one.device, "address": one.address, "since": one.since,
                "seen_at": one.seen_at, "this": one.token_hash == mine,
            }
            for one in access.logins(session, now)
        ],
        "events": [
            {
                "id": line.id, "time": line.time, "event": line.event, "outcome": line.outcome,
                "account": line.account, "address": line.address, "device": line.device,
            }
            for line in audit.recent(session)
        ],
    }  # fmt: skip
