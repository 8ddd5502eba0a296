"""Reading what was asked: rooms and cameras that there are, JSON and texts that can be stored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final, NoReturn

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, Map

from calibration import list_cameras
from services.rooms import rooms_of
from store import Site

#: How deep a request's JSON may be nested; the deepest known is a list of masks' points.
_DEEPEST: Final = 16
#: Largest whole number that JSON carries between programs without loss.
_LARGEST: Final = 2**53
#: NUL, which no database keeps in a text, and halves of UTF-16 pairs, which are no characters.
_UNUSABLE: Final = re.compile("[\x00\ud800-\udfff]")


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


def parse_json(raw: bytes) -> Any:
    """Parse JSON whose values every part of the program can keep.

    Raises:
        ValueError: It is not JSON in UTF-8, is nested deeper than 16 levels, names a field twice,
            or has a number or character that cannot be stored.
    """
    try:
        data = json.loads(
            raw.decode(), parse_constant=_refuse_constant, object_pairs_hook=_named_once
        )
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8") from error
    except RecursionError as error:
        raise ValueError(f"it is nested deeper than {_DEEPEST} levels") from error
    _check_values(data)
    return data


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) < len(pairs):
        raise ValueError("a field stands in it twice")
    return named


def _check_values(data: Any) -> None:
    """Check all values level by level, as deep data would exhaust a recursion."""
    level = [data]
    for _ in range(_DEEPEST):
        inner: list[Any] = []
        for value in level:
            inner += _parts_of(value)
        if not inner:
            return
        level = inner
    raise ValueError(f"it is nested deeper than {_DEEPEST} levels")


def _parts_of(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    if isinstance(value, list):
        return value
    if isinstance(value, str) and _UNUSABLE.search(value):
        raise ValueError("a text has a character that cannot be stored")
    if isinstance(value, int | float) and (value != value or abs(value) >= _LARGEST):
        raise ValueError("a number is too large")
    return ()


def add_text_check(app: Flask) -> None:
    """Refuse requests whose path or query has characters that cannot be stored."""

    @app.before_request
    def _check() -> None:
        given = [*(request.view_args or {}).values()]
        for name, values in request.args.lists():
            given += [name, *values]
        if any(isinstance(text, str) and _UNUSABLE.search(text) for text in given):
            abort(400, "The address has a character that cannot be stored.")
