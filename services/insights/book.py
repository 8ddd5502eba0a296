"""Reports that are shown for a while: a page, its plots and its files share one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cachetools import TTLCache

from services.insights.period import Period
from services.insights.report import Report, read_report
from services.insights.tables import Row, read_tables
from store import Site

#: How long a report is shown after it was computed, seconds.
KEPT_S: Final = 60.0
_PERIODS: Final = 8


@dataclass(frozen=True)
class Booked:
    """A report with its tables."""

    report: Report
    tables: dict[str, list[Row]]


class ReportBook:
    """Computes a period's report once a minute at the most, for all who ask."""

    def __init__(
        self,
        site: Site,
        clock: Callable[[], float],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start empty; `clock` is in seconds since the epoch."""
        self._site, self._clock, self._lock = site, clock, threading.Lock()
        self._booked: TTLCache[Period, Booked] = TTLCache(_PERIODS, KEPT_S, timer=monotonic)

    def read(self, period: Period) -> Booked:
        """Return a period's report; who asks while it is computed waits for it."""
        with self._lock:
            found = self._booked.get(period)
            if found is None:
                found = self._booked[period] = self._compute(period)
            return found

    def _compute(self, period: Period) -> Booked:
        now = self._clock()
        today = datetime.fromtimestamp(now).date()
        with self._site.store.read() as session:
            report = read_report(session, self._site, period, today)
            return Booked(report, read_tables(session, report, now))
