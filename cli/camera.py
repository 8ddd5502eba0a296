"""`fittingroom camera`: manage the cameras of a site."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import click

from calibration import CameraError, list_cameras, load_camera, parse_camera
from calibration.address import split_source
from calibration.entry import Entry
from calibration.files import camera_path
from cli.common import print_json, say, site_option
from cli.confirm import confirm_at_terminal, seen_option
from services.cameras import setup as cameras
from services.cameras.sessions import replace_camera
from services.watching.status import camera_states
from store import Site

_SOURCE_HELP = (
    "An address such as rtsp://192.168.1.20/stream, the number of a USB camera, its path "
    "(/dev/video0, /dev/v4l/by-id/…), or a video file."
)


@click.group()
def camera() -> None:
    """Add, list, change and remove cameras."""


def credentials_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--user` and `--password-file`; no password stands on a command line."""
    for option in (
        click.option("--password-file", default="", metavar="FILE",
                     help="Read the password from this file each time the camera is opened (a "
                     "container's secret); - reads it from standard input now."),
        click.option("--user", help="The camera's user name; the password is prompted for and "
                     "not shown."),
    ):  # fmt: skip
        command = option(command)
    return command


def _entry(source: str | None, user: str | None, file: str, forget: bool = False) -> Entry:
    """Build the entry; a password is prompted for, or read from a file or standard input."""
    if source is not None and split_source(source)[1]:
        say(
            "The address contains a password. It is stored apart from the camera's file, but other "
            "users of this machine may have seen it, and your shell may keep it in its history. "
            "Next time use --user; the password is then prompted for."
        )
    password: str | None = None
    if file == "-":
        password, file = sys.stdin.readline().rstrip("\r\n"), ""
    elif user and not file:
        password = click.prompt(
            f"Password of {user}", hide_input=True, default="", show_default=False, err=True
        )
    return Entry(source, user, password, file, forget)


@camera.command()
@click.argument("name")
@site_option
@click.option("--source", required=True, help=_SOURCE_HELP)
@credentials_options
@click.option(
    "--gate",
    required=True,
    help='JSON, relative, origin top left: {"from": [x, y], '
    '"to": [x, y], "in": "right"|"left"|"up"|"down"}.',
)
@click.option(
    "--room",
    "rooms",
    required=True,
    multiple=True,
    help="A room behind the gate; may be repeated.",
)
@click.option(
    "--confirmed-by",
    default="",
    help="Confirm now, in this person's name, that nothing in the picture needs a mask.",
)
@seen_option
@click.option("--loop", is_flag=True, help="Play a file in a loop.")
@click.option("--replace", is_flag=True, help="Replace a camera of this name.")
def add(
    site: Site,
    name: str,
    source: str,
    user: str | None,
    password_file: str,
    gate: str,
    rooms: tuple[str, ...],
    confirmed_by: str,
    seen: bool,
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
    path = camera_path(site.folder, name)
    if path.exists() and not replace:
        raise CameraError(f"{path} exists already. Replace it with --replace.")
    data = {"name": name, "source": "0", "loop": loop}
    drawn = [{"name": "gate", "rooms": list(rooms), **line}]
    added = parse_camera({**data, "gate": drawn}, "camera add")
    cameras.add_camera(site, added, _entry(source, user, password_file), replace)
    if confirmed_by:
        say(f"Wrote {path}. The camera is not used before its masks are confirmed.")
        known = load_camera(site.folder, name)
        replace_camera(site, confirm_at_terminal(site, known, confirmed_by, None, seen), known)
        say(f"Try it: fittingroom watch {name}")
        return
    say(
        f"Wrote {path}. The camera is used once its masks are confirmed: open /calibrate/{name}, "
        f"or run fittingroom calibrate confirm {name} --by YOUR-NAME"
    )


@camera.command(name="list")
@site_option
def list_all(site: Site) -> None:
    """Print every camera, one JSON object per line.

    `credentials` says whether any are stored; `status` holds state and cause. A camera whose file
    is wrong has name and status only.
    """
    with site.store.read() as session:
        states = camera_states(session, site, time.time(), alone=True)
    for state in states:
        name, status = state["camera"], {k: v for k, v in state.items() if k != "camera"}
        try:
            known = load_camera(site.folder, name)
        except CameraError:
            print_json({"name": name, "status": status})
            continue
        shown = known.model_dump(mode="json", by_alias=True)
        print_json({**shown, "credentials": cameras.has_credentials(site, known), "status": status})


@camera.command()
@click.argument("name")
@site_option
@click.option("--source", help=f"The new source. {_SOURCE_HELP}")
@credentials_options
@click.option("--forget-password", is_flag=True, help="Delete the stored user and password.")
def address(
    site: Site,
    name: str,
    source: str | None,
    user: str | None,
    password_file: str,
    forget_password: bool,
) -> None:
    """Change a camera's address, or its user and password.

    After a change of the address the masks have to be confirmed again.
    """
    if source is None and user is None and not password_file and not forget_password:
        raise CameraError(
            "nothing to change. Give --source, --user, --password-file or --forget-password."
        )
    before = load_camera(site.folder, name)
    entry = _entry(source, user, password_file, forget_password)
    changed = cameras.change_address(site, name, entry)
    if changed.source == before.source:
        say(f"{name} now uses these credentials.")
        return
    say(
        f"{name} now uses {changed.source}. Check its picture and confirm its masks: open "
        f"/calibrate/{name}, or run fittingroom calibrate confirm {name} --by YOUR-NAME"
    )


@camera.command()
@click.argument("name")
@click.argument("new")
@site_option
def rename(site: Site, name: str, new: str) -> None:
    """Rename a camera with its calibration and state."""
    cameras.rename_camera(site, name, new, time.time())
    say(f"Renamed {name} to {new}.")


@camera.command()
@click.argument("name")
@site_option
def disable(site: Site, name: str) -> None:
    """Disable a camera: it is not opened until it is enabled again."""
    cameras.enable_camera(site, name, False, time.time())
    say(f"{name} is disabled. Enable it: fittingroom camera enable {name}")


@camera.command()
@click.argument("name")
@site_option
def enable(site: Site, name: str) -> None:
    """Enable a disabled camera."""
    cameras.enable_camera(site, name, True, time.time())
    say(f"{name} is enabled.")


@camera.command()
@click.argument("name")
@site_option
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def remove(site: Site, name: str, yes: bool) -> None:
    """Remove a camera with its calibration, old versions, user and password."""
    if not yes and name in list_cameras(site.folder):
        say(f"This deletes the masks, gates, calibration, old versions and password of {name}.")
        say(f"To keep them: fittingroom camera disable {name}")
        click.confirm(f"Remove {name}?", abort=True, err=True)
    cameras.remove_camera(site, name, time.time())
    say(f"{name} is removed.")
