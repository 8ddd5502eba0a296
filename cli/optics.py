"""`fittingroom calibrate lens`, `floor` and `colour`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click
import numpy as np

from calibration import CameraError, change_camera, load_camera
from calibration.colour import read_chart, solve_chart, solve_sheet
from calibration.floor import Measured, solve_floor
from calibration.lens import BoardView, find_board, solve_lens
from calibration.sheet import find_sheet, solve_floor_by_sheet
from cli.common import print_json, say, site_option
from cli.footage import clip_option, frames_of, read_json, today
from services.cameras.sessions import replace_camera
from store import Site

#: Least mean shift of the sheet's corners between two places, as a share of the picture.
_ANOTHER_PLACE: Final = 0.03


@click.command()
@click.argument("name")
@site_option
@clip_option
def lens(site: Site, name: str, clip: Path | None) -> None:
    """Calibrate the lens from views of the printed board; prints JSON."""
    camera, views = load_camera(site.folder, name), list[BoardView]()
    for frame in frames_of(site, camera, clip, 0.5):
        view = find_board(frame.image)
        if view is not None and all(view.differs(other) for other in views):
            views.append(view)
            say(f"{len(views)} views")
    solved = solve_lens(views, today()).model_dump()
    replace_camera(site, change_camera(camera, lens=solved, floor=None))
    print_json(solved)


@click.command()
@click.argument("name")
@site_option
@click.option(
    "--point",
    "points",
    multiple=True,
    help='A measured point as JSON: {"at": [x, y], "metres": [x, y]}; four or more.',
)
@clip_option
def floor(site: Site, name: str, points: tuple[str, ...], clip: Path | None) -> None:
    """Calibrate the floor by measured points, or by the printed sheet on it; prints JSON."""
    camera = load_camera(site.folder, name)
    if points:
        measured = [_measured(read_json(text, "--point")) for text in points]
        solved = solve_floor(measured, camera.lens, today())
    else:
        places: list[np.ndarray] = []
        for frame in frames_of(site, camera, clip, 0.5):
            seen = find_sheet(frame.image)
            if seen is not None and all(
                np.abs(seen - other).mean() > _ANOTHER_PLACE for other in places
            ):
                places.append(seen)
                say(f"{len(places)} places")
        solved = solve_floor_by_sheet(places, camera.lens, today())
    replace_camera(site, change_camera(camera, floor=solved.model_dump(exclude_none=True)))
    print_json(solved.model_dump())


def _measured(data: Any) -> Measured:
    try:
        (x, y), (right, away) = data["at"], data["metres"]
        return Measured((float(x), float(y)), (float(right), float(away)))
    except (TypeError, KeyError, ValueError) as error:
        raise CameraError(f"--point: {data!r} has no 'at' and 'metres' of two numbers.") from error


@click.command()
@click.argument("name")
@site_option
@click.option("--corners", help="The chart's corners as JSON, brown patch first, clockwise.")
@click.option("--sheet", help="Instead of a chart, a white sheet: [left, top, right, bottom].")
@clip_option
def colour(
    site: Site, name: str, corners: str | None, sheet: str | None, clip: Path | None
) -> None:
    """Correct the colours by a 24-patch chart or a white sheet; prints JSON."""
    camera = load_camera(site.folder, name)
    frame = next(frames_of(site, camera, clip, 0.0), None)
    if frame is None:
        raise CameraError(f"{name}: no frame arrived.")
    try:
        if sheet:
            left, top, right, bottom = (float(n) for n in read_json(sheet, "--sheet"))
            solved = solve_sheet(frame.image, (left, top, right, bottom), today())
        else:
            at = (
                [(float(x), float(y)) for x, y in read_json(corners, "--corners")]
                if corners
                else None
            )
            solved = solve_chart(read_chart(frame.image, at), today())
    except (TypeError, ValueError) as error:
        if isinstance(error, CameraError):
            raise
        raise CameraError("--sheet takes four numbers, --corners four points.") from error
    replace_camera(site, change_camera(camera, colour=solved.model_dump()))
    print_json(solved.model_dump())
