"""`/calibrate`: pages for the installer on the ladder, and their API."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    g,
    jsonify,
    render_template,
    request,
    send_file,
)

from calibration import CameraError, load_camera
from calibration.board import PAPERS, board_pdf
from calibration.files import camera_path
from calibration.versions import list_versions
from services.cameras.sessions import Sessions
from services.cameras.setup import has_credentials, restore_version
from services.watching.status import camera_states
from store import Site
from web.body import known_camera, read_body
from web.calibrate.live import live_state, state_of
from web.calibrate.manage import add_management
from web.calibrate.steps import add_steps
from web.calibrate.viewer import current_viewer, name_viewer


def add_calibration_pages(
    app: Flask, site: Site, sessions: Sessions, clock: Callable[[], float]
) -> None:
    """Add `/calibrate` and `/api/cameras` to an application."""
    pages = Blueprint("calibrate", __name__)

    _show(pages, site, sessions, clock)
    _cameras(pages, site, sessions, clock)
    add_management(pages, site, sessions, clock)
    add_steps(pages, site, sessions, clock)
    app.register_blueprint(pages)


def _show(pages: Blueprint, site: Site, sessions: Sessions, clock: Callable[[], float]) -> None:
    @pages.get("/calibrate")
    def cameras() -> str:
        with site.store.read() as session:
            states = camera_states(session, site, clock())
        shown = [_shown(site, state) for state in states]
        return render_template("cameras.html", shop=site.settings.shop.name, cameras=shown)

    @pages.get("/calibrate/<camera>")
    def camera(camera: str) -> str:
        known_camera(site, camera)
        load_camera(site.folder, camera)
        return render_template("calibrate.html", shop=site.settings.shop.name, camera=camera)

    @pages.get("/calibrate/<camera>/preview.jpg")
    def preview(camera: str) -> Response:
        """Show the masked picture; its token confirms the masks in it, see `PictureTokens`."""
        started = time.perf_counter()
        known_camera(site, camera)
        view = request.args.get("view", "plain")
        shown = sessions.get(camera).preview(view == "straight", view == "corrected")
        response = Response(shown.jpeg, mimetype="image/jpeg")
        viewer = current_viewer() or name_viewer(response)
        if token := sessions.picture_tokens.note(camera, viewer, shown):
            response.headers["X-Masked-Picture"] = token
        total = 1000 * (time.perf_counter() - started)
        response.headers["Server-Timing"] = f"total;dur={total:.0f}"
        return response

    @pages.get("/calibrate/board-<paper>.pdf")
    def board(paper: str) -> Response:
        if paper not in PAPERS:
            abort(404, f"No board for paper {paper!r}; there are: {', '.join(PAPERS)}.")
        page = io.BytesIO(board_pdf("letter" if paper == "letter" else "a4"))
        return send_file(page, "application/pdf", download_name=f"fittingroom-board-{paper}.pdf")


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


def _cameras(pages: Blueprint, site: Site, sessions: Sessions, clock: Callable[[], float]) -> None:
    @pages.get("/api/cameras/<camera>")
    def camera_state(camera: str) -> Response:
        known_camera(site, camera)
        return jsonify({**state_of(site, load_camera(site.folder, camera)), "account": g.account})

    @pages.get("/api/cameras/<camera>/live")
    def camera_live(camera: str) -> Response:
        known_camera(site, camera)
        date = datetime.fromtimestamp(clock()).date().isoformat()
        return jsonify(live_state(sessions, camera, request.args.get("step", ""), date))

    @pages.post("/api/cameras/<camera>/versions")
    def restore(camera: str) -> Response:
        known_camera(site, camera)
        number = read_body("number").get("number")
        if not isinstance(number, int) or isinstance(number, bool):
            abort(400, "'number' must be a version's number.")
        known = [version.number for version in list_versions(camera_path(site.folder, camera))]
        if number not in known:
            abort(404, f"There is no version {number}; there are: {known}.")
        sessions.save(restore_version(site, camera, number))
        return jsonify(status="ok")

    @pages.post("/api/cameras/<camera>/shape")
    def start_again(camera: str) -> Response:
        """Give up what was made for pictures of the old shape."""
        known_camera(site, camera)
        read_body()
        sessions.save(load_camera(site.folder, camera).start_again())
        return jsonify(status="ok")
