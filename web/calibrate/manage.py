"""Cameras as a whole, as the page and the API have them: add, change, rename, disable, remove."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, g, jsonify

from calibration import parse_camera
from calibration.entry import Entry
from services.cameras import setup as cameras
from services.cameras.sessions import Sessions
from store import Site
from web.body import known_camera, read_body, read_text

#: Longest address, and user or password, in characters.
_SOURCE, _SECRET = 500, 200


def add_management(
    pages: Blueprint, site: Site, sessions: Sessions, clock: Callable[[], float]
) -> None:
    """Add the addresses by which cameras are added, changed and removed."""

    @pages.post("/api/cameras")
    def add_camera() -> tuple[Response, int]:
        data = read_body("name", "source", "user", "password")
        name = read_text(data, "name")
        fresh = parse_camera({"name": name, "source": "0"}, "new camera")
        if data.get("source") is None:
            abort(400, "'source' must be a text that is not empty.")
        cameras.add_camera(site, fresh, _entry(data))
        return jsonify(name=name), 201

    @pages.post("/api/cameras/<camera>/address")
    def move_camera(camera: str) -> Response:
        """Change its address, user or password; another address voids the masks' confirmation."""
        known_camera(site, camera)
        data = read_body("source", "user", "password", "forget")
        changed = cameras.change_address(site, camera, _entry(data))
        sessions.forget(camera)
        return jsonify(source=changed.source, confirmed=changed.masks_confirmed)

    @pages.post("/api/cameras/<camera>/name")
    def rename_camera(camera: str) -> Response:
        known_camera(site, camera)
        name = read_text(read_body("name"), "name")
        cameras.rename_camera(site, camera, name, clock(), g.account or "")
        sessions.forget(camera)
        return jsonify(name=name)

    @pages.post("/api/cameras/<camera>/enabled")
    def enable_camera(camera: str) -> Response:
        known_camera(site, camera)
        enabled = read_body("enabled").get("enabled")
        if not isinstance(enabled, bool):
            abort(400, "'enabled' must be true or false.")
        cameras.enable_camera(site, camera, enabled, clock(), g.account or "")
        sessions.forget(camera)
        return jsonify(status="ok")

    @pages.delete("/api/cameras/<camera>")
    def remove_camera(camera: str) -> Response:
        known_camera(site, camera)
        cameras.remove_camera(site, camera, clock(), g.account or "")
        sessions.forget(camera)
        return jsonify(status="ok")


def _entry(data: dict[str, Any]) -> Entry:
    """Read what was entered; a password is taken as it is, spaces and all."""
    forget = data.get("forget", False)
    if not isinstance(forget, bool):
        abort(400, "'forget' must be true or false.")
    source = _exact(data, "source", _SOURCE)
    user, password = _exact(data, "user", _SECRET), _exact(data, "password", _SECRET)
    return Entry(source, user, password, forget=forget)


def _exact(data: dict[str, Any], name: str, longest: int) -> str | None:
    """Read a text without changing it; None where there is none. The error does not show it."""
    value = data.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > longest:
        abort(400, f"{name!r} must be a text of {longest} characters at most.")
    return value
