"""Screens: how a new one is paired with its room, and how staff remove it."""

from __future__ import annotations

from typing import Any, Final

from flask import (
    Blueprint,
    abort,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from store import access
from web.access import limit_rate
from web.api import operation
from web.body import known_room
from web.context import current
from web.cookies import SCREEN, keep_cookie
from web.navigation import in_bar
from web.permissions import EVERYBODY, allow
from web.schemas.access import PairedScreen, Pairing, PairScreen
from web.schemas.base import Done

_SCREEN_S: Final = 400 * 24 * 3600

screens = Blueprint("screens", __name__)


@screens.get("/pair", defaults={"room": access.ENTRANCE})
@screens.get("/pair/<room>")
@allow(EVERYBODY)
@limit_rate("20 per minute")
def waiting_page(room: str) -> Any:
    """Show the code by which staff pair this screen with a room."""
    if room != access.ENTRANCE:
        known_room(current.site, room)
    token = request.cookies.get(SCREEN, "")
    with current.site.store.write() as session:
        screen = access.screen_of(session, token)
        if screen is not None and screen.paired_at is not None and screen.room == room:
            return redirect(_address(room))
        if screen is not None and screen.paired_at is not None:
            place = access.name_place(screen.room)
            abort(403, f"This screen shows {place}; staff can remove it first.")
        token, code = access.ask_for_room(session, room, current.now())
    page = render_template(
        "pair.html",
        shop=current.shop,
        room=room,
        address=_address(room),
        code=f"{code[:3]} {code[3:]}",
    )
    return keep_cookie(make_response(page), SCREEN, token, _SCREEN_S)


def _address(room: str) -> str:
    """Return the page that a screen shows once it is paired."""
    if room == access.ENTRANCE:
        return url_for("entrance.page")
    return url_for("rooms.screen", room=room)


@screens.get("/api/pairing")
@allow(EVERYBODY)
@operation("access", Pairing)
def get_pairing() -> Pairing:
    """Report whether this screen is paired, and whether its code is still valid."""
    with current.site.store.read() as session:
        screen = access.screen_of(session, request.cookies.get(SCREEN, ""))
        waiting = access.waiting_screens(session, current.now())
        paired = screen is not None and screen.paired_at is not None
        return Pairing(paired=paired, valid=screen in waiting)


@screens.get("/staff/screens")
@allow("staff")
@in_bar("Screens", 30)
def page() -> str:
    """Show the paired screens, and the rooms whose screens wait."""
    with current.site.store.read() as session:
        waiting = access.waiting_screens(session, current.now())
        return render_template(
            "screens.html",
            shop=current.shop,
            waiting=sorted({access.name_place(screen.room) for screen in waiting}),
            paired=[
                {
                    "id": screen.id,
                    "place": access.name_place(screen.room).capitalize(),
                    "by": screen.paired_by,
                }
                for screen in access.paired_screens(session)
            ],
        )


@screens.post("/api/screens")
@allow("staff")
@limit_rate("20 per minute")
@operation("access", PairedScreen)
def pair_screen(json: PairScreen) -> PairedScreen:
    """Pair the screen that shows a code."""
    with current.site.store.write() as session:
        room = access.pair_screen(session, json.code, g.account or "", current.now())
    return PairedScreen(room=room)


@screens.delete("/api/screens/<int:number>")
@allow("staff")
@operation("access", Done)
def unpair_screen(number: int) -> Done:
    """Unpair a screen."""
    with current.site.store.write() as session:
        access.unpair_screen(session, number, g.account or "", current.now())
    return Done()
