"""Keep everybody out whom a view does not allow: accounts log in, screens are paired."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from store import Session, access
from web.context import current
from web.cookies import LOGIN, SCREEN
from web.login import note_seen
from web.navigation import first_page, pages_for
from web.permissions import EVERYBODY, allowed_groups, has_permission, may
from web.permissions import SCREEN as ROOM_SCREEN

_USUAL_RATE: Final = "1200 per minute"
_LOGIN_PAGE: Final = "login.page"

View = TypeVar("View", bound=Callable[..., Any])


def limit_rate(rate: str) -> Callable[[View], View]:
    """Limit how often one address may ask for a view: `20 per minute`."""

    def mark(view: View) -> View:
        view.rate = rate  # type: ignore[attr-defined]
        return view

    return mark


def add_access(app: Flask) -> None:
    """Close an application to everybody without access.

    Raises:
        RuntimeError: A view does not say who may use it.
    """
    Limiter(get_remote_address, app=app, storage_uri="memory://", default_limits=[_rate])
    app.before_request(_check)
    app.context_processor(_rights)


def require_permissions(app: Flask) -> None:
    """Check that every view of an application says who may use it.

    Raises:
        RuntimeError: One does not.
    """
    silent = [name for name, view in app.view_functions.items() if not has_permission(view)]
    if silent:
        raise RuntimeError(f"views without @allow(...): {', '.join(sorted(silent))}.")


def _rate() -> str:
    view = current_app.view_functions.get(request.endpoint or "")
    return str(getattr(view, "rate", _USUAL_RATE))


def _check() -> Any:
    """Let a request through to its view, or refuse it."""
    g.account = g.role = None
    allowed = allowed_groups(current_app.view_functions.get(request.endpoint or ""))
    if EVERYBODY in allowed and request.endpoint != _LOGIN_PAGE:
        return None
    site, now = current.site, current.now()
    with site.store.read() as session:
        login = access.login_of(session, request.cookies.get(LOGIN, ""), now)
        if login:
            g.account, g.role = login.account.name, login.account.role
        if request.endpoint in (None, _LOGIN_PAGE):
            return None  # the page shows who is logged in
        fine = site.settings.web.open or g.role in allowed
        fine = fine or (ROOM_SCREEN in allowed and _is_room_of_screen(session))
    if login:
        note_seen(site, login, now)
    return None if fine else _refuse(logged_in=login is not None)


def _rights() -> dict[str, Any]:
    """Let templates leave out what this account may not open: `may("staff.page")`."""
    return {
        "may": _may_now,
        "pages": pages_for(_may_now),
        "first_page": first_page(_may_now),
        "account": g.get("account"),
    }


def _may_now(endpoint: str) -> bool:
    """Check whether whoever asks now may use an endpoint."""
    if current.site.settings.web.open:
        return True
    role = g.get("role")
    return role is not None and may(current_app.view_functions, role, endpoint)


def role_of_caller() -> str | None:
    """Return the role of who is logged in, on a page that is open to everybody; None for others."""
    with current.site.store.read() as session:
        login = access.login_of(session, request.cookies.get(LOGIN, ""), current.now())
        return login.account.role if login else None


def _is_room_of_screen(session: Session) -> bool:
    screen = access.screen_of(session, request.cookies.get(SCREEN, ""))
    room = (request.view_args or {}).get("room", access.ENTRANCE)
    return screen is not None and screen.paired_at is not None and screen.room == room


def _refuse(logged_in: bool) -> Any:
    if logged_in:
        abort(403, f"You are logged in as {g.account} ({g.role}). This account may not do this.")
    if request.path.startswith("/api/"):
        abort(401, "Log in first, or let staff pair this screen.")
    if request.endpoint in ("rooms.screen", "entrance.page"):
        return redirect(url_for("screens.waiting_page", **(request.view_args or {})))
    next_page = request.script_root + request.full_path.rstrip("?")
    return redirect(url_for(_LOGIN_PAGE, next=next_page))
