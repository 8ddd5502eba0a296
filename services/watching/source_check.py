"""Find out why a camera gives no picture while its watcher is still starting.

On a busy machine a watcher needs 15 s and more before it can open its camera, but the server runs
already. So the server opens the source once and closes it again. Devices are not checked, because
they cannot be opened twice. Some network cameras serve a single client, so the watcher has
priority: an address is opened only if the watcher has not acquired its camera after
`HEAD_START_S`, and for `OPEN_S` at most, which ends before such a slow watcher opens it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from calibration import Camera, CameraError
from calibration.address import is_address
from services.watching.child import Child
from services.watching.report import report_unopened
from services.watching.watcher import source_of
from store import Site, cameras
from store.cameras import Report
from store.errors import DATABASE_ERRORS
from store.schema import CameraStatus
from vision.sources.cause import SourceError
from vision.sources.network import check_reachable
from vision.sources.protocol import is_live
from vision.sources.registry import check_source

log = logging.getLogger("fittingroom.serve")

HEAD_START_S: Final = 2.5
OPEN_S: Final = 4.0


class SourceCheck:
    """Checks sources, each on its own thread that ends within ten seconds."""

    def __init__(self, site: Site, clock: Callable[[], float]) -> None:
        """Prepare; nothing is opened before `start`."""
        self._site, self._clock = site, clock

    def start(self, camera: Camera, child: Child) -> None:
        """Check a camera's source; report the cause if its watcher cannot yet."""
        if is_live(camera.source) and not is_address(camera.source):
            return
        name = f"check-{camera.name}"
        thread = threading.Thread(target=self._run, args=(camera, child), name=name, daemon=True)
        thread.start()

    def _run(self, camera: Camera, child: Child) -> None:
        try:
            self._check(camera, child)
        except SourceError as error:
            self._report(camera.name, child, report_unopened(error))
        except CameraError as error:
            self._report(camera.name, child, Report("broken", "file", str(error)))
        except Exception:  # whatever a decoder makes of what a network sends
            log.exception("camera %s: its source could not be checked", camera.name)

    def _check(self, camera: Camera, child: Child) -> None:
        source = source_of(self._site, camera)
        if is_address(source):
            check_reachable(source)
            time.sleep(HEAD_START_S)
            if not self._is_starting(camera.name, child):
                return
        check_source(source, OPEN_S)

    def _is_starting(self, name: str, child: Child) -> bool:
        try:
            with self._site.store.read() as session:
                status = cameras.read_statuses(session).get(name)
        except DATABASE_ERRORS:
            return False
        return _is_starting(status, child)

    def _report(self, name: str, child: Child, report: Report) -> None:
        try:
            with self._site.store.write() as session:
                if _is_starting(cameras.read_statuses(session).get(name), child):
                    cameras.report(session, name, report, self._clock())
        except DATABASE_ERRORS as error:
            log.error("%s is %s, but this cannot be written: %s", name, report.state, error)


def _is_starting(status: CameraStatus | None, child: Child) -> bool:
    """Check that a watcher runs and has not acquired its camera yet."""
    if status is None or status.state != "starting" or child.ending or child.code is not None:
        return False
    return not (status.owner and status.pid == child.pid)
