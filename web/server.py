"""`fittingroom serve`: the web server and one supervised watcher process a camera."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType

from calibration import CameraError, list_cameras, load_camera
from calibration.cleaning import clean_cameras
from store import Site
from vision.watcher import report_unconfirmed
from web.app import create_app
from web.calibrate import Sessions
from web.housekeeping import Housekeeper
from web.http_server import HttpServer, bind, http_address
from web.hub import Hub
from web.webhook import Webhook

log = logging.getLogger("fittingroom.serve")

_LONGEST_PAUSE_S = 60.0
_HEALTHY_S = 30.0
#: How often a camera that may not be watched is looked at again.
_RECHECK_S = 10.0


class Supervisor:
    """Keeps one watcher process a camera alive, with growing pauses between restarts.

    A camera whose masks nobody has confirmed has no watcher, nor has one that is being calibrated.
    """

    def __init__(self, site: Site, cameras: Sequence[str]) -> None:
        """Prepare; nothing runs before `start`."""
        self._site = site
        self._stopping = threading.Event()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._held: set[str] = set()
        self._wake: dict[str, threading.Event] = {}
        self._threads: list[threading.Thread] = []
        self._started = False
        for name in cameras:
            self.add(name)

    def start(self) -> None:
        """Start a watcher for every camera."""
        self._started = True
        for thread in self._threads:
            thread.start()

    def add(self, name: str) -> None:
        """Watch one more camera."""
        self._wake[name] = threading.Event()
        thread = threading.Thread(
            target=self._keep, args=(name,), name=f"watch-{name}", daemon=True
        )
        self._threads.append(thread)
        if self._started:
            thread.start()

    def restart(self, name: str | None = None) -> None:
        """Let every watcher, or one camera's, start anew, to load what has changed."""
        for camera, wake in self._wake.items():
            if name in (None, camera):
                wake.set()
                process = self._processes.get(camera)
                if process is not None:
                    process.terminate()

    def hold(self, name: str) -> None:
        """Leave a camera to its calibration; a walk test is no visit."""
        self._held.add(name)
        self.restart(name)

    def release(self, name: str) -> None:
        """Watch a camera again, as it is calibrated now."""
        self._held.discard(name)
        if name in self._wake:
            self._wake[name].set()

    def stop(self) -> None:
        """Stop all watchers and wait for them."""
        self._stopping.set()
        self.restart()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=15)

    def _keep(self, name: str) -> None:
        pause, wake = 1.0, self._wake[name]
        while not self._stopping.is_set():
            wake.clear()
            if not self._may_run(name):
                wake.wait(_RECHECK_S)
                continue
            command = [sys.executable, "-m", "web.cli", "watch", name]
            command += ["--site", str(self._site.folder)]
            started = time.monotonic()
            # Its own session: Ctrl-C at the terminal reaches this process, which stops it.
            process = subprocess.Popen(command, start_new_session=True)
            self._processes[name] = process
            code = process.wait()
            del self._processes[name]
            if self._stopping.is_set():
                return
            if code in (0, -signal.SIGTERM) or time.monotonic() - started > _HEALTHY_S:
                pause = 1.0
            log.warning("watcher of %s ended with code %s; again in %.0f s", name, code, pause)
            self._stopping.wait(min(pause, 1.0)) if wake.is_set() else wake.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    def _may_run(self, name: str) -> bool:
        if name in self._held:
            return False
        try:
            confirmed = load_camera(self._site.folder, name).masks_confirmed
        except CameraError as error:
            log.warning("%s", error)
            return False
        if not confirmed:
            report_unconfirmed(self._site, name, time.time())
        return confirmed


class Server:
    """The web server of a site, with its hub and, if wanted, its watchers."""

    def __init__(self, site: Site, host: str, port: int, watchers: bool) -> None:
        """Take the port and build the application.

        Raises:
            StoreError: The port is taken or the database cannot be opened.
            CameraError: A camera's file is wrong.
        """
        self._listener = bind(host, port)
        self.address = http_address(host, self._listener.getsockname()[1])
        try:
            clean_cameras(site.folder)
            cameras = list_cameras(site.folder)
            for name in cameras:
                load_camera(site.folder, name)
            _ = site.store  # a database that cannot be opened is told before anything runs
            app = create_app(site)
        except Exception:
            self._listener.close()
            raise
        self.hub: Hub = app.extensions["hub"]
        self._supervisor = Supervisor(site, cameras if watchers else [])
        self.hub.on_catalogue_change = self._supervisor.restart
        self._calibration: Sessions = app.extensions["calibration"]
        if watchers:
            self._calibration.on_add = self._supervisor.add
            self._calibration.on_open = self._supervisor.hold
            self._calibration.on_close = self._supervisor.release
            self._calibration.on_change = self._supervisor.restart
        self._housekeeper = Housekeeper(site)
        self._webhook: Webhook | None = None
        if site.settings.web.webhook:
            self._webhook = Webhook(site, site.settings.web.webhook)
            self.hub.on_request = self._webhook.tell
        web = site.settings.web
        self._server = HttpServer(app, self._listener, web.screens + web.staff_pages)
        self._ending = threading.Event()

    def run(self) -> None:
        """Serve until `end` is called."""
        self.hub.start()
        self._supervisor.start()
        self._housekeeper.start()
        if self._webhook:
            self._webhook.start()
        try:
            self._server.serve(self._ending)
        finally:
            self._housekeeper.stop()
            self._calibration.stop()
            if self._webhook:
                self._webhook.stop()
            self._supervisor.stop()
            self.hub.stop()
            self._server.close()

    def end(self) -> None:
        """Let `run` return soon; from another thread or a signal handler."""
        self._ending.set()
        self.hub.end_pages()  # or their threads would be waited for


def serve_until_told(server: Server) -> None:
    """Run a server in the foreground; SIGTERM and Ctrl-C end it cleanly."""

    def _end(_signal: int, _frame: FrameType | None) -> None:
        server.end()

    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    server.run()
