"""Sessions of cameras that are being calibrated: opened by a page, closed when idle."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from calibration import Camera, CameraError, load_camera, save_camera
from calibration.draft import Draft
from calibration.drift import reference_path
from models.detectors.protocol import ObjectDetector
from services.cameras.picture_tokens import PictureTokens
from services.cameras.session import Session
from services.events import Events
from services.site_models import load_site_detector
from services.watching.watcher import build_matcher, source_of
from services.workers import Worker
from store import Site
from store.inventory import inventory_version
from vision.match import Matcher

_IDLE_S: Final = 45.0
_SWEEP_S: Final = 5.0
#: A request of a page that comes within this time after it left was sent before.
_LATE_S: Final = 2.0


def replace_camera(site: Site, camera: Camera, known: Camera | None = None) -> None:
    """Write a camera's file; if its masks have changed, delete its reference image.

    Args:
        site: The site.
        camera: The camera to write.
        known: What the file must still hold; without it, the file is replaced in any case.

    Raises:
        CameraError: The site cannot be written, or the file has changed meanwhile.
    """
    before = load_camera(site.folder, camera.name)
    if known is not None and before != known:
        raise CameraError(f"{camera.name} was changed meanwhile. Reload it and try again.")
    save_camera(site.folder, camera)
    if before.masks != camera.masks or camera.confirmed != before.confirmed:
        reference_path(site.folder, camera.name).unlink(missing_ok=True)


class Sessions:
    """All cameras of a site that are being calibrated."""

    def __init__(
        self, site: Site, events: Events, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Prepare; nothing is opened before `get`.

        Args:
            site: The site with the cameras.
            events: Dispatches `camera.opened`, `camera.closed` and `camera.changed`.
            clock: A monotonic clock, seconds.
        """
        self._site, self._events, self._clock = site, events, clock
        self._lock = threading.RLock()
        self._open: dict[str, tuple[Session, float]] = {}
        #: When each page asked last, by camera and the page's own id.
        self._pages: dict[str, dict[str, float]] = {}
        #: The page that left a camera last, and when.
        self._left: dict[str, tuple[str, float]] = {}
        self._drafts: dict[str, Draft] = {}
        self._detector: ObjectDetector | None = None
        self._matcher: tuple[int, Matcher] | None = None
        #: Tokens of the masked pictures that were shown.
        self.picture_tokens = PictureTokens()
        #: Closes idle sessions; the server starts it.
        self.worker = Worker("calibration", self.sweep, _SWEEP_S)

    def get(self, name: str, page: str | None = None) -> Session:
        """Return a camera's session; opens one if there is none.

        Args:
            name: The camera's name.
            page: Id of the page that follows the camera, if one does.

        Raises:
            CameraError: There is no such camera, its file is wrong, or the request is one that
                the last page sent before it left.
        """
        try:
            camera = load_camera(self._site.folder, name)
        except CameraError:
            self.close([name])  # removed or renamed by a command
            raise
        opened = self._open.get(name)
        if opened and (opened[0].camera.source != camera.source or not camera.enabled):
            self.close([name])  # it shows what the old address shows, or must not be opened
        with self._lock:
            if name not in self._open:
                self._refuse_late(name, page)
            session = self._open[name][0] if name in self._open else self._start(camera)
            if session.camera != camera:  # a command changed its file
                session.use(camera)
            self._open[name] = session, self._clock()
            if page is not None:
                self._pages.setdefault(name, {})[page] = self._clock()
            return session

    def _refuse_late(self, name: str, page: str | None) -> None:
        """Refuse what a page sent before it left: it would open the camera for no one."""
        last, when = self._left.get(name, ("", -math.inf))
        if page in (None, last) and self._clock() - when < _LATE_S:
            raise CameraError(f"{name}: its page was closed just now. Try again.")

    def leave(self, name: str, page: str) -> None:
        """Close the session that a page followed, unless another page has asked lately."""
        late = self._clock() - _IDLE_S
        with self._lock:
            pages = self._pages.get(name, {})
            known = pages.pop(page, None) is not None
            followed = any(used >= late for used in pages.values())
            if known and not followed:
                self._left[name] = page, self._clock()
        if known and not followed:
            self.close([name])

    def draft(self, name: str) -> Draft:
        """Return the views and places collected for a camera so far."""
        return self._drafts.setdefault(name, Draft())

    def save(self, camera: Camera, known: Camera | None = None) -> None:
        """Write a camera's file; its session and its watcher use it from now on.

        Args:
            camera: The camera to write.
            known: What the file must still hold, if that matters.

        Raises:
            CameraError: The site cannot be written, or the file has changed meanwhile.
        """
        with self._lock:
            replace_camera(self._site, camera, known)
            if camera.name in self._open:
                self._open[camera.name][0].use(camera)
        self._events.publish("camera.changed", camera.name)

    def matcher(self) -> Matcher:
        """Return the shop's matcher, rebuilt when the catalogue has changed."""
        with self._site.store.read() as session:
            version = inventory_version(session)
        with self._lock:
            if self._matcher is None or self._matcher[0] != version:
                self._matcher = version, build_matcher(self._site)
            return self._matcher[1]

    def close(self, names: Sequence[str] | None = None) -> None:
        """Close sessions by camera name, all if none is given."""
        with self._lock:
            gone = [n for n in self._open if names is None or n in names]
            sessions = [(name, self._open.pop(name)[0]) for name in gone]
            for name in gone:
                self._pages.pop(name, None)
        for name, session in sessions:
            session.stop()
            self._events.publish("camera.closed", name)

    def forget(self, name: str) -> None:
        """Close the session of a camera that was readdressed, renamed, disabled or removed."""
        self.close([name])
        with self._lock:
            self._drafts.pop(name, None)
        self._events.publish("camera.changed", name)

    def stop(self) -> None:
        """Close all sessions for good."""
        self.worker.stop()
        self.close()

    def _start(self, camera: Camera) -> Session:
        settings = self._site.settings.vision
        if self._detector is None:
            self._detector = load_site_detector(self._site)
        source = source_of(self._site, camera)  # first: a disabled camera is not opened
        self._events.publish("camera.opened", camera.name)
        session = Session(camera, source, self._detector, settings.frames_per_second)
        session.start()
        return session

    def sweep(self) -> None:
        """Close sessions that no page has used lately."""
        late = self._clock() - _IDLE_S
        self.close([name for name, (_, used) in list(self._open.items()) if used < late])
