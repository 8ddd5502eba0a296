"""Who can read what the pages show, for the privacy record: read off the views' permissions."""

from __future__ import annotations

from services.privacy import Readers
from web import insights, login, rooms, staff
from web.permissions import allowed_groups


def list_readers() -> Readers:
    """List who may open a room, the visits, the figures and the logins."""
    return Readers(
        room=allowed_groups(rooms.get_room),
        visits=allowed_groups(staff.get_staff),
        figures=allowed_groups(insights.page),
        logins=allowed_groups(login.list_logins),
    )
