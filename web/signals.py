"""The API of sensors at the rooms."""

from __future__ import annotations

from flask import Blueprint

from services.sensors import receive_signal
from web.api import operation
from web.body import known_room
from web.context import current
from web.permissions import SCREEN, allow
from web.schemas.base import Done
from web.schemas.rooms import ReportSignal

signals = Blueprint("signals", __name__)


@signals.post("/api/rooms/<room>/signals")
@allow("staff", SCREEN)
@operation("rooms", Done)
def report_signal(room: str, json: ReportSignal) -> Done:
    """Report a change of a sensor at the room: of its door or curtain, or of its occupancy.

    A state that the sensor has reported before changes nothing.
    """
    known_room(current.site, room)
    receive_signal(current.site, room, json.state, current.now())
    return Done()
