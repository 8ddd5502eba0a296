"""The states of a site's cameras, as pages, API and `/healthz` show them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from calibration import CameraError, list_cameras, load_camera
from store import Site, cameras
from store.schema import CameraStatus


def camera_states(session: Session, site: Site, now: float) -> list[dict[str, Any]]:
    """List what every camera of the site does, by name.

    Args:
        session: A read session.
        site: The site.
        now: Seconds since the epoch.
    """
    known = cameras.read_statuses(session)
    states = []
    for name in list_cameras(site.folder):
        blank = CameraStatus(camera=name, state="unwatched", cause="no_watcher", message="")
        state = cameras.describe(known.get(name, blank), now)
        try:
            load_camera(site.folder, name)
        except (CameraError, OSError) as error:
            broken = {"state": "broken", "cause": "file", "problem": str(error), "ok": False}
            state |= broken
        states.append(state)
    return states
