"""Which pages there are for whom: the bar on every page, and where a login leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, request, url_for
from werkzeug.exceptions import HTTPException

#: Checks whether an account may use an endpoint.
May = Callable[[str], bool]

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, order=True)
class Entry:
    """An entry of the bar: its place among the others, its name, the page that it opens."""

    place: int
    name: str
    endpoint: str = ""


def in_bar(name: str, place: int) -> Callable[[View], View]:
    """Name a page in the bar; a role starts on the first page that it may open.

    Args:
        name: As the bar shows it.
        place: Entries stand in rising order; those there are ten apart.
    """

    def mark(view: View) -> View:
        view.entry = Entry(place, name)  # type: ignore[attr-defined]
        return view

    return mark


def within(endpoint: str) -> Callable[[View], View]:
    """Show another page's entry of the bar as the current one while this page is open."""

    def mark(view: View) -> View:
        view.within = endpoint  # type: ignore[attr-defined]
        return view

    return mark


def entries(app: Flask) -> list[Entry]:
    """List the bar's entries in their order, whoever may open their pages."""
    named = [
        (view.entry, endpoint)
        for endpoint, view in app.view_functions.items()
        if hasattr(view, "entry")
    ]
    return sorted(Entry(entry.place, entry.name, endpoint) for entry, endpoint in named)


def pages_for(may: May) -> list[dict[str, Any]]:
    """List the pages an account may open: name, address, and whether it is the current one."""
    endpoint = request.endpoint or ""
    here = getattr(current_app.view_functions.get(endpoint), "within", endpoint)
    return [
        {"name": entry.name, "address": url_for(entry.endpoint), "current": entry.endpoint == here}
        for entry in entries(current_app)
        if may(entry.endpoint)
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
