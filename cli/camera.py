"""`fittingroom camera`: the cameras of a site."""

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
from cli.masked import confirm_at_terminal, seen_option
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
                     "container's secret); - takes it from standard input now."),
        click.option("--user", help="The user that the camera asks for; its password is asked for "
                     "next, and shown nowhere."),
    ):  # fmt: skip
        command = option(command)
    return command


def _entry(source: str | None, user: str | None, file: str, forget: bool = False) -> Entry:
    """Ask for what was not given; a password is typed, read from a file or from standard input."""
    if source is not None and split_source(source)[1]:
        say(
            "The address has a password in it. It is kept apart from the camera's file, but others "
            "on this machine may have seen it, and your shell may remember it. Next time give "
            "--user; the password is asked for."
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
    help="Nothing in its picture needs a mask: take a picture now, and this person stands for it.",
)
@seen_option
@click.option("--loop", is_flag=True, help="Play a file again and again.")
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
        raise CameraError(f"{path} exists already; add --replace.")
    data = {"name": name, "source": "0", "loop": loop}
    drawn = [{"name": "gate", "rooms": list(rooms), **line}]
    added = parse_camera({**data, "gate": drawn}, "camera add")
    cameras.add_camera(site, added, _entry(source, user, password_file), replace)
    if confirmed_by:
        say(f"Wrote {path}; nothing looks through it before its masks are confirmed.")
        known = load_camera(site.folder, name)
        replace_camera(site, confirm_at_terminal(site, known, confirmed_by, None, seen), known)
        say(f"Try it: fittingroom watch {name}")
        return
    say(
        f"Wrote {path}. It runs once its masks are confirmed: open /calibrate/{name}, or run "
        f"fittingroom calibrate confirm {name} --by YOUR-NAME"
    )


@camera.command(name="list")
@site_option
def list_all(site: Site) -> None:
    """Print every camera as one JSON object a line.

    `credentials` says whether there are any, `status` what it does and why. A camera whose file
    is wrong has its name and status alone.
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
@click.option("--source", help=f"Where it is now. {_SOURCE_HELP}")
@credentials_options
@click.option("--forget-password", is_flag=True, help="Forget the user and password known so far.")
def address(
    site: Site,
    name: str,
    source: str | None,
    user: str | None,
    password_file: str,
    forget_password: bool,
) -> None:
    """Change a camera's address, or the user and password that it asks for.

    At another address its masks have to be confirmed anew.
    """
    if source is None and user is None and not password_file and not forget_password:
        raise CameraError("say what changes: --source, --user, --password-file, --forget-password.")
    before = load_camera(site.folder, name)
    entry = _entry(source, user, password_file, forget_password)
    changed = cameras.change_address(site, name, entry)
    if changed.source == before.source:
        say(f"{name} is opened with what you entered.")
        return
    say(
        f"{name} is at {changed.source} now. Look at its picture and confirm its masks: open "
        f"/calibrate/{name}, or run fittingroom calibrate confirm {name} --by YOUR-NAME"
    )


@camera.command()
@click.argument("name")
@click.argument("new")
@site_option
def rename(site: Site, name: str, new: str) -> None:
    """Rename a camera; its calibration and its state go with it."""
    cameras.rename_camera(site, name, new, time.time())
    say(f"{name} is {new} now.")


@camera.command()
@click.argument("name")
@site_option
def disable(site: Site, name: str) -> None:
    """Leave a camera alone: it is not opened until it is enabled again."""
    cameras.enable_camera(site, name, False, time.time())
    say(f"{name} is disabled. Enable it: fittingroom camera enable {name}")


@camera.command()
@click.argument("name")
@site_option
def enable(site: Site, name: str) -> None:
    """Use a disabled camera again."""
    cameras.enable_camera(site, name, True, time.time())
    say(f"{name} is enabled.")


@camera.command()
@click.argument("name")
@site_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(site: Site, name: str, yes: bool) -> None:
    """Remove a camera with its calibration, old versions, user and password."""
    if not yes and name in list_cameras(site.folder):
        say(f"This deletes the masks, gates, calibration, old versions and password of {name}.")
        say(f"To keep them: fittingroom camera disable {name}")
        click.confirm(f"Remove {name}?", abort=True, err=True)
    cameras.remove_camera(site, name, time.time())
    say(f"{name} is removed.")
