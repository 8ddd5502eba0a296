"""Reading what was asked: rooms and cameras there are, JSON of known fields, bearable texts."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from werkzeug.routing import IntegerConverter, Map

from calibration import list_cameras
from store import Site
from web.snapshot import rooms_of

_LONGEST_TEXT = 200


class RowConverter(IntegerConverter):
    """A row's number in an address; one that no database can hold is a 404."""

    def __init__(self, map: Map) -> None:
        """Take the map of addresses."""
        super().__init__(map, max=2**31 - 1)


def known_room(site: Site, room: str) -> None:
    """Check that a gate leads to a room; anything else is a 404."""
    if room not in rooms_of(site):
        known = ", ".join(rooms_of(site)) or "none yet; add a camera"
        abort(404, f"There is no room {room!r} here. Rooms: {known}.")


def known_camera(site: Site, name: str) -> None:
    """Check that a site has a camera of this name; anything else is a 404."""
    if name not in list_cameras(site.folder):
        known = ", ".join(list_cameras(site.folder)) or "none yet"
        abort(404, f"There is no camera {name!r} here. Cameras: {known}.")


def read_body(*fields: str) -> dict[str, Any]:
    """Read the request's JSON object; anything else, or an unknown field, is a 400."""
    data = request.get_json(silent=True)
    if not isinstance(data, dict):
        abort(400, "The body is not a JSON object.")
    if unknown := sorted(set(data) - set(fields)):
        abort(400, f"Unknown field {unknown[0]!r}; known: {', '.join(fields)}.")
    return data


def read_text(data: dict[str, Any], name: str, default: str | None = None) -> str:
    """Read a text field; without a default it must be there and not be empty, else a 400."""
    value = data.get(name, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        abort(400, f"{name!r} must be a text that is not empty.")
    return value.strip()[:_LONGEST_TEXT]
