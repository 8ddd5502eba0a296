"""Keeps the promise of what is deleted when, while the server runs."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from store import Site, StoreError, left_behind, retention
from vision.clock import Clocks
from vision.film import films, purge_films

log = logging.getLogger("fittingroom.housekeeping")

_FILMS_S: Final = 60.0
_ROWS_S: Final = 3600.0


class Housekeeper:
    """Deletes films when their time is over, and old rows once an hour."""

    def __init__(self, site: Site, clocks: Clocks | None = None) -> None:
        """Prepare; nothing is deleted before `start` or `tidy`.

        Args:
            site: The shop.
            clocks: This process's, if not the machine's.
        """
        self._site, self._clocks = site, clocks or Clocks()
        #: When each film's time is over, by the steady clock.
        self._films_due: dict[Path, float] = {}
        self._stopping = threading.Event()
        self._rows_due = float("-inf")
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
        now = self._clocks.wall()
        if gone := purge_films(self._site.folder, now, self._overdue_films(now)):
            log.info("deleted %d films whose time was over", gone)
        self._expire_left_behind(now)
        if self._clocks.steady() < self._rows_due:
            return
        self._rows_due = self._clocks.steady() + _ROWS_S
        with self._site.store.write() as session:
            purged = retention.purge(session, now, self._site.settings.privacy.keep_days)
        if purged.visits or purged.journal or purged.others:
            log.info("deleted what was kept long enough: %s", purged)

    def _expire_left_behind(self, now: float) -> None:
        with self._site.store.write() as session:
            left_behind.expire(session, now)

    def _overdue_films(self, now: float) -> list[Path]:
        """List films whose time is over however far the wall clock was set back meanwhile."""
        steady, due = self._clocks.steady(), {}
        for path, film in films(self._site.folder):
            if film is not None:
                left = film.expires - max(now, film.started)
                due[path] = self._films_due.get(path, steady + left)
        self._films_due = due
        return [path for path, moment in due.items() if moment <= steady]

    def _run(self) -> None:
        while True:
            try:
                self.tidy()
            except (StoreError, SQLAlchemyError, OSError) as error:
                log.error("what has expired cannot be deleted just now: %s", error)
            if self._stopping.wait(_FILMS_S):
                return
