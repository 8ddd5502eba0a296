"""`fittingroom camera`: the cameras of a site."""

from __future__ import annotations

import json
from datetime import datetime

import click

from calibration import CameraError, list_cameras, load_camera, parse_camera, save_camera
from calibration.camera import camera_path
from store import Site
from web.cli.common import print_json, say, site_option


@click.group()
def camera() -> None:
    """Add and list cameras."""


@camera.command()
@click.argument("name")
@site_option
@click.option(
    "--source",
    required=True,
    help="A video file, an rtsp:// address, or the number of a USB camera.",
)
@click.option(
    "--gate",
    required=True,
    help='As JSON, relative, origin top left: {"from": [x, y], '
    '"to": [x, y], "in": "right"|"left"|"up"|"down"}.',
)
@click.option(
    "--room",
    "rooms",
    required=True,
    multiple=True,
    help="The room behind the gate; more than one may be given.",
)
@click.option(
    "--confirmed-by",
    default="",
    help="Nothing in its picture needs a mask; this person has looked and stands for it.",
)
@click.option("--loop", is_flag=True, help="Play a file again and again.")
@click.option("--replace", is_flag=True, help="Replace a camera of this name.")
def add(
    site: Site,
    name: str,
    source: str,
    gate: str,
    rooms: tuple[str, ...],
    confirmed_by: str,
    loop: bool,
    replace: bool,
) -> None:
    """Add a camera with one gate; writes cameras/NAME.toml."""
    try:
        line = json.loads(gate)
    except json.JSONDecodeError as error:
        raise CameraError(f"--gate: not JSON ({error}).") from error
    if not isinstance(line, dict):
        raise CameraError("--gate: not a JSON object.")
    if camera_path(site.folder, name).exists() and not replace:
        raise CameraError(f"{camera_path(site.folder, name)} exists already; add --replace.")
    data = {
        "name": name,
        "source": source,
        "loop": loop,
        "gate": [{"name": "gate", "rooms": list(rooms), **line}],
    }
    added = parse_camera(data, "camera add")
    if confirmed_by:
        added = added.confirm_masks(confirmed_by, datetime.now().isoformat(timespec="seconds"))
    path = save_camera(site.folder, added)
    if confirmed_by:
        say(f"Wrote {path}. Try it: fittingroom watch {name}")
        return
    say(
        f"Wrote {path}. It runs once its masks are confirmed: open /calibrate/{name}, or run "
        f"fittingroom calibrate confirm {name} --by YOUR-NAME"
    )


@camera.command(name="list")
@site_option
def list_all(site: Site) -> None:
    """Print every camera as one JSON object a line."""
    for name in list_cameras(site.folder):
        print_json(load_camera(site.folder, name).model_dump(mode="json", by_alias=True))
