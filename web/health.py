"""The state of a server: every part of it, and the worst of them as the whole's."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from models.errors import ModelError
from models.manifest import WEIGHTS, WeightsFile, load_manifest, read_weights
from services.watching.status import camera_states
from services.workers import Workers
from store import Site
from store.errors import DATABASE_ERRORS, DatabaseBusy, DatabaseUnavailable

#: An answer is good for this long: strangers may ask as often as they like.
_KEPT_S: Final = 1.0
#: Bytes that must be free on the disk of the site, and below which it is reported.
_LEAST_FREE: Final = 32 * 2**20
_LITTLE_FREE: Final = 500 * 2**20
#: A write waits this long for another one.
_PATIENCE_MS: Final = 500

Part = dict[str, Any]


class Health:
    """Looks at the parts of one server."""

    def __init__(
        self,
        site: Site,
        workers: Workers,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; nothing is looked at before `read`."""
        self._site, self._workers = site, workers
        self._clock, self._monotonic = clock, monotonic
        self._lock = threading.Lock()
        self._known: tuple[float, dict[str, Any]] | None = None
        self._weights: tuple[object, Part] | None = None

    def read(self) -> dict[str, Any]:
        """Return the state of every part, and the worst of them as the whole's."""
        with self._lock:
            if self._known is None or self._monotonic() - self._known[0] >= _KEPT_S:
                self._known = self._monotonic(), self._look()
            return self._known[1]

    def _look(self) -> dict[str, Any]:
        parts = {
            "database": self._database(),
            "disk": self._disk(),
            "weights": self._see_weights(),
            "threads": self._threads(),
            "cameras": self._cameras(),
        }
        states = {part["status"] for part in parts.values()}
        worst = next(s for s in ("failing", "degraded", "ok") if s in states)
        return {"status": worst, "parts": parts}

    def _database(self) -> Part:
        """Write to the database, and change nothing."""
        try:
            self._site.store.check_writable(_PATIENCE_MS)
        except DatabaseBusy as error:
            return _part("degraded", str(error))
        except DatabaseUnavailable as error:
            return _part("failing", str(error))
        except DATABASE_ERRORS as error:
            return _part("failing", _reason(error))
        return _part("ok")

    def _disk(self) -> Part:
        try:
            free = shutil.disk_usage(self._site.folder).free
        except OSError as error:
            return _part("failing", str(error.strerror))
        said = f"{free // 2**20} MB are free."
        if free < _LEAST_FREE:
            return _part("failing", f"The disk is full: {said}")
        return _part("degraded" if free < _LITTLE_FREE else "ok", said)

    def _see_weights(self) -> Part:
        """Check the weights against their manifest; read again only where a file has changed."""
        files = sorted(path for path in WEIGHTS.glob("*") if path.is_file())
        try:
            stamp = tuple((f.name, f.stat().st_mtime_ns, f.stat().st_mode) for f in files)
        except OSError as error:
            return _part("degraded", str(error.strerror))
        if self._weights is None or self._weights[0] != stamp:
            self._weights = stamp, _check_weights()
        return self._weights[1]

    def _threads(self) -> Part:
        states = self._workers.states()
        listed = [
            {
                "name": s.name,
                "alive": s.alive,
                "silent_s": s.silent_s,
                "restarts": s.restarts,
                "error": s.error,
            }
            for s in states
        ]
        dead = [s.name for s in states if not s.alive]
        troubled = [s.name for s in states if s.error]
        status = "degraded" if troubled else "ok"
        if dead:
            status = "failing" if "live pages" in dead else "degraded"
        return _part(status, ", ".join(dict.fromkeys(dead + troubled)), list=listed)

    def _cameras(self) -> Part:
        try:
            with self._site.store.read() as session:
                states = camera_states(session, self._site, self._clock())
        except DATABASE_ERRORS as error:
            return _part("degraded", _reason(error), running=0, trouble=0, list=[])
        trouble = sum(not state["ok"] for state in states)
        running = sum(state["state"] == "running" for state in states)
        status = "degraded" if trouble else "ok"
        return _part(status, running=running, trouble=trouble, list=states)


def _part(status: str, detail: str = "", **more: Any) -> Part:
    return {"status": status, "detail": detail, **more}


def _reason(error: Exception) -> str:
    """Say why, without the database's address."""
    return str(getattr(error, "orig", "")) or type(error).__name__


def _check_weights() -> Part:
    try:
        manifest = load_manifest()
        files: list[WeightsFile] = [manifest.detector, manifest.embedder]
        if manifest.stylist is not None:
            files += [manifest.stylist.items, manifest.stylist.query]
        for entry in files:
            read_weights(entry)
    except ModelError as error:
        return _part("degraded", str(error))
    return _part("ok")
