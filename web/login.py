"""Logging in and out, and the page on which technicians see who did."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any, Final

from flask import Flask, Response, abort, g, jsonify, redirect, render_template, request

from common.address import place_of
from store import Session, Site, StoreError, access, audit
from store.login import Caller, Doorkeeper, LoginRefused
from store.schema import Login
from web.body import read_body, read_text
from web.cookies import DEVICE, LOGIN, drop_cookie, keep_cookie
from web.navigation import after_login, local_path

_DEVICE_S: Final = 400 * 24 * 3600
#: How often it is noted that a login is in use.
_SEEN_S: Final = 300.0
#: First match counts: Edge calls itself Chrome, and Chrome Safari.
_BROWSERS: Final = {"Edg": "Edge", "OPR/": "Opera", "SamsungBrowser": "Samsung Internet",
                    "Firefox": "Firefox", "FxiOS": "Firefox", "CriOS": "Chrome",
                    "Chrome": "Chrome", "Safari": "Safari"}  # fmt: skip
_SYSTEMS: Final = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows",
                   "CrOS": "ChromeOS", "Mac OS X": "Mac", "Linux": "Linux"}  # fmt: skip


def browser_of(user_agent: str) -> str:
    """Say in words which browser and system a `User-Agent` names: `Chrome on Android`."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS.items() if mark in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    program = re.match(r"[\w.-]{1,30}", user_agent, re.ASCII)
    return browser or system or (program[0] if program else "unknown program")


def note_seen(site: Site, login: Login, now: float) -> None:
    """Note that a login is in use, at most every five minutes."""
    if abs(now - login.seen_at) < _SEEN_S:
        return
    try:
        with site.store.write() as session:
            access.mark_seen(session, login.id, now)
    except StoreError:
        return  # a full disk must not keep anybody from looking


def add_login_pages(
    app: Flask, site: Site, clock: Callable[[], float], may: Callable[[str, str], bool]
) -> None:
    """Add `/login`, `/api/login` and `/api/logout` to an application; `may` of `web.access`."""
    doorkeeper = Doorkeeper(site.store)

    @app.get("/login")
    def login_page() -> Any:
        if g.role is not None:
            role = g.role
            return redirect(
                after_login(lambda name: may(role, name), request.args.get("next", "/"))
            )
        with site.store.read() as session:
            somebody = access.has_accounts(session)
        return render_template(
            "login.html",
            shop=site.settings.shop.name,
            somebody=somebody,
            goes_to=local_path(request.args.get("next", "/")),
        )

    @app.post("/api/login")
    def log_in() -> Response:
        data = read_body("name", "secret", "next")
        name, secret = read_text(data, "name"), read_text(data, "secret")
        wanted = read_text(data, "next", "/")
        device = request.cookies.get(DEVICE) or secrets.token_urlsafe(32)
        browser = browser_of(request.headers.get("User-Agent", ""))
        caller = Caller(place_of(request.remote_addr or ""), browser, device)
        started = doorkeeper.log_in(name, secret, caller, clock())
        goes_to = after_login(
            lambda page: site.settings.web.open or may(started.role, page), wanted
        )
        response = jsonify(status="ok", next=goes_to)
        keep_cookie(response, DEVICE, device, _DEVICE_S)
        return keep_cookie(response, LOGIN, started.token, access.LOGIN_S)

    @app.post("/api/logout")
    def log_out() -> Response:
        read_body()
        with site.store.write() as session:
            access.log_out(session, request.cookies.get(LOGIN, ""), clock())
        return drop_cookie(jsonify(status="ok"), LOGIN)

    @app.errorhandler(LoginRefused)
    def _refused(error: LoginRefused) -> tuple[Response, int, dict[str, str]]:
        headers = {"Retry-After": f"{error.wait_s:.0f}"} if error.wait_s else {}
        shape = {"status": error.status, "message": str(error)}
        return jsonify(error=shape), error.status, headers


def add_audit_pages(app: Flask, site: Site, clock: Callable[[], float]) -> None:
    """Add `/staff/access`, `/api/access` and `/api/logins` to an application."""

    @app.get("/staff/access")
    def access_page() -> str:
        with site.store.read() as session:
            listed = _list_access(session, clock())
        return render_template("access.html", shop=site.settings.shop.name, **listed)

    @app.get("/api/access")
    def access_log() -> Response:
        with site.store.read() as session:
            return jsonify(_list_access(session, clock()))

    @app.post("/api/logins/<int:number>/end")
    def end_login(number: int) -> Response:
        everywhere = read_body("everywhere").get("everywhere")
        if not isinstance(everywhere, bool):
            abort(400, "Say 'everywhere': true for all logins of the account, false for this one.")
        with site.store.write() as session:
            ended = access.end_login(session, number, g.account or "", clock(), everywhere)
        return jsonify(ended=ended)


def _list_access(session: Session, now: float) -> dict[str, Any]:
    """Return the open logins and the newest lines of the audit log."""
    mine = access.hash_token(request.cookies.get(LOGIN, ""))
    return {
        "logins": [
            {
                "id": login.id, "account": login.account.name, "role": login.account.role,
                "device": login.device, "address": login.address, "since": login.since,
                "seen_at": login.seen_at, "this": login.token_hash == mine,
            }
            for login in access.logins(session, now)
        ],
        "events": [
            {
                "id": line.id, "time": line.time, "event": line.event, "outcome": line.outcome,
                "account": line.account, "address": line.address, "device": line.device,
            }
            for line in audit.recent(session)
        ],
    }  # fmt: skip
