"""Keep one watcher process per camera alive, and report a state for every camera."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from calibration import Camera, CameraError, list_cameras, load_camera
from calibration.files import Stamp, camera_path, file_stamp
from common.redact import redact
from services.watching.child import Child, describe_end, watch_command
from services.watching.lease import EXIT_STUCK
from services.watching.process import is_gone
from services.watching.report import unconfirmed
from services.watching.source_check import SourceCheck
from services.watching.status import lost, unwatched
from store import Site, cameras
from store.cameras import STATES, Holder, Report
from store.errors import DATABASE_ERRORS
from store.schema import CameraStatus

log = logging.getLogger("fittingroom.serve")

STEP_S: Final = 0.5
#: A watcher without a heartbeat for this long hangs.
HUNG_S: Final = 7.0
_LONGEST_PAUSE_S: Final = 60.0
#: A watcher that reported what it lacks is restarted after this time.
_LACKING_PAUSE_S: Final = 10.0
_HEALTHY_S: Final = 30.0
_LACKING: Final = 2
#: States that a starting watcher replaces by `starting`; others stay until it runs.
_TRANSIENT: Final = ("connecting", "stale", "unwatched", "unconfirmed", "broken")
_STARTING: Final = Report("starting")
_CALIBRATING: Final = Report("calibrating", "", "It is being calibrated. People are not counted.")


@dataclass
class _Slot:
    """One camera: its watcher, and when the next one may start."""

    child: Child | None = None
    pause: float = 1.0
    due: float = 0.0
    stamp: Stamp = (0, 0, 0)
    file: Camera | Report | None = None
    changed: bool = False
    played: bool = False  # a watcher has come to its source's end by itself
    heartbeat: tuple[str, int] = ("", -1)
    beat_seen: float = 0.0
    beats: int = 0


class Supervisor:
    """Supervises all cameras of a site, step by step; no step waits for a process.

    A camera has no watcher while its masks are not confirmed or while it is being calibrated.
    With `watchers` off, watchers run elsewhere, and only their heartbeats are checked.
    """

    def __init__(
        self,
        site: Site,
        watchers: bool,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; nothing runs before `step`."""
        self._site, self._watchers = site, watchers
        self._clock, self._monotonic = clock, monotonic
        self._sources = SourceCheck(site, clock)
        self._slots: dict[str, _Slot] = {}
        self._held: set[str] = set()
        self._again: set[str] = set()
        self._lock = threading.Lock()

    def restart(self, name: str | None = None) -> None:
        """Restart every watcher, or one camera's, soon, to load what has changed."""
        with self._lock:
            self._again |= {name} if name is not None else set(self._slots)

    def hold(self, name: str) -> None:
        """Stop watching a camera during its calibration; a walk test is not a visit."""
        self._held.add(name)

    def release(self, name: str) -> None:
        """Watch a camera again, with its new calibration."""
        self._held.discard(name)
        self.restart(name)

    def step(self) -> None:
        """Check every camera once."""
        statuses = self._read()
        there = list_cameras(self._site.folder)
        with self._lock:
            again, self._again = self._again, set()
        for name in there:
            slot = self._slots.setdefault(name, _Slot())
            self._check(name, slot, statuses.get(name), name in again)
        for name in set(self._slots) - set(there):
            if self._end(self._slots[name]):
                del self._slots[name]

    def stop(self) -> None:
        """Stop all watchers and wait for them."""
        until = self._monotonic() + 15
        while any([not self._end(slot) for slot in self._slots.values()]):  # noqa: C419 - all of them
            if self._monotonic() > until:
                return
            time.sleep(0.05)

    @property
    def running(self) -> int:
        """How many watchers run."""
        return sum(slot.child is not None for slot in self._slots.values())

    def _end(self, slot: _Slot) -> bool:
        """Stop a slot's watcher; returns True once it has ended."""
        if slot.child is None:
            return True
        if slot.child.code is None:
            slot.child.terminate()
            return False
        slot.child.close()
        slot.child = None
        return True

    def _check(self, name: str, slot: _Slot, status: CameraStatus | None, again: bool) -> None:
        obstacle = self._obstacle(name, slot)
        if slot.child is not None:
            again = again or slot.changed or obstacle is not None
            slot.changed = False
            self._check_child(name, slot, status, again)
            return
        self._count_beats(slot, status)
        elsewhere = slot.beats and self._monotonic() - slot.beat_seen <= HUNG_S
        if elsewhere:  # its watcher writes its state
            return
        if slot.changed or obstacle is not None:
            slot.due, slot.pause, slot.played, slot.changed = 0.0, 1.0, False, False
        if obstacle is not None:
            self._report(name, status, obstacle)
        elif not self._watchers:
            self._judge(name, slot, status)
        elif slot.played and status is not None and status.state == "ended":
            return  # a file that does not loop; played again, it would count everybody again
        elif again or self._monotonic() >= slot.due:
            self._start(name, slot, status)

    def _check_child(
        self, name: str, slot: _Slot, status: CameraStatus | None, again: bool
    ) -> None:
        child = slot.child
        assert child is not None
        if child.code is not None:
            self._ended(name, slot, child, status)
        elif child.silent_s > HUNG_S:
            log.error("watcher of %s hangs: no heartbeat for %.0f s; killed", name, HUNG_S)
            self._report(name, status, _hung(child.silent_s))
            child.kill()
        elif again or child.ending:
            child.terminate()

    def _start(self, name: str, slot: _Slot, status: CameraStatus | None) -> None:
        slot.changed = False
        starts = status is None or STATES.get(status.state, True) or status.state in _TRANSIENT
        if starts:
            self._report(name, status, _STARTING)
        try:
            slot.child = Child(watch_command(self._site.folder, name), self._monotonic)
        except OSError as error:
            slot.due = self._monotonic() + _LACKING_PAUSE_S
            self._report(name, status, Report("crashed", "not_started", f"Cannot start: {error}."))
            return
        if starts and isinstance(slot.file, Camera):
            self._sources.start(slot.file, slot.child)

    def _ended(self, name: str, slot: _Slot, child: Child, status: CameraStatus | None) -> None:
        code, lived = child.code or 0, self._monotonic() - child.started
        child.close()
        slot.child = None
        if child.ending or code == 0:
            slot.due, slot.pause = self._monotonic() + (0 if child.ending else 1.0), 1.0
            slot.played = not child.ending
            return
        pause = _LACKING_PAUSE_S if code == _LACKING else slot.pause
        slot.pause = 1.0 if lived > _HEALTHY_S else min(slot.pause * 2, _LONGEST_PAUSE_S)
        slot.due = self._monotonic() + pause
        log.warning("watcher of %s %s; restart in %.0f s", name, describe_end(code)[1], pause)
        found = self._why(child, code, status)
        if found is not None:
            self._report(name, status, found)

    def _why(self, child: Child, code: int, status: CameraStatus | None) -> Report | None:
        """Return why a watcher ended; None if it reported that or has lost the camera."""
        if status is not None and status.owner and status.pid != child.pid:
            return None
        if code == EXIT_STUCK:
            return _hung(0.0)
        if status is not None and status.state == "hung" and code == -9:
            return None
        if code == _LACKING:
            reported = status is not None and status.state in ("waiting", "broken", "unconfirmed")
            return None if reported else Report("waiting", "refused", child.last_error)
        cause, end = describe_end(code)
        message = f" Its last message: {child.last_error}" if child.last_error else ""
        return Report("crashed", cause, f"Its watcher {end}, and is started again.{message}")

    def _obstacle(self, name: str, slot: _Slot) -> Report | None:
        """Return why a camera cannot be watched, and note a change of its file."""
        if name in self._held:
            return _CALIBRATING
        before = slot.file
        try:
            stamp = file_stamp(camera_path(self._site.folder, name))
            slot.changed |= before is not None and stamp != slot.stamp
            slot.stamp = stamp
            slot.file = load_camera(self._site.folder, name)
        except (CameraError, OSError) as error:
            slot.file = Report("broken", "file", str(error))
            if slot.file != before:
                log.error("camera %s is not used: %s", name, error)
        if isinstance(slot.file, Report):
            return slot.file
        if not slot.file.enabled:
            return Report("disabled", "", "It is disabled. People are not counted.")
        if not slot.file.masks_confirmed:
            return unconfirmed(slot.file)
        return None

    def _count_beats(self, slot: _Slot, status: CameraStatus | None) -> None:
        """Count the heartbeats of a watcher that another process runs."""
        beat = (status.owner, status.heartbeat) if status else ("", -1)
        if beat != slot.heartbeat:
            slot.beats = slot.beats + 1 if beat[0] and beat[0] == slot.heartbeat[0] else 0
            slot.heartbeat, slot.beat_seen = beat, self._monotonic()

    def _judge(self, name: str, slot: _Slot, status: CameraStatus | None) -> None:
        """Report another process's watcher that is missing or sends no heartbeat."""
        if status is None or not status.owner:
            if status is None or status.state not in ("waiting", "crashed", "hung", "ended"):
                self._report(name, status, unwatched(name))
            return
        holder = Holder(status.owner, status.host, status.pid, status.heartbeat)
        if is_gone(holder) or self._monotonic() - slot.beat_seen > HUNG_S:
            self._report(name, status, lost(holder))

    def _read(self) -> dict[str, CameraStatus]:
        try:
            with self._site.store.read() as session:
                return cameras.read_statuses(session)
        except DATABASE_ERRORS as error:
            log.error("the cameras' states cannot be read: %s", error)
            return {}

    def _report(self, name: str, status: CameraStatus | None, report: Report) -> None:
        known = status and (status.state, status.cause, status.message)
        if known == (report.state, report.cause, redact(report.message)):
            return
        try:
            with self._site.store.write() as session:
                cameras.report(session, name, report, self._clock())
        except DATABASE_ERRORS as error:
            log.error("%s is %s, but this cannot be written: %s", name, report.state, error)


def _hung(silent_s: float) -> Report:
    silent = f" for {silent_s:.0f} s" if silent_s else ""
    message = f"Its watcher sent no heartbeat{silent}. It was stopped and is started again."
    return Report("hung", "no_heartbeat", message)
