"""Which pages there are for whom: the bar on every page, and where a login leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException

#: Checks whether an account may use an endpoint.
May = Callable[[str], bool]

#: The pages that the bar names, in its order; a role starts on the first that it may open.
PAGES: Final = {
    "staff.page": "Requests",
    "looks.page": "Look book",
    "screens.page": "Screens",
    "insights.page": "Insights",
    "calibrate.list_page": "Cameras",
    "login.audit_page": "Access",
}
#: Pages that belong to one of those.
_WITHIN: Final = {"calibrate.camera_page": "calibrate.list_page"}


def pages_for(may: May) -> list[dict[str, Any]]:
    """List the pages an account may open: name, address, and whether it is the current one."""
    here = _WITHIN.get(request.endpoint or "", request.endpoint)
    return [
        {"name": name, "address": url_for(endpoint), "current": endpoint == here}
        for endpoint, name in PAGES.items()
        if may(endpoint)
    ]


def first_page(may: May) -> str:
    """Return the first page that an account may open; the overview if there is none."""
    return next((page["address"] for page in pages_for(may)), url_for("home.page"))


def after_login(may: May, wanted: str) -> str:
    """Return where a login leads: to the page that was wanted, if it is one for this account."""
    parts = urlsplit(local_path(wanted))
    path = parts.path.removeprefix(request.script_root)
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return first_page(may)
    if path == "/" or path.startswith("/api/") or not may(endpoint):
        return first_page(may)
    return request.script_root + path + (f"?{parts.query}" if parts.query else "")


def local_path(address: str) -> str:
    """Return an address of this server; the overview's where it leads to another server."""
    try:
        parts = urlsplit(address)
    except ValueError:  # no address at all
        return "/"
    elsewhere = parts.scheme or parts.netloc or not address.startswith("/")
    strange = address.startswith("//") or "\\" in address or any(ord(c) < 32 for c in address)
    return "/" if elsewhere or strange else address
