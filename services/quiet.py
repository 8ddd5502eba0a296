"""End idle visits, hidden visits and unclaimed garments, by a monotonic clock.

Visits that are over by what sensors report end here too, once it is clear that no camera will
report a crossing for it.
"""

from __future__ import annotations

from services.visits.parameters import PARAMETERS
from services.visits.recording import end_by_signals, over_by_signals
from store import Site, claims, hidden, requests, visits
from vision.clock import Clocks


class QuietVisits:
    """Measures for how long each open visit has been idle.

    Tables hold wall-clock times, and the wall clock may be set back or forward by hours. So it is
    used once, for visits that were open before this process started. After that, idle time is
    measured by the monotonic clock since the latest change was read.
    """

    def __init__(self, site: Site, clocks: Clocks | None = None) -> None:
        """Prepare.

        Args:
            site: The shop.
            clocks: This process's, if not the machine's.
        """
        self._site, self._clocks = site, clocks or Clocks()
        self._started = False
        #: Of each open visit: its last change by the tables, and when that was read (monotonic).
        self._since: dict[int, tuple[float, float]] = {}

    def close(self) -> int:
        """End what has been idle for long enough; returns how many visits that concerns."""
        quiet_s = self._site.settings.screen.quiet_minutes * 60
        with self._site.store.read() as session:
            inside, waiting = visits.last_changes(session), claims.last_changes(session)
            behind, unsure = hidden.hidden_since(session), requests.unsure_since(session)
            reported = bool(inside) and bool(over_by_signals(session, self._clocks.wall()))
        quiet = self._longer_than(inside, quiet_s)
        unclaimed = self._longer_than(waiting, claims.WAITING_S)
        covered = self._longer_than(behind, PARAMETERS.brief_s)
        expired = self._longer_than(unsure, requests.KEPT_S)
        known = inside.keys() | waiting.keys() | behind.keys() | unsure.keys()
        self._since = {n: since for n, since in self._since.items() if n in known}
        self._started = True
        if not any((quiet, unclaimed, covered, expired, reported)):
            return 0
        now = self._clocks.wall()
        with self._site.store.write() as session:
            ended = end_by_signals(session, now) if reported else 0
            ended += visits.close_quiet_visits(session, quiet, now)
            ended += hidden.close_hidden_visits(session, covered, now)
            ended += requests.cancel_unsure(session, expired, now)
            return ended + claims.close_unclaimed(session, unclaimed, now)

    def _longer_than(self, changes: dict[int, float], limit_s: float) -> dict[int, float]:
        """Select visits that have not changed for longer than `limit_s`."""
        steady = self._clocks.steady()
        for number, changed in changes.items():
            before = self._since.get(number)
            if before is None or before[0] != changed:
                age = 0.0 if self._started else max(0.0, self._clocks.wall() - changed)
                self._since[number] = changed, steady - age
        return {n: c for n, c in changes.items() if steady - self._since[n][1] > limit_s}
