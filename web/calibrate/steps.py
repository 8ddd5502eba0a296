"""The steps of a calibration, as the page does them: what it sends, and what is made of it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, g, jsonify

from calibration import Camera, CameraError, change_camera, load_camera, parse_camera
from calibration.colour import read_chart, solve_chart, solve_sheet
from calibration.floor import Measured, solve_floor
from calibration.gates import check_gate
from calibration.lens import solve_lens
from calibration.sheet import find_sheet, solve_floor_by_sheet
from common.crossing import GarmentMatch
from services.catalogue.cards import Cards
from store import Site, audit, catalogue
from store.catalogue import colourways_by_sku
from vision.walkscript import Step, judge, verdict
from web.api import operation
from web.body import known_camera
from web.calibrate.viewer import current_viewer
from web.context import current
from web.permissions import allow
from web.schemas.base import Done, Nothing
from web.schemas.calibration import (
    CalibrateFloor,
    CalibrateLens,
    ColourCorrected,
    ColourErrors,
    ConfirmMasks,
    CorrectColour,
    Enrolment,
    EnrolView,
    NoCorrection,
    PlaceSheet,
    SetGates,
    SetMasks,
    WalkAct,
    WhiteSheet,
)
from web.schemas.cameras import WalkTest

_SHOWN = 4


calibration = Blueprint("calibration", __name__)


def _camera(name: str) -> Camera:
    known_camera(current.site, name)
    return load_camera(current.site.folder, name)


def _save(camera: Camera, **parts: Any) -> Done:
    """Write a camera with some of its parts changed."""
    current.sessions.save(change_camera(camera, **parts))
    return Done()


def _now() -> str:
    return datetime.fromtimestamp(current.now()).isoformat(timespec="seconds")


def _today() -> str:
    return _now()[:10]


@calibration.post("/api/cameras/<camera>/masks")
@allow("technician")
@operation("calibration", Done)
def set_masks(camera: str, json: SetMasks) -> Done:
    """Replace the masks; they have to be confirmed anew."""
    masks = [{"points": points} for points in json.masks]
    return _save(_camera(camera), mask=masks, confirmed=None)


@calibration.post("/api/cameras/<camera>/confirmation")
@allow("technician")
@operation("calibration", Done)
def confirm_masks(camera: str, json: ConfirmMasks) -> Done:
    """Stand for the masks; who is logged in does so by their own name.

    Answers 409 where no masked picture was shown with the same cookies in the last ten minutes, or
    its masks are others now.
    """
    known, by = _camera(camera), g.account or json.by
    if not by:
        abort(400, "'by' is missing: say who confirms the masks.")
    width, height = current.sessions.picture_tokens.redeem(known, current_viewer(), json.shown)
    current.sessions.save(known.confirm_masks(by, _now(), width, height), known)
    with current.site.store.write() as session:
        audit.note(session, current.now(), f"masks of {camera} confirmed", account=by)
    return Done()


@calibration.post("/api/cameras/<camera>/picture")
@allow("technician")
@operation("calibration", Done)
def save_picture_check(camera: str, json: Nothing) -> Done:
    """Keep what the picture is like now."""
    known = _camera(camera)
    checked = current.sessions.get(camera).check(_today())
    if checked is None:
        raise CameraError("the picture has not been seen for long enough yet; wait a moment.")
    return _save(known, picture=checked[0].model_dump())


@calibration.post("/api/cameras/<camera>/gates")
@allow("technician")
@operation("calibration", Done)
def set_gates(camera: str, json: SetGates) -> Done:
    """Replace the gates; a person must be able to stand on both sides of each."""
    known = _camera(camera)
    gates = [gate.model_dump() for gate in json.gates]
    fresh = parse_camera({"name": known.name, "source": known.source, "gate": gates}, known.name)
    height, width = current.sessions.get(camera).frame().image.shape[:2]
    person = known.picture.person if known.picture else 0.0
    for gate in fresh.gates:
        check_gate(gate, width / height, person)
    return _save(known, gate=gates)


@calibration.post("/api/cameras/<camera>/lens")
@allow("technician")
@operation("calibration", Done)
def calibrate_lens(camera: str, json: CalibrateLens) -> Done:
    """Take a view of the board, start anew, work out the lens, or forget it."""
    known, draft = _camera(camera), current.sessions.draft(camera)
    if json.act == "solve":
        solved = solve_lens(draft.views, _today())
        # The floor was seen through another lens.
        return _save(known, lens=solved.model_dump(), floor=None)
    if json.act == "forget":
        return _save(known, lens=None, floor=None)
    if json.act == "restart":
        draft.views.clear()
        return Done()
    view, new = draft.sees(current.sessions.get(camera).frame().image)
    if view is None:
        raise CameraError("the board is not seen; hold it nearer, still, and in the light.")
    if not new:
        raise CameraError("this view is there already; move the board, or tilt it.")
    draft.views.append(view)
    return Done()


@calibration.post("/api/cameras/<camera>/floor")
@allow("technician")
@operation("calibration", Done)
def calibrate_floor(camera: str, json: CalibrateFloor) -> Done:
    """Place the floor by measured points, or by the sheet lying on it."""
    known = _camera(camera)
    if isinstance(json.root, PlaceSheet):
        return _place_sheet(known, json.root.act)
    points = [
        Measured((one.at[0], one.at[1]), (one.metres[0], one.metres[1])) for one in json.root.points
    ]
    solved = solve_floor(points, known.lens, _today())
    return _save(known, floor=solved.model_dump(exclude_none=True))


def _place_sheet(camera: Camera, act: str) -> Done:
    """Take the sheet where it lies, start anew, work out the floor, or forget it."""
    places = current.sessions.draft(camera.name).places
    if act == "solve":
        solved = solve_floor_by_sheet(places, camera.lens, _today())
        return _save(camera, floor=solved.model_dump(exclude_none=True))
    if act == "forget":
        return _save(camera, floor=None)
    if act == "restart":
        places.clear()
        return Done()
    sheet = find_sheet(current.sessions.get(camera.name).frame().image)
    if sheet is None:
        raise CameraError("the sheet is not seen; lay it down where there is light.")
    places.append(sheet)
    return Done()


@calibration.post("/api/cameras/<camera>/colour")
@allow("technician")
@operation("calibration", ColourCorrected)
def calibrate_colour(camera: str, json: CorrectColour) -> Done | ColourErrors:
    """Correct a camera's colours by what is held up now, or forget the correction."""
    known, given = _camera(camera), json.root
    if isinstance(given, NoCorrection):
        return _save(known, colour=None)
    image = current.sessions.get(camera).frame().image
    if isinstance(given, WhiteSheet):
        left, top, right, bottom = given.box
        solved = solve_sheet(image, (left, top, right, bottom), _today())
    else:
        corners = [(x, y) for x, y in given.corners or ()]
        solved = solve_chart(read_chart(image, corners or None), _today())
    _save(known, colour=solved.model_dump())
    return ColourErrors(before=solved.error_before, after=solved.error_after)


@calibration.post("/api/cameras/<camera>/walk")
@allow("technician")
@operation("calibration", WalkTest)
def walk_test(camera: str, json: WalkAct) -> WalkTest:
    """Start a walk test, or end it and keep its detections."""
    known, session = _camera(camera), current.sessions.get(camera)
    if json.act == "stop":
        return _walk(judge(session.stop_walk()))
    if not known.masks_confirmed:
        raise CameraError("confirm the masks first.")
    name = f"{camera}-{_now().replace(':', '')}"
    session.start_walk(current.sessions.matcher(), current.site.folder / "tests", name)
    return _walk(judge([]))


def _walk(steps: list[Step]) -> WalkTest:
    return WalkTest.model_validate({"verdict": verdict(steps), "steps": [asdict(s) for s in steps]})


@calibration.post("/api/cameras/<camera>/enrolment")
@allow("technician")
@operation("calibration", Enrolment)
def enrol_view(camera: str, json: EnrolView) -> Response:
    """Say what is held up to a camera; with an SKU, add this view to its article."""
    _camera(camera)
    matcher, now = current.sessions.matcher(), current.now()
    held = current.sessions.get(camera).held(matcher)
    if json.sku:
        with current.site.store.write() as session:
            catalogue.enrol_view(session, json.sku, matcher.model, held.indexed, camera, now)
    found = {"now": held.match, "uncorrected": held.uncorrected}
    return jsonify({name: _cards(current.site, match, now) for name, match in found.items()})


def _cards(site: Site, match: GarmentMatch | None, now: float) -> list[dict[str, Any]] | None:
    """Show the nearest articles, best first."""
    if match is None:
        return None
    best = match.candidates[:_SHOWN]
    with site.store.read() as session:
        keys = colourways_by_sku(session, [candidate.sku for candidate in best])
        cards = Cards.read(session, keys.values(), now)
        return [
            {**cards.card(keys[candidate.sku]), "score": candidate.score}
            for candidate in best
            if candidate.sku in keys
        ]
