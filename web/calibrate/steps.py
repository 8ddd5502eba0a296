"""The steps of a calibration, as the page does them: what it sends, and what is made of it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, g, jsonify

from calibration import Camera, CameraError, changes, load_camera
from calibration.floor import Measured
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


def _save(camera: Camera) -> Done:
    current.sessions.save(camera)
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
    return _save(changes.with_masks(_camera(camera), json.masks))


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
    return _save(changes.with_picture(known, checked[0]))


@calibration.post("/api/cameras/<camera>/gates")
@allow("technician")
@operation("calibration", Done)
def set_gates(camera: str, json: SetGates) -> Done:
    """Replace the gates; a person must be able to stand on both sides of each."""
    known = _camera(camera)
    gates = [gate.model_dump() for gate in json.gates]
    height, width = current.sessions.get(camera).frame().image.shape[:2]
    return _save(changes.with_gates(known, gates, width / height))


@calibration.post("/api/cameras/<camera>/lens")
@allow("technician")
@operation("calibration", Done)
def calibrate_lens(camera: str, json: CalibrateLens) -> Done:
    """Take a view of the board, start anew, work out the lens, or forget it."""
    known, draft = _camera(camera), current.sessions.draft(camera)
    if json.act == "solve":
        return _save(changes.with_lens(known, draft, _today()))
    if json.act == "forget":
        return _save(changes.without_lens(known))
    if json.act == "restart":
        draft.views.clear()
        return Done()
    draft.take_view(current.sessions.get(camera).frame().image)
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
    return _save(changes.with_measured_floor(known, points, _today()))


def _place_sheet(camera: Camera, act: str) -> Done:
    """Take the sheet where it lies, start anew, work out the floor, or forget it."""
    draft = current.sessions.draft(camera.name)
    if act == "solve":
        return _save(changes.with_floor_by_sheet(camera, draft, _today()))
    if act == "forget":
        return _save(changes.without_floor(camera))
    if act == "restart":
        draft.places.clear()
        return Done()
    draft.take_place(current.sessions.get(camera.name).frame().image)
    return Done()


@calibration.post("/api/cameras/<camera>/colour")
@allow("technician")
@operation("calibration", ColourCorrected)
def calibrate_colour(camera: str, json: CorrectColour) -> Done | ColourErrors:
    """Correct a camera's colours by what is held up now, or forget the correction."""
    known, given = _camera(camera), json.root
    if isinstance(given, NoCorrection):
        return _save(changes.without_colour(known))
    image = current.sessions.get(camera).frame().image
    if isinstance(given, WhiteSheet):
        left, top, right, bottom = given.box
        changed = changes.with_colour_by_sheet(known, image, (left, top, right, bottom), _today())
    else:
        corners = [(x, y) for x, y in given.corners or ()]
        changed = changes.with_colour_by_chart(known, image, corners, _today())
    _save(changed)
    assert changed.colour
    return ColourErrors(before=changed.colour.error_before, after=changed.colour.error_after)


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
