"""What the calibration page shows: the file's state, and what the camera sees just now."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from calibration import Camera, CameraError
from calibration.badge import USUAL_M, least_side
from calibration.draft import Draft
from calibration.files import camera_path
from calibration.floor import grid_lines
from calibration.lens import LEAST_VIEWS
from calibration.sheet import find_sheet
from calibration.steps import steps_of
from calibration.versions import list_versions
from services.cameras.session import Session
from services.cameras.sessions import Sessions
from services.cameras.setup import has_credentials
from store import Site
from vision.walkscript import judge, verdict


def state_of(site: Site, camera: Camera) -> dict[str, Any]:
    """Describe a camera's file."""
    return {
        "name": camera.name,
        "source": camera.source,
        "credentials": has_credentials(site, camera),
        "enabled": camera.enabled,
        "steps": [asdict(step) for step in steps_of(camera)],
        "masks": [[list(point) for point in mask.points] for mask in camera.masks],
        "confirmed": camera.confirmed.by if camera.masks_confirmed and camera.confirmed else None,
        "gates": [gate.model_dump(mode="json", by_alias=True) for gate in camera.gates],
        "has": [part for part in ("lens", "floor", "colour") if getattr(camera, part)],
        "badge_cm": round(100 * (least_side(camera) or USUAL_M)),
        "badge_measured": least_side(camera) is not None,
        "grid": grid_lines(camera.floor, camera.lens) if camera.floor else [],
        "versions": [
            asdict(version) for version in list_versions(camera_path(site.folder, camera.name))
        ],
    }


def live_state(
    sessions: Sessions, name: str, step: str, date: str, page: str = ""
) -> dict[str, Any]:
    """Describe what a camera sees, as far as a step of a page needs it."""
    session, draft = sessions.get(name, page), sessions.draft(name)
    state: dict[str, Any] = {"problem": session.problem, "reshaped": session.reshaped}
    if state["problem"]:
        return state
    try:
        state |= _seen(session, draft, step, date)
    except CameraError as error:
        state["problem"] = str(error)
    return state


def _seen(session: Session, draft: Draft, step: str, date: str) -> dict[str, Any]:
    if step == "masks":
        return {"boxes": session.boxes(), "unclear": session.confirm_problem()}
    if step == "picture":
        checked = session.check(date)
        if checked is None:
            return {"boxes": session.boxes(), "picture": None}
        measured, problems = checked
        return {
            "boxes": session.boxes(),
            "picture": {**measured.model_dump(), "problems": problems},
        }
    if step == "lens":
        view, new = draft.sees(session.frame().image)
        return {
            "board": {
                "corners": [] if view is None else view.corners.round(4).tolist(),
                "new": new,
                "views": len(draft.views),
                "needed": LEAST_VIEWS,
                "covered": draft.covered(),
            }
        }
    if step == "floor":
        sheet = find_sheet(session.frame().image)
        corners = [] if sheet is None else sheet.round(4).tolist()
        return {"sheet": {"corners": corners, "places": len(draft.places)}}
    if step == "walk":
        return {"boxes": session.boxes(), "walk": _walk(session)}
    return {"boxes": session.boxes()}


def _walk(session: Session) -> dict[str, Any] | None:
    crossings = session.walk_crossings
    if crossings is None:
        return None
    steps = judge(crossings)
    return {"verdict": verdict(steps), "steps": [asdict(step) for step in steps]}
