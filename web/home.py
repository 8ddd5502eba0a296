"""The overview, and the pictures of articles."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, send_from_directory

from services.catalogue.renditions import make_missing
from services.rooms import rooms_of
from web.context import current
from web.permissions import EVERYBODY, allow

home = Blueprint("home", __name__)


@home.get("/")
@allow("staff", "analyst")
def page() -> str:
    """Show the overview."""
    return render_template("index.html", shop=current.shop, rooms=rooms_of(current.site))


@home.get("/pictures/<path:file>")
@allow(EVERYBODY)
def picture(file: str) -> Response:
    """Return an article's picture, or a rendition of it."""
    make_missing(current.site, file)
    response = send_from_directory(current.site.pictures.resolve(), file)
    # The name is the content's hash.
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
