"""The rooms of a shop."""

from __future__ import annotations

from calibration import list_cameras
from calibration.files import newest_readable
from store import Site


def rooms_of(site: Site) -> list[str]:
    """List the rooms that the site's gates lead to.

    A camera whose file is wrong keeps the rooms that it led to before.
    """
    rooms: set[str] = set()
    for name in list_cameras(site.folder):
        camera = newest_readable(site.folder, name)
        for gate in camera.gates if camera else ():
            rooms.update(gate.rooms)
    return sorted(rooms, key=lambda room: (len(room), room))
