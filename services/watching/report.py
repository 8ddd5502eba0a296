"""Reports of a camera's state: their messages, and functions that write them."""

from __future__ import annotations

from typing import Final

from calibration import Camera, CameraError
from models.errors import ModelError
from store import Site, cameras
from store.cameras import Report
from store.errors import DATABASE_ERRORS
from vision.sources.cause import Cause, SourceError
from vision.sources.health import State, Status

#: Messages for staff about a camera whose picture does not fit its calibration.
ADVICE: Final = {
    "black": "The picture is black, and people are not counted. Check lens cover and light.",
    "covered": "Something covers the camera, and people are not counted. Clear its view.",
    "blurred": "The picture is blurred. Clean the lens or set its focus.",
    "colour": "The colours are off. Check the light and the camera's white balance.",
    "frozen": "The picture is frozen. Restart the camera.",
    "moved": "The camera has been moved and is not used. Turn it back, or calibrate it again.",
    "reshaped": "The picture has another shape than the one that the masks were confirmed for, and "
    "is not used. Set the camera's resolution back, or calibrate the camera again.",
    "unchecked": "The reference image is damaged, so it is not known whether the camera was moved. "
    "Open its calibration, check the masked picture, and confirm it again.",
    "unconfirmed": "Its masks are not confirmed yet, so it is not used. Open its calibration, "
    "check the masked picture, and confirm it.",
}
_FILE: Final = (Cause.FILE_MISSING, Cause.FILE_DAMAGED)


def report_state(site: Site, camera: str, report: Report, now: float) -> bool:
    """Write the state of a camera that no process watches; returns whether it changed.

    Raises:
        StoreError: The database cannot be written.
    """
    with site.store.write() as session:
        return cameras.report(session, camera, report, now)


def unconfirmed(camera: Camera) -> Report:
    """Build the report that a camera's masks have to be confirmed, and why."""
    advice = ADVICE["unconfirmed"]
    if camera.confirmed:  # for other masks, or without the picture's shape
        reason = camera.confirmation_problem
        advice = f"Not used: {reason}. Open its calibration and confirm the masked picture again."
    return Report("unconfirmed", "masks", advice)


def report_unconfirmed(site: Site, camera: Camera, now: float) -> None:
    """Report that a camera's masks have to be confirmed."""
    report_state(site, camera.name, unconfirmed(camera), now)


def report_source(status: Status) -> Report:
    """Build the report of a source's state; a file that cannot be played is `waiting`."""
    lacking = status.state is State.ENDED and status.cause in _FILE
    state = "waiting" if lacking else status.state.value
    return Report(state, status.cause.value, status.problem)


def report_unopened(error: SourceError) -> Report:
    """Build the report of a source that cannot be opened, like `report_source`."""
    state = "waiting" if error.cause in _FILE else State.CONNECTING.value
    return Report(state, error.cause.value, str(error))


def report_failure(site: Site, camera: str, error: Exception, now: float) -> None:
    """Report why a watcher could not start, unless the database is the reason."""
    try:
        report_state(site, camera, failure(error), now)
    except DATABASE_ERRORS:
        return


def failure(error: Exception) -> Report:
    """Build the report of why a watcher could not start."""
    if isinstance(error, ModelError):
        return Report("waiting", "weights", f"Its models cannot be loaded: {error}")
    if isinstance(error, CameraError):
        return Report("broken", "file", str(error))
    return Report("waiting", "database", str(error))
