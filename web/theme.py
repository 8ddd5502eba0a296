"""A shop's own look: its colour, logo and typeface, as a style sheet over the pages' own."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, send_from_directory, url_for

from common.errors import SettingsError
from common.settings import ScreenSettings
from common.theme import build_accent
from store import Site
from store.errors import NotFound
from web.context import current
from web.permissions import EVERYBODY, allow

theme = Blueprint("theme", __name__)

_ACCENT = """\
:root {{ --accent: {0.light}; --accent-ink: {0.on_light}; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --accent: {0.dark}; --accent-ink: {0.on_dark}; }}
}}
"""
_TYPEFACE = """\
@font-face {{ font-family: Shop; src: url("{0}") format("woff2"); font-weight: 100 900; }}
:root {{ font-family: Shop, Inter, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }}
"""


def add_theme(app: Flask, site: Site) -> None:
    """Let an application's pages wear the shop's theme.

    Raises:
        SettingsError: A file that the settings name is not in the site folder.
    """
    screen = site.settings.screen
    for key in ("logo", "typeface"):
        name = getattr(screen, key)
        if name and not (site.folder / name).is_file():
            raise SettingsError(
                f"screen.{key}: there is no file {name} in {site.folder.resolve()}."
            )

    @app.context_processor
    def _worn() -> dict[str, object]:
        return {"themed": bool(screen.colour or screen.typeface), "logo": bool(screen.logo)}


@theme.get("/theme.css")
@allow(EVERYBODY)
def style() -> Response:
    """Return the shop's style sheet."""
    return Response(_write_style(current.site.settings.screen), mimetype="text/css")


def _write_style(screen: ScreenSettings) -> str:
    accent = _ACCENT.format(build_accent(screen.colour)) if screen.colour else ""
    typeface = _TYPEFACE.format(url_for("theme.typeface")) if screen.typeface else ""
    return accent + typeface


@theme.get("/theme/logo")
@allow(EVERYBODY)
def logo() -> Response:
    """Return the shop's logo."""
    return _send(current.site.settings.screen.logo)


@theme.get("/theme/typeface")
@allow(EVERYBODY)
def typeface() -> Response:
    """Return the shop's typeface."""
    return _send(current.site.settings.screen.typeface)


def _send(name: str) -> Response:
    if not name:
        raise NotFound("The shop has none of its own.")
    return send_from_directory(current.site.folder.resolve(), name)
