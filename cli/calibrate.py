"""`fittingroom calibrate`: the steps of a camera's calibration as commands."""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from calibration import Camera, CameraError, changes, load_camera
from calibration.badge import USUAL_M, badges_pdf
from calibration.board import PAPERS, Paper, board_pdf
from calibration.drift import compare, load_reference, make_reference, save_reference
from calibration.files import camera_path
from calibration.picture import Shot, judge, measure
from calibration.reach import gate_warnings
from calibration.steps import steps_of
from calibration.versions import list_versions
from cli.common import print_json, say, site_option
from cli.confirm import confirm_at_terminal, seen_option
from cli.footage import background_of, clip_option, frames_of, read_json, today
from cli.optics import colour, floor, lens
from common.files import write_whole
from services.cameras.sessions import replace_camera
from services.cameras.setup import restore_version
from store import Site

#: Pictures that a picture check looks at.
_CHECKED = 24


@click.group()
def calibrate() -> None:
    """Calibrate a camera step by step, and check it for drift."""


@calibrate.command()
@click.argument("name")
@site_option
def status(site: Site, name: str) -> None:
    """Print the state of each step, one JSON object per line."""
    for step in steps_of(load_camera(site.folder, name)):
        print_json(asdict(step))


@calibrate.command()
@click.argument("name")
@site_option
@clip_option
def picture(site: Site, name: str, clip: Path | None) -> None:
    """Measure the picture and save the values; exit code 1 if it has a problem."""
    from services.site_models import load_site_detector
    from vision.detect import detect

    camera = load_camera(site.folder, name)
    detector, shots = load_site_detector(site), []
    for frame in frames_of(site, camera, clip, 1 / site.settings.vision.frames_per_second):
        height = frame.image.shape[0]
        people = detect(detector, frame).people.xyxy
        heights = tuple(float(box[3] - box[1]) / height for box in people)
        shots.append(Shot(frame.time, frame.image.copy(), heights))
        if len(shots) == _CHECKED:
            break
    if len(shots) < 2:
        raise CameraError(f"{name}: too few frames arrived.")
    measured = measure(shots, today(), camera.masks)
    problems = judge(measured, shots, masks=camera.masks)
    replace_camera(site, changes.with_picture(camera, measured))
    print_json({**measured.model_dump(), "problems": problems})
    if problems:
        raise click.exceptions.Exit(1)


@calibrate.command()
@click.argument("name")
@site_option
@click.option("--mask", "polygons", multiple=True, help="As JSON, relative: [[x, y], [x, y], …].")
@click.option("--none", "no_masks", is_flag=True, help="Nothing needs to be masked.")
def masks(site: Site, name: str, polygons: tuple[str, ...], no_masks: bool) -> None:
    """Replace the masks; they have to be confirmed again."""
    if bool(polygons) == no_masks:
        raise CameraError("give --mask for every polygon, or --none.")
    drawn = [read_json(text, "--mask") for text in polygons]
    fresh = changes.with_masks(load_camera(site.folder, name), drawn)
    replace_camera(site, fresh)
    _warn(fresh)
    say(f"Check and confirm them: fittingroom calibrate confirm {name} --by YOUR-NAME")


def _warn(camera: Camera) -> None:
    for warning in gate_warnings(camera):
        say(f"Warning: {warning}")


@calibrate.command()
@click.argument("name")
@site_option
@click.option("--by", required=True, help="Who checks the masked picture and confirms it.")
@click.option("--shown", type=click.Path(path_type=Path), help="Where to save the masked picture.")
@seen_option
def confirm(site: Site, name: str, by: str, shown: Path | None, seen: bool) -> None:
    """Confirm the masks on a picture from the camera, which is used from then on.

    The command saves a picture with its masks black and people pixelated. Open it and check it.
    The confirmation holds for these masks and for pictures of this shape.
    """
    camera = load_camera(site.folder, name)
    replace_camera(site, confirm_at_terminal(site, camera, by, shown, seen), camera)


@calibrate.command()
@click.argument("name")
@site_option
def reshape(site: Site, name: str) -> None:
    """Start the calibration again after a change of the picture's shape.

    Removes gates, lens, floor and picture check. The masks stay and have to be confirmed again.
    """
    replace_camera(site, load_camera(site.folder, name).start_again())
    say(f"Draw the gates of {name}, then check and confirm its masks.")


@calibrate.command()
@click.argument("name")
@site_option
@click.option("--gate", "line", required=True, help="JSON, as in fittingroom camera add.")
@click.option("--room", "rooms", required=True, multiple=True, help="A room behind the gate.")
@click.option("--called", default="gate", show_default=True, help="The gate's name.")
@click.option("--aspect", default=16 / 9, help="Aspect ratio, if the picture was not checked yet.")
def gate(
    site: Site, name: str, line: str, rooms: tuple[str, ...], called: str, aspect: float
) -> None:
    """Add a gate, or replace the one of this name."""
    camera = load_camera(site.folder, name)
    data = read_json(line, "--gate")
    if not isinstance(data, dict):
        raise CameraError("--gate: not a JSON object.")
    drawn = {"name": called, "rooms": list(rooms), **data}
    fresh = changes.with_gate(camera, drawn, camera.aspect or aspect)
    replace_camera(site, fresh)
    _warn(fresh)
    say(f"{name} has {len(fresh.gates)} gate(s).")


@calibrate.command()
@click.option("--paper", type=click.Choice(sorted(PAPERS)), default="a4", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("board.pdf"))
def board(paper: Paper, out: Path) -> None:
    """Write the calibration board and the floor sheet as a PDF, true to size."""
    _write_page(out, board_pdf(paper))


@calibrate.command()
@click.option("--paper", type=click.Choice(sorted(PAPERS)), default="a4", show_default=True)
@click.option(
    "--size", default=100 * USUAL_M, show_default=True, help="Side of a tag, centimetres."
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("badges.pdf"))
def badges(paper: Paper, size: float, out: Path) -> None:
    """Write badges of staff as a PDF, true to size: who wears one is no shopper."""
    _write_page(out, badges_pdf(paper, size / 100))


def _write_page(out: Path, page: bytes) -> None:
    try:
        write_whole(out, page)
    except OSError as error:
        raise CameraError(f"{out}: cannot be written ({error.strerror}).") from error
    say(f"Wrote {out}. Print it at 100% and check its ruler.")


@calibrate.command()
@click.argument("name")
@site_option
def history(site: Site, name: str) -> None:
    """List the earlier versions of a camera's file, newest first, as JSON."""
    load_camera(site.folder, name)
    for version in list_versions(camera_path(site.folder, name)):
        saved = datetime.fromtimestamp(version.saved_at).astimezone().isoformat(timespec="seconds")
        print_json({"number": version.number, "saved_at": saved})


@calibrate.command()
@click.argument("name")
@click.argument("number", type=int)
@site_option
def restore(site: Site, name: str, number: int) -> None:
    """Restore an earlier version; the current one is kept too."""
    restored = restore_version(site, name, number)
    replace_camera(site, restored)
    say(f"Restored version {number} of {name}; its address did not change.")
    if not restored.masks_confirmed:
        say(f"Confirm its masks: fittingroom calibrate confirm {name} --by YOUR-NAME")


@calibrate.command()
@click.argument("name")
@site_option
@clip_option
def reference(site: Site, name: str, clip: Path | None) -> None:
    """Save a new reference image for drift checks; a running watcher uses it."""
    camera = load_camera(site.folder, name)
    path = save_reference(site.folder, name, make_reference(background_of(site, camera, clip)))
    say(f"Wrote {path}. It holds no picture.")


@calibrate.command()
@click.argument("name")
@site_option
@clip_option
def check(site: Site, name: str, clip: Path | None) -> None:
    """Compare the picture with the reference image; prints JSON, exit code 1 on drift."""
    camera = load_camera(site.folder, name)
    known = load_reference(site.folder, name)
    if known is None:
        raise CameraError(
            f"{name}: no reference image yet. Run: fittingroom calibrate reference {name}"
        )
    found = compare(known, background_of(site, camera, clip))
    shift = round(found.shift, 4) if math.isfinite(found.shift) else None
    print_json({"camera": name, **asdict(found), "shift": shift})
    if found.problem:
        raise click.exceptions.Exit(1)


for command in (lens, floor, colour):
    calibrate.add_command(command)
