"""`/calibrate`: pages for the installer on the ladder."""

from __future__ import annotations

import io
import time
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, send_file

from calibration import CameraError, load_camera
from calibration.badge import USUAL_M, badges_pdf
from calibration.board import PAPERS, Paper, board_pdf
from services.cameras.setup import has_credentials
from services.watching.status import camera_states
from store import Site
from web.body import known_camera
from web.calibrate.viewer import current_viewer, name_viewer
from web.context import current
from web.navigation import in_bar, within
from web.permissions import allow

calibrate = Blueprint("calibrate", __name__)


@calibrate.get("/calibrate")
@allow("technician")
@in_bar("Cameras", 50)
def list_page() -> str:
    """List the cameras."""
    with current.site.store.read() as session:
        states = camera_states(session, current.site, current.now())
    shown = [_shown(current.site, state) for state in states]
    return render_template("cameras.html", shop=current.shop, cameras=shown)


@calibrate.get("/calibrate/<camera>")
@allow("technician")
@within("calibrate.list_page")
def camera_page(camera: str) -> str:
    """Show a camera's calibration."""
    known_camera(current.site, camera)
    load_camera(current.site.folder, camera)
    return render_template("calibrate.html", shop=current.shop, camera=camera)


@calibrate.get("/calibrate/<camera>/preview.jpg")
@allow("technician")
def preview(camera: str) -> Response:
    """Show the masked picture; its token confirms the masks in it, see `PictureTokens`."""
    started = time.perf_counter()
    known_camera(current.site, camera)
    view = request.args.get("view", "plain")
    shown = current.sessions.get(camera).preview(view == "straight", view == "corrected")
    response = Response(shown.jpeg, mimetype="image/jpeg")
    viewer = current_viewer() or name_viewer(response)
    if token := current.sessions.picture_tokens.note(camera, viewer, shown):
        response.headers["X-Masked-Picture"] = token
    total = 1000 * (time.perf_counter() - started)
    response.headers["Server-Timing"] = f"total;dur={total:.0f}"
    return response


@calibrate.get("/calibrate/board-<paper>.pdf")
@allow("technician")
def board(paper: str) -> Response:
    """Return the calibration board to print."""
    page = io.BytesIO(board_pdf(_paper(paper)))
    return send_file(page, "application/pdf", download_name=f"fittingroom-board-{paper}.pdf")


@calibrate.get("/calibrate/badges-<paper>.pdf")
@allow("technician")
def badges(paper: str) -> Response:
    """Return badges of staff to print; `size` is that of their tags in centimetres."""
    known = _paper(paper)
    size = request.args.get("size", 100 * USUAL_M, type=float)
    try:
        page = io.BytesIO(badges_pdf(known, size / 100))
    except CameraError as error:
        abort(400, str(error))
    return send_file(page, "application/pdf", download_name=f"fittingroom-badges-{paper}.pdf")


def _paper(name: str) -> Paper:
    if name not in PAPERS:
        abort(404, f"No page for paper {name!r}; there are: {', '.join(PAPERS)}.")
    return "letter" if name == "letter" else "a4"


def _shown(site: Site, status: dict[str, Any]) -> dict[str, Any]:
    """Describe a camera in the list; one whose file is broken can only be removed."""
    name = status["camera"]
    state = {"name": name, "state": status["state"], "problem": status["problem"]}
    try:
        known = load_camera(site.folder, name)
    except CameraError:
        return {**state, "known": None}
    if not known.enabled:
        state |= {"state": "disabled", "problem": ""}
    return {**state, "known": known, "has_credentials": has_credentials(site, known)}
