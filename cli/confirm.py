"""Confirm masks at the terminal, on a masked picture from the camera."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from calibration import Camera, CameraError
from calibration.confirmation import describe_shape
from cli.common import say
from common.files import write_whole
from store import Site

#: Adds `--picture-seen`.
seen_option = click.option(
    "--picture-seen",
    "seen",
    is_flag=True,
    help="Do not ask: this person has checked the masked picture. The camera must still answer.",
)


def confirm_at_terminal(
    site: Site, camera: Camera, by: str, shown: Path | None, seen: bool
) -> Camera:
    """Confirm a camera's masks on a masked picture that the camera shows now.

    Args:
        site: The site.
        camera: The camera with the masks to confirm.
        by: Who checks and confirms them.
        shown: Where to save the picture; without it, it is deleted after the answer.
        seen: Do not ask.

    Returns:
        The camera with its masks confirmed for the shape of this picture.

    Raises:
        CameraError: The camera gives no usable picture.
        click.Abort: The answer is no.
    """
    from services.cameras.masked_picture import take_masked_picture
    from services.site_models import load_site_detector
    from services.watching.watcher import source_of

    settings = site.settings.vision
    say(f"Taking a picture from {camera.name} …")
    picture = take_masked_picture(
        camera,
        source_of(site, camera),
        load_site_detector(site),
        settings.frames_per_second,
    )
    shape = describe_shape(picture.width, picture.height)
    if shown or not seen:
        _show(shown or site.folder / f"{camera.name}-masked.jpg", picture.jpeg, shape, camera, by,
              keep=shown is not None, seen=seen)  # fmt: skip
    now = datetime.now().isoformat(timespec="seconds")
    confirmed = camera.confirm_masks(by, now, picture.width, picture.height)
    say(f"The masks of {camera.name} are confirmed by {by} for pictures of {shape}.")
    return confirmed


def _show(
    path: Path, jpeg: bytes, shape: str, camera: Camera, by: str, *, keep: bool, seen: bool
) -> None:
    try:
        write_whole(path, jpeg)
    except OSError as error:
        raise CameraError(f"{path}: cannot be written ({error.strerror}).") from error
    try:
        count = len(camera.masks)
        say(f"Open {path} ({shape}, {count} {'mask' if count == 1 else 'masks'}) and check it.")
        say("Black areas are never processed; people are pixelated.")
        if not seen:
            question = "Is every cabin, curtain and mirror covered"
            click.confirm(f"{by}: {question}?", abort=True, err=True)
    finally:
        if not keep:
            path.unlink(missing_ok=True)
