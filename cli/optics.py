"""`fittingroom calibrate lens`, `floor` and `colour`."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Literal

import click

from calibration import Camera, CameraError, changes, load_camera
from calibration.draft import Draft
from calibration.floor import Measured
from cli.common import print_json, say, site_option
from cli.footage import clip_option, frames_of, read_json, today
from services.cameras.sessions import replace_camera
from store import Site


@click.command()
@click.argument("name")
@site_option
@clip_option
def lens(site: Site, name: str, clip: Path | None) -> None:
    """Calibrate the lens from views of the printed board; prints JSON."""
    camera, draft = load_camera(site.folder, name), Draft()
    for frame in frames_of(site, camera, clip, 0.5):
        with contextlib.suppress(CameraError):  # most frames show no board, or show it again
            draft.take_view(frame.image)
            say(f"{len(draft.views)} views")
    _save(site, changes.with_lens(camera, draft, today()), "lens")


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
        changed = changes.with_measured_floor(camera, measured, today())
    else:
        draft = Draft()
        for frame in frames_of(site, camera, clip, 0.5):
            with contextlib.suppress(CameraError):
                draft.take_place(frame.image)
                say(f"{len(draft.places)} places")
        changed = changes.with_floor_by_sheet(camera, draft, today())
    _save(site, changed, "floor")


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
        box = [float(n) for n in read_json(sheet, "--sheet")] if sheet else []
        at = [(float(x), float(y)) for x, y in read_json(corners, "--corners")] if corners else []
        left, top, right, bottom = box or [0.0] * 4
    except (TypeError, ValueError) as error:
        if isinstance(error, CameraError):
            raise
        raise CameraError("--sheet takes four numbers, --corners four points.") from error
    changed = (
        changes.with_colour_by_sheet(camera, frame.image, (left, top, right, bottom), today())
        if sheet
        else changes.with_colour_by_chart(camera, frame.image, at, today())
    )
    _save(site, changed, "colour")


def _save(site: Site, camera: Camera, part: Literal["lens", "floor", "colour"]) -> None:
    """Write a camera and print one part of it."""
    replace_camera(site, camera)
    print_json(getattr(camera, part).model_dump())
