"""Keeps the promise of what is deleted when, while the server runs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from store import Site, StoreError, retention
from vision.film import purge_films

log = logging.getLogger("fittingroom.housekeeping")

_FILMS_S: Final = 60.0
_ROWS_S: Final = 3600.0


class Housekeeper:
    """Deletes films when their time is over, and old rows once an hour."""

    def __init__(self, site: Site, clock: Callable[[], float] = time.time) -> None:
        """Prepare; nothing is deleted before `start` or `tidy`."""
        self._site, self._clock = site, clock
        self._stopping = threading.Event()
        self._rows_due = 0.0
        self._thread = threading.Thread(target=self._run, name="housekeeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def tidy(self) -> None:
        """Delete what is due now."""
        now = self._clock()
        if films := purge_films(self._site.folder, now):
            log.info("deleted %d films whose time was over", films)
        if now < self._rows_due:
            return
        self._rows_due = now + _ROWS_S
        with self._site.store.write() as session:
            purged = retention.purge(session, now, self._site.settings.privacy.keep_days)
        if purged.visits or purged.journal or purged.others:
            log.info("deleted what was kept long enough: %s", purged)

    def _run(self) -> None:
        while True:
            try:
                self.tidy()
            except (StoreError, SQLAlchemyError, OSError) as error:
                log.error("what has expired cannot be deleted just now: %s", error)
            if self._stopping.wait(_FILMS_S):
                return
