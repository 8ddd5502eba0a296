"""The steps of a calibration, as the page does them: what it sends, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable
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
from services.cameras.sessions import Sessions
from services.catalogue.cards import Cards
from store import Site, audit
from store.catalogue import colourways_by_sku, enrol_view
from vision.walkscript import judge, verdict
from web.body import known_camera, read_body, read_text
from web.calibrate.viewer import current_viewer

#: Corners a mask may have, masks and gates a camera.
_MOST = 64
_SHOWN = 4


def add_steps(pages: Blueprint, site: Site, sessions: Sessions, clock: Callable[[], float]) -> None:
    """Add the steps' addresses."""
    desk = _Desk(site, sessions, clock)
    _areas(pages, desk)
    _lens(pages, desk)
    _floor(pages, desk)
    _colour(pages, desk)
    _trial(pages, desk)


class _Desk:
    """What every step needs: the camera, its session, today."""

    def __init__(self, site: Site, sessions: Sessions, clock: Callable[[], float]) -> None:
        self.site, self.sessions, self.clock = site, sessions, clock

    def camera(self, name: str) -> Camera:
        known_camera(self.site, name)
        return load_camera(self.site.folder, name)

    def save(self, camera: Camera, **parts: Any) -> Response:
        """Write a camera with some of its parts changed."""
        self.sessions.save(change_camera(camera, **parts))
        return jsonify(status="ok")

    @property
    def now(self) -> str:
        return datetime.fromtimestamp(self.clock()).isoformat(timespec="seconds")

    @property
    def today(self) -> str:
        return self.now[:10]


def _areas(pages: Blueprint, desk: _Desk) -> None:
    @pages.post("/api/cameras/<camera>/masks")
    def draw_masks(camera: str) -> Response:
        """Replace the masks; they have to be confirmed anew."""
        known = desk.camera(camera)
        masks = _list(read_body("masks"), "masks")
        points = [[_point(at) for at in _whole(mask, "a mask")] for mask in masks]
        return desk.save(known, mask=[{"points": some} for some in points], confirmed=None)

    @pages.post("/api/cameras/<camera>/confirmation")
    def confirm_masks(camera: str) -> Response:
        """Note who looked at the masked picture `shown` and stands for it."""
        known, data = desk.camera(camera), read_body("by", "shown")
        by, shown = g.account or read_text(data, "by"), read_text(data, "shown")
        width, height = desk.sessions.picture_tokens.redeem(known, current_viewer(), shown)
        desk.sessions.save(known.confirm_masks(by, desk.now, width, height), known)
        with desk.site.store.write() as session:
            audit.note(session, desk.clock(), f"masks of {camera} confirmed", account=by)
        return jsonify(status="ok")

    @pages.post("/api/cameras/<camera>/picture")
    def keep_picture(camera: str) -> Response:
        """Keep what the picture is like now."""
        known = desk.camera(camera)
        read_body()
        checked = desk.sessions.get(camera).check(desk.today)
        if checked is None:
            raise CameraError("the picture has not been seen for long enough yet; wait a moment.")
        return desk.save(known, picture=checked[0].model_dump())

    @pages.post("/api/cameras/<camera>/gates")
    def draw_gates(camera: str) -> Response:
        """Replace the gates; each must leave room for a person on both sides."""
        known = desk.camera(camera)
        gates = _list(read_body("gates"), "gates")
        fresh = parse_camera(
            {"name": known.name, "source": known.source, "gate": gates}, known.name
        )
        height, width = desk.sessions.get(camera).frame().image.shape[:2]
        person = known.picture.person if known.picture else 0.0
        for gate in fresh.gates:
            check_gate(gate, width / height, person)
        return desk.save(known, gate=gates)


def _lens(pages: Blueprint, desk: _Desk) -> None:
    @pages.post("/api/cameras/<camera>/lens")
    def lens(camera: str) -> Response:
        """Take a view of the board, start anew, solve the lens, or forget it."""
        known, act = (
            desk.camera(camera),
            _act(read_body("act"), "view", "restart", "solve", "forget"),
        )
        draft = desk.sessions.draft(camera)
        if act == "view":
            view, new = draft.sees(desk.sessions.get(camera).frame().image)
            if view is None:
                raise CameraError("the board is not seen; hold it nearer, still, and in the light.")
            if not new:
                raise CameraError("this view is there already; move the board, or tilt it.")
            draft.views.append(view)
        elif act == "restart":
            draft.views.clear()
        elif act == "forget":
            return desk.save(known, lens=None, floor=None)
        else:
            solved = solve_lens(draft.views, desk.today)
            # The floor was seen through another lens.
            return desk.save(known, lens=solved.model_dump(), floor=None)
        return jsonify(status="ok")


def _floor(pages: Blueprint, desk: _Desk) -> None:
    @pages.post("/api/cameras/<camera>/floor")
    def floor(camera: str) -> Response:
        """Solve the floor from measured points, or by the sheet lying on it."""
        known, data = desk.camera(camera), read_body("act", "points")
        draft = desk.sessions.draft(camera)
        if "points" in data:
            points = [_measured(one) for one in _list(data, "points")]
            solved = solve_floor(points, known.lens, desk.today)
            return desk.save(known, floor=solved.model_dump(exclude_none=True))
        act = _act(data, "place", "restart", "solve", "forget")
        if act == "place":
            sheet = find_sheet(desk.sessions.get(camera).frame().image)
            if sheet is None:
                raise CameraError("the sheet is not seen; lay it down where there is light.")
            draft.places.append(sheet)
        elif act == "restart":
            draft.places.clear()
        elif act == "forget":
            return desk.save(known, floor=None)
        else:
            solved = solve_floor_by_sheet(draft.places, known.lens, desk.today)
            return desk.save(known, floor=solved.model_dump(exclude_none=True))
        return jsonify(status="ok")


def _colour(pages: Blueprint, desk: _Desk) -> None:
    @pages.post("/api/cameras/<camera>/colour")
    def colour(camera: str) -> Response:
        """Correct the colours by a chart or a sheet held up now, or forget the correction."""
        known, data = desk.camera(camera), read_body("by", "corners", "box")
        by = _act(data, "chart", "sheet", "nothing", field="by")
        if by == "nothing":
            return desk.save(known, colour=None)
        image = desk.sessions.get(camera).frame().image
        if by == "sheet":
            box = _numbers(data.get("box"), 4, "box")
            solved = solve_sheet(image, (box[0], box[1], box[2], box[3]), desk.today)
        else:
            corners = None
            if data.get("corners") is not None:
                corners = [_point(at) for at in _list(data, "corners")]
                if len(corners) != 4:
                    abort(400, "'corners' must be four points.")
            solved = solve_chart(read_chart(image, corners), desk.today)
        desk.save(known, colour=solved.model_dump())
        return jsonify(before=solved.error_before, after=solved.error_after)


def _trial(pages: Blueprint, desk: _Desk) -> None:
    @pages.post("/api/cameras/<camera>/walk")
    def walk(camera: str) -> Response:
        """Start a walk test, or end it and keep its recording."""
        known, act = desk.camera(camera), _act(read_body("act"), "start", "stop")
        session = desk.sessions.get(camera)
        if act == "start":
            if not known.masks_confirmed:
                raise CameraError("confirm the masks first.")
            name = f"{camera}-{desk.now.replace(':', '')}"
            session.start_walk(desk.sessions.matcher(), desk.site.folder / "tests", name)
            return jsonify(verdict="open", steps=[asdict(step) for step in judge([])])
        steps = judge(session.stop_walk())
        return jsonify(verdict=verdict(steps), steps=[asdict(step) for step in steps])

    @pages.post("/api/cameras/<camera>/enrolment")
    def enrol(camera: str) -> Response:
        """Name what is held up to the camera; with an SKU, add this view to its article."""
        desk.camera(camera)
        data = read_body("sku")
        matcher = desk.sessions.matcher()
        held = desk.sessions.get(camera).held(matcher)
        if "sku" in data:
            sku = read_text(data, "sku")
            with desk.site.store.write() as session:
                enrol_view(session, sku, matcher.model, held.indexed, camera, desk.clock())
        found = {"now": held.match, "uncorrected": held.uncorrected}
        return jsonify(
            {name: _cards(desk.site, match, desk.clock()) for name, match in found.items()}
        )


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


def _act(data: dict[str, Any], *known: str, field: str = "act") -> str:
    act = read_text(data, field)
    if act not in known:
        abort(400, f"{field!r} is {act!r}; it can be {', '.join(known)}.")
    return act


def _list(data: dict[str, Any], name: str) -> list[Any]:
    return _whole(data.get(name), repr(name))


def _whole(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > _MOST:
        abort(400, f"{what} must be a list of {_MOST} at most.")
    return value


def _numbers(value: Any, count: int, what: str) -> list[float]:
    fine = isinstance(value, list) and len(value) == count
    if not fine or not all(type(n) in (int, float) and abs(n) < 1e6 for n in value):
        abort(400, f"{what!r} must be {count} numbers.")
    return [float(n) for n in value]


def _point(value: Any) -> tuple[float, float]:
    x, y = _numbers(value, 2, "a point")
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise CameraError(f"({x:g}, {y:g}) is outside the picture; coordinates go from 0 to 1.")
    return x, y


def _measured(value: Any) -> Measured:
    if not isinstance(value, dict) or set(value) != {"at", "metres"}:
        abort(400, "A measured point is an object with 'at' and 'metres'.")
    x, y = _numbers(value["metres"], 2, "metres")
    return Measured(_point(value["at"]), (x, y))
