"""Delete data whose retention period is over, while the server runs."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from services.datasets import purge_datasets
from services.learning import check_learned_views, use_learned_views
from services.workers import Worker
from store import Site, left_behind, retention, visits
from vision.clock import Clocks
from vision.film import films, purge_films

log = logging.getLogger("fittingroom.housekeeping")

_FILMS_S: Final = 60.0
_ROWS_S: Final = 3600.0
_LEARNED_S: Final = 12 * 3600.0


class Housekeeper:
    """Deletes expired films and data sets every minute, and expired rows every hour."""

    def __init__(self, site: Site, clocks: Clocks | None = None) -> None:
        """Prepare; nothing is deleted before `tidy`.

        Args:
            site: The shop.
            clocks: This process's, if not the machine's.
        """
        self._site, self._clocks = site, clocks or Clocks()
        #: When each film expires, by the monotonic clock.
        self._films_due: dict[Path, float] = {}
        self._rows_due = float("-inf")
        self._learned_due = float("-inf")
        #: Deletes expired data at the start and then every minute; the server starts it.
        self.worker = Worker("housekeeping", self.tidy, _FILMS_S, at_once=True)

    def tidy(self) -> None:
        """Delete data that has expired."""
        now = self._clocks.wall()
        if gone := purge_films(self._site.recordings, now, self._overdue_films(now)):
            log.info("deleted %d expired films", gone)
        if gone := purge_datasets(self._site, now):
            log.info("deleted %d expired data sets", gone)
        self._expire_left_behind(now)
        if self._clocks.steady() < self._rows_due:
            return
        self._rows_due = self._clocks.steady() + _ROWS_S
        with self._site.store.write() as session:
            purged = retention.purge(session, now, self._site.settings.privacy.keep_days)
        if purged.visits or purged.journal or purged.others:
            log.info("deleted expired rows: %s", purged)
        self._use_learned_views(now)

    def _use_learned_views(self, now: float) -> None:
        """Let cameras load what was learned, twice a day, while no one is in a room."""
        if self._clocks.steady() < self._learned_due:
            return
        with self._site.store.read() as session:
            if visits.all_open(session):
                return
        self._learned_due = self._clocks.steady() + _LEARNED_S
        checked = check_learned_views(self._site, now)
        if checked.wrong:
            log.info("deleted %d learned views whose label was wrong", checked.wrong)
        use_learned_views(self._site, now)

    def _expire_left_behind(self, now: float) -> None:
        with self._site.store.write() as session:
            left_behind.expire(session, now)

    def _overdue_films(self, now: float) -> list[Path]:
        """List films that have expired, even if the wall clock was set back meanwhile."""
        steady, due = self._clocks.steady(), {}
        for path, film in films(self._site.recordings):
            if film is not None:
                left = film.expires - max(now, film.started)
                due[path] = self._films_due.get(path, steady + left)
        self._films_due = due
        return [path for path, moment in due.items() if moment <= steady]
