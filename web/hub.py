"""Live pages: one thread follows the journal and wakes every page it concerns.

A page gets whole snapshots, so nothing queues up behind a slow one: it holds the newest
and skips what came between. The event id is the journal's, and a page that comes back
with `Last-Event-ID` gets a snapshot only if it missed something.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from services.events import Events
from services.outfits.recommend import Recommender
from services.quiet import QuietVisits
from services.workers import Worker
from store import Site, journal
from store.inventory import CHANGES
from store.journal import LEARNED
from vision.clock import Clocks
from web.snapshots import entrance_snapshot, room_snapshot, staff_snapshot

log = logging.getLogger("fittingroom.hub")

#: The topics of the staff page and the entrance's screen; a room's is `room:` and its name.
STAFF = "staff"
ENTRANCE = "entrance"
HEARTBEAT_S = 8.0
_POLL_S = 0.02
_QUIET_CHECK_S = 5.0


class TooManyPages(Exception):
    """Every place for a live page of this kind is taken."""


class NotFollowedError(Exception):
    """Nothing new would reach a live page just now."""


@dataclass
class _Topic:
    version: int = 0
    document: str = ""
    changed: threading.Condition = field(default_factory=threading.Condition)


class Hub:
    """Follows the journal for all live pages of a server."""

    def __init__(
        self,
        site: Site,
        recommender: Recommender,
        events: Events,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Prepare; nothing is read before `start`.

        Args:
            site: Whose journal it follows.
            recommender: Suggests outfits.
            events: Where it publishes `catalogue.changed` and `request.opened`.
            clock: Seconds since the epoch.
        """
        self._site, self.recommender, self._clock = site, recommender, clock
        self._events = events
        self._quiet = QuietVisits(site, Clocks(wall=clock))
        self._topics: dict[str, _Topic] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._seen = 0
        web = site.settings.web
        self._free = {"screens": web.screens, "staff_pages": web.staff_pages}
        self._quiet_at = 0.0
        #: Topics whose newest snapshot could not be built; tried again with every step.
        self._failed: set[str] = set()
        #: Follows the journal; the server looks after it.
        self.worker = Worker("live pages", self._step, _POLL_S)

    def start(self) -> None:
        """Note where the journal is; `worker` follows it from there."""
        with self._site.store.read() as session:
            self._seen = journal.last_id(session)
        threading.Thread(target=self._warm, name="warm", daemon=True).start()

    def stop(self) -> None:
        """Stop following and let all live pages end."""
        self.end_pages()
        self.worker.stop()

    def end_pages(self) -> None:
        """Let all live pages end soon; returns at once."""
        self._stopping.set()
        for topic in list(self._topics.values()):
            with topic.changed:
                topic.changed.notify_all()

    def subscribe(self, name: str, last_event_id: int | None, staff: bool = False) -> Iterator[str]:
        """Follow a topic as server-sent events, starting with a snapshot if one is missed.

        Args:
            name: `STAFF`, `ENTRANCE`, or `room:` and a room's name.
            last_event_id: The journal id the page saw last.
            staff: Take one of the places for staff, so that they and screens never take
                each other's.

        Raises:
            TooManyPages: The settings' `web.screens` or `web.staff_pages` is reached.
            NotFollowedError: The thread that follows the journal does not work just now.
        """
        if not self._followed(name):
            raise NotFollowedError
        kind = "staff_pages" if staff else "screens"
        with self._lock:
            if self._free[kind] <= 0:
                raise TooManyPages
            self._free[kind] -= 1
            topic = self._topics.setdefault(name, _Topic())
        return _Stream(self._follow(name, topic, last_event_id), lambda: self._leave(kind))

    def _leave(self, kind: str) -> None:
        with self._lock:
            self._free[kind] += 1

    def _follow(self, name: str, topic: _Topic, last: int | None) -> Iterator[str]:
        if not topic.document:
            self._refresh(name, topic)
        sent = last if last == topic.version else -1
        yield f"retry: 2000\n: {'resumed' if sent >= 0 else 'hello'}\n\n"
        while not self._stopping.is_set():
            with topic.changed:
                if topic.version == sent and not self._stopping.is_set():
                    topic.changed.wait(HEARTBEAT_S)
                version, document = topic.version, topic.document
            if version == sent:
                if not self._followed(name):
                    return  # the page says that it reconnects, and does
                # An event, not a comment: the page's own watchdog must see it.
                yield f'event: beat\ndata: {{"now": {self._now()}}}\n\n'
                continue
            sent = version
            yield f'id: {version}\nevent: state\ndata: {{"now": {self._now()},{document[1:]}\n\n'

    def _now(self) -> str:
        """Write what time it is when an event is sent: the clocks of tablets are often wrong."""
        return f"{self._clock():.3f}"

    def _followed(self, name: str) -> bool:
        """Check whether what happens reaches the pages of a topic."""
        started = self.worker.started
        return name not in self._failed and (not started or self.worker.state.alive)

    def _refresh(self, name: str, topic: _Topic) -> None:
        with self._site.store.read() as session:
            # What the snapshot holds may be ahead of what this thread has followed so far.
            version = journal.last_id(session)
            if topic.document and topic.version == version:
                return
            if name == STAFF:
                document: dict[str, Any] = staff_snapshot(
                    session, self._site, version, self._clock(), self.recommender.book
                )
            elif name == ENTRANCE:
                document = entrance_snapshot(session, self._site, version, self._clock())
            else:
                room = name.removeprefix("room:")
                document = room_snapshot(session, self._site, room, version, self.recommender)
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        with topic.changed:
            # A page that opens and the journal's thread may both be here: the newer one stays.
            if version >= topic.version:
                topic.document, topic.version = text, version
            topic.changed.notify_all()

    def _warm(self) -> None:
        try:
            self.recommender.warm()
        except Exception:
            log.exception("outfits cannot be suggested just now")

    def _step(self) -> None:
        if time.monotonic() >= self._quiet_at:
            self._quiet_at = time.monotonic() + _QUIET_CHECK_S
            self._close_quiet_visits()
        with self._site.store.read() as session:
            found = journal.after(session, self._seen)
            entries = [(e.id, e.kind, e.room) for e in found]
            requested = [e.payload.get("request") for e in found if e.kind == "request.open"]
        if not entries and not self._failed:
            return
        happened = {kind for _, kind, _ in entries}
        everywhere = bool(happened & CHANGES)
        rooms = {f"room:{room}" for _, _, room in entries if room}
        for name, topic in list(self._topics.items()):
            again = name in self._failed
            if everywhere or name in rooms or again or (entries and name in (STAFF, ENTRANCE)):
                self._refresh_guarded(name, topic)
        # What comes now has been seen, whatever becomes of it: one bad entry stops no other.
        self._seen = entries[-1][0] if entries else self._seen
        for number in requested:
            if isinstance(number, int):
                self._events.publish("request.opened", number)
        if happened & {"catalogue.changed", LEARNED}:
            self._events.publish("catalogue.changed")

    def _refresh_guarded(self, name: str, topic: _Topic) -> None:
        """Build a topic's snapshot; where that fails, its pages are let go until it succeeds."""
        self.worker.beat()
        try:
            self._refresh(name, topic)
        except Exception:
            if name not in self._failed:
                log.exception("%s cannot be shown just now", name)
            self._failed.add(name)
            with topic.changed:
                topic.changed.notify_all()
        else:
            self._failed.discard(name)

    def _close_quiet_visits(self) -> None:
        try:
            self._quiet.close()
        except Exception:
            log.exception("visits that are over are not closed just now")


class _Stream:
    """An iterator that gives its place back when the server drops it, started or not."""

    def __init__(self, events: Iterator[str], leave: Callable[[], None]) -> None:
        self._events, self._leave, self._left = events, leave, False

    def __iter__(self) -> _Stream:
        return self

    def __next__(self) -> str:
        return next(self._events)

    def close(self) -> None:
        if not self._left:
            self._left = True
            self._leave()
