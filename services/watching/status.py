"""The states of a site's cameras for pages, API and `/healthz`."""

from __future__ import annotations

from typing import Any, Final

from calibration import CameraError, list_cameras, load_camera
from services.watching.process import is_gone
from store import Session, Site, cameras
from store.cameras import Holder, Report
from store.schema import CameraStatus

#: States that only a watcher can know, and that are outdated without one.
_WATCHED: Final = ("running", "slow", "connecting", "stale")
#: A watcher starts within this time, seconds.
_STARTS_S: Final = 60.0


def camera_states(
    session: Session, site: Site, now: float, alone: bool = False
) -> list[dict[str, Any]]:
    """List the states of all cameras of the site, by name.

    Args:
        session: A read session.
        site: The site.
        now: Seconds since the epoch.
        alone: Whether this process is not a server, whose supervisor checks the watchers.
    """
    known = cameras.read_statuses(session)
    states = []
    for name in list_cameras(site.folder):
        blank = CameraStatus(camera=name, state="unwatched", cause="no_watcher", message="")
        status = known.get(name, blank)
        state = cameras.describe(status, now)
        if alone and (left := _left(status, now)):
            state |= {"state": left.state, "cause": left.cause, "problem": left.message}
            state["ok"] = False
        try:
            load_camera(site.folder, name)
        except (CameraError, OSError) as error:
            broken = {"state": "broken", "cause": "file", "problem": str(error), "ok": False}
            state |= broken
        states.append(state)
    return states


def unwatched(name: str) -> Report:
    """Build the report that no process watches a camera."""
    message = f"No process watches this camera. Run fittingroom serve, or fittingroom watch {name}."
    return Report("unwatched", "no_watcher", message)


def lost(holder: Holder) -> Report:
    """Build the report that a camera's watcher has ended or sends no heartbeat."""
    if is_gone(holder):
        return Report("crashed", "gone", f"Its watcher (process {holder.pid}) has ended.")
    message = (
        f"Its watcher (process {holder.pid} on {holder.host}) sends no heartbeat. "
        "Stop it and start it again."
    )
    return Report("hung", "no_heartbeat", message)


def _left(status: CameraStatus, now: float) -> Report | None:
    """Build the report of a camera whose watcher is gone; None where it has one."""
    if status.owner:
        holder = Holder(status.owner, status.host, status.pid, status.heartbeat)
        return lost(holder) if is_gone(holder) else None
    late = status.state == "starting" and now - status.since > _STARTS_S
    return unwatched(status.camera) if late or status.state in _WATCHED else None
