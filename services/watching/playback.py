"""Play a recording into a running shop, like a temporary camera."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from common.crossing import Crossing
from services.watching.record import Ordinals, record
from store import Site, claims, hidden, visits
from store.journal import RECORDING_KEY
from vision.clock import Clocks


class Playback:
    """Writes a recording's crossings to the journal in real time.

    Their visits are deleted at the end; the journal keeps the crossings under keys that figures
    ignore.
    """

    def __init__(
        self,
        site: Site,
        clocks: Clocks | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare.

        Args:
            site: The site.
            clocks: This process's clocks, if not the machine's.
            sleep: Waits for seconds.
        """
        self._site, self._clocks, self._sleep = site, clocks or Clocks(), sleep
        self._opened: set[int] = set()

    def play(self, crossings: Iterable[Crossing]) -> Iterator[Crossing]:
        """Write crossings (times from 0) when due; yields each with its wall-clock time."""
        start, ordinals = self._clocks.steady(), Ordinals()
        try:
            for crossing in crossings:
                self._sleep(max(0.0, start + crossing.time - self._clocks.steady()))
                now = replace(crossing, time=self._clocks.wall_at(start + crossing.time))
                before = self._open_visits(now)
                record(self._site, now, ordinals.next(now), RECORDING_KEY)
                self._opened |= self._open_visits(now) - before
                yield now
        finally:
            self._forget()

    def _open_visits(self, crossing: Crossing) -> set[int]:
        with self._site.store.read() as session:
            there = [
                *visits.open_visits(session, crossing.behind),
                *claims.waiting_for(session, crossing.behind),
            ]
            return {visit.id for visit in there}

    def _forget(self) -> None:
        with self._site.store.write() as session:
            for number in sorted(self._opened):
                hidden.forget_visit(session, number, self._clocks.wall())
