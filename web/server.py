"""`fittingroom serve`: the web server and one supervised watcher process a camera."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType

from calibration.cleaning import clean_cameras
from services.cameras.sessions import Sessions
from services.events import Events
from services.notifications import Webhook
from services.retention import Housekeeper
from services.sensors import SensorListener
from services.summary.sending import Summaries, channels
from services.watching.claim import SiteClaim
from services.watching.supervisor import STEP_S, Supervisor
from services.workers import Worker, Workers
from store import Site
from web.app import create_app
from web.http_server import HttpServer, bind, http_address
from web.hub import Hub
from web.proxy import TrustedProxies

log = logging.getLogger("fittingroom.serve")


class Server:
    """The web server of a site, with its hub and, if wanted, its watchers."""

    def __init__(self, site: Site, host: str, port: int, watchers: bool) -> None:
        """Take the site and the port, and build the application.

        Raises:
            StoreError: Another server watches the site's cameras, the port is taken, or the
                database cannot be opened.
        """
        self._claim = SiteClaim(site.folder) if watchers else None
        if self._claim:
            self._claim.take()
        try:
            self._listener = bind(host, port)
            self.port: int = self._listener.getsockname()[1]
            self.address = http_address(host, self.port)
            clean_cameras(site.folder)
            _ = site.store  # a database that cannot be opened is reported before anything runs
            events = Events()
            app = create_app(site, events=events)
        except Exception:
            self._let_go()
            raise
        self.hub: Hub = app.extensions["hub"]
        self._calibration: Sessions = app.extensions["calibration"]
        self._supervisor = Supervisor(site, watchers)
        self._housekeeper = Housekeeper(site)
        self._workers: Workers = app.extensions["workers"]
        self._cameras = Worker("cameras", self._supervisor.step, STEP_S, at_once=True)
        for worker in (self._cameras, self._housekeeper.worker, self._calibration.worker):
            self._workers.add(worker)
        self._webhook: Webhook | None = None
        if site.settings.web.webhook:
            self._webhook = Webhook(site, site.settings.web.webhook)
            self._workers.add(self._webhook.worker)
        self._sensors: SensorListener | None = None
        if site.settings.sensors.mqtt:
            self._sensors = SensorListener(site, site.settings.sensors)
            self._workers.add(self._sensors.worker)
        if channels(site):
            self._workers.add(Summaries(site).worker)
        self._subscribe(events)
        web = site.settings.web
        self._server = HttpServer(
            app,
            self._listener,
            web.screens + web.staff_pages,
            TrustedProxies(web.trusted_proxies),
        )
        self._ending = threading.Event()

    def _subscribe(self, events: Events) -> None:
        """Let the parts act on each other's changes."""
        events.subscribe("catalogue.changed", self._supervisor.restart)
        events.subscribe("camera.opened", self._supervisor.hold)
        events.subscribe("camera.closed", self._supervisor.release)
        events.subscribe("camera.changed", self._supervisor.restart)
        if self._webhook:
            events.subscribe("request.opened", self._webhook.send_soon)

    def run(self) -> None:
        """Serve until `end` is called."""
        self.hub.start()
        self._workers.start()
        try:
            self._server.serve(self._ending, self._workers.revive)
        finally:
            self._housekeeper.worker.stop()
            self._calibration.stop()
            if self._webhook:
                self._webhook.stop()
            if self._sensors:
                self._sensors.stop()
            self._cameras.stop()
            self._supervisor.stop()
            self.hub.stop()
            self._server.close()
            self._let_go()

    def _let_go(self) -> None:
        if hasattr(self, "_listener"):
            self._listener.close()
        if self._claim:
            self._claim.release()

    def end(self) -> None:
        """Let `run` return soon; from another thread or a signal handler."""
        self._ending.set()
        self.hub.end_pages()  # or their threads would be waited for


def serve_until_stopped(server: Server) -> None:
    """Run a server in the foreground; SIGTERM and Ctrl-C end it cleanly."""

    def _end(_signal: int, _frame: FrameType | None) -> None:
        server.end()

    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    server.run()
