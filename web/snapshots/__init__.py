"""What a page shows, as one JSON document: a room's for its screen, all rooms' for staff.

A snapshot is built from the tables alone, so a page that just connected and one that
has been open for hours show the same.
"""

from web.snapshots.room import room_snapshot
from web.snapshots.staff import entrance_snapshot, staff_snapshot

__all__ = ["entrance_snapshot", "room_snapshot", "staff_snapshot"]
