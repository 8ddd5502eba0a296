"""The lease that gives a camera to one process, and the heartbeat that renews it."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

from calibration import CameraError
from services.watching.process import is_gone, this_process
from store import Session, Site, cameras
from store.cameras import Holder, LeaseLostError, Report
from store.errors import DATABASE_ERRORS
from vision.clock import Clocks

log = logging.getLogger("fittingroom.watch")

BEAT_S: Final = 2.0
#: A holder without a heartbeat for this long, by the waiting process's clock, is dead.
TAKEN_OVER_S: Final = 6.0
#: A watcher that processes nothing for this long exits, to be restarted.
STUCK_S: Final = 30.0
#: Models and gallery may take this long to load.
_PREPARES_S: Final = 90.0
_LOOK_S: Final = 0.25
EXIT_STUCK: Final = 70


def take_camera(
    site: Site,
    camera: str,
    clocks: Clocks | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Holder:
    """Acquire the lease of a camera.

    A holder that has ended is replaced at once if that can be seen, else when it has sent no
    heartbeat for `TAKEN_OVER_S`.

    Raises:
        CameraError: A living process watches it.
        StoreError: The database cannot be written.
    """
    clocks = clocks or Clocks()
    mine, before, since = this_process(), _holder(site, camera), clocks.steady()
    while True:
        if before is None or is_gone(before) or clocks.steady() - since >= TAKEN_OVER_S:
            with site.store.write() as session:
                if cameras.take_lease(session, camera, mine, before, clocks.wall()):
                    return mine
        sleep(_LOOK_S)
        now = _holder(site, camera)
        if now is not None and before is not None and now.owner == before.owner:
            if now.heartbeat != before.heartbeat:
                raise CameraError(
                    f"{camera}: process {now.pid} on {now.host} watches this camera already; two "
                    "would count everybody twice. Stop that process first."
                )
        elif now != before:
            since = clocks.steady()
        before = now


def _holder(site: Site, camera: str) -> Holder | None:
    with site.store.read() as session:
        return cameras.read_holder(session, camera)


class Heartbeat:
    """Renews a camera's lease and its status, on its own thread.

    It beats only while the watcher makes progress. A watcher without progress for `STUCK_S` is
    ended, with the stacks of all threads on standard error.
    """

    def __init__(
        self,
        site: Site,
        camera: str,
        holder: Holder,
        clocks: Clocks | None = None,
        source: Callable[[], tuple[float | None, float | None]] = lambda: (None, None),
        first: Callable[[], Report | None] = lambda: None,
    ) -> None:
        """Prepare; nothing is written before `start`.

        Args:
            site: The site.
            camera: The camera's name.
            holder: This process, which holds the lease.
            clocks: This process's clocks, if not the machine's.
            source: Returns the newest frame's time (seconds since the epoch) and frames per second.
            first: Returns the camera's state until one is reported.
        """
        self._site, self._camera, self._holder = site, camera, holder
        self._clocks = clocks or Clocks()
        self._source, self._first = source, first
        self._ending = threading.Event()
        self._progress = self._clocks.steady() + _PREPARES_S
        self._report: Report | None = None
        self._lost: LeaseLostError | None = None
        self._thread = threading.Thread(target=self._run, name=f"beat-{camera}", daemon=True)
        self._writing = threading.Lock()

    def start(self) -> None:
        """Start beating."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and release the lease."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(timeout=15)
        try:
            with self._site.store.write() as session:
                cameras.release_lease(session, self._camera, self._holder.owner)
        except DATABASE_ERRORS as error:
            log.error("%s: the lease could not be released: %s", self._camera, error)

    def progress(self) -> None:
        """Note that the watcher makes progress.

        Raises:
            LeaseLostError: Another process watches the camera now.
        """
        self._progress = self._clocks.steady()
        if self._lost is not None:
            raise self._lost

    def report(self, report: Report) -> None:
        """Set the camera's state; written at once where it changed, and with every heartbeat."""
        before, self._report = self._report, report
        if before is None or (before.state, before.cause) != (report.state, report.cause):
            self.beat()

    def check(self, session: Session) -> None:
        """Check in a transaction that this process may still write for the camera.

        Raises:
            LeaseLostError: Another process watches it now.
        """
        cameras.check_lease(session, self._camera, self._holder.owner)

    def beat(self) -> None:
        """Renew the lease and write the status; if the database is busy, the next beat does."""
        try:
            # Serialised, so that no older state is written after a newer one.
            with self._writing, self._site.store.write() as session:
                now, report = self._clocks.wall(), self._report or self._first()
                cameras.beat(session, self._camera, self._holder.owner, now, *self._source())
                if report is not None:
                    cameras.report(session, self._camera, report, now)
        except LeaseLostError as error:
            self._lost = error
        except DATABASE_ERRORS as error:
            log.error("%s: no heartbeat could be written: %s", self._camera, error)

    def _run(self) -> None:
        while not self._ending.wait(BEAT_S):
            idle_s = self._clocks.steady() - self._progress
            if idle_s > STUCK_S:
                self._end_process(idle_s)
            try:
                self.beat()
            except Exception:
                log.exception("%s: a heartbeat failed", self._camera)

    def _end_process(self, idle_s: float) -> None:
        sys.stderr.write(f"fittingroom: {self._camera}: no progress for {idle_s:.0f} s; stacks:\n")
        faulthandler.dump_traceback(sys.stderr)
        sys.stderr.write(f"fittingroom: {self._camera}: stopped, because it made no progress.\n")
        sys.stderr.flush()
        os._exit(EXIT_STUCK)
