"""Play a simulated day to the product, and note what its screens show.

Crossings are recorded as a watcher records them, taps do what the pages' routes do, and the
server's housekeeping runs by the day's clock. What a screen shows is asked of the function that the
page itself uses.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from common.sensor import Signal
from services.evaluation.day.errors import Report
from services.evaluation.day.world import Action, Day, TrueCrossing
from services.prompts import list_prompts
from services.quiet import QuietVisits
from services.visits.recording import record_signal
from services.watching.record import Ordinals, record
from store import Session, Site, StoreError, claims, journal, left_behind, requests, visits
from store.schema import Request
from vision.clock import Clocks

#: How often the server looks for visits that are over, seconds; and so long after a signal, as it
#: does every few seconds.
TICK_S: Final = 30.0
_AFTER_SIGNAL_S: Final = 7.0
#: How often staff see what they are asked to look for.
_PROMPTS_S: Final = 60.0


@dataclass(frozen=True)
class Card:
    """A garment on a screen.

    Attributes:
        garment: The one that was really seen, by number; None where there was none.
        sku: The article as which it is shown; None for an unknown one.
    """

    garment: int | None
    sku: str | None


@dataclass(frozen=True)
class Prompt:
    """Staff are asked to look for a garment in a room."""

    time: float
    room: str
    garment: int | None


@dataclass(frozen=True)
class Origin:
    """It was decided that a shopper came back (`returned`) or came from another room (`moved`)."""

    kind: str
    crossing: TrueCrossing


@dataclass
class Played:
    """What the product made of a day.

    Attributes:
        screens: By room: what its screen shows from each time on.
        prompts: What staff were asked to look for.
        asked: Requests that could be delivered, and `reached`, those of them that were open in the
            right room when staff came.
        ended: How many visits ended for each reason.
        origins: Where shoppers were decided to come from.
    """

    screens: dict[str, list[tuple[float, tuple[Card, ...]]]]
    prompts: list[Prompt] = field(default_factory=list)
    asked: int = 0
    reached: int = 0
    ended: dict[str, int] = field(default_factory=dict)
    origins: list[Origin] = field(default_factory=list)


Moment = Report | Action | Signal | None


class Player:
    """Plays one day to one site."""

    def __init__(self, site: Site, day: Day, sources: Mapping[float, int | None]) -> None:
        """Prepare; `sources` says which real garment a report is of, by its score."""
        self._site, self._day, self._sources = site, day, sources
        self._now = day.opens
        self._quiet = QuietVisits(site, Clocks(lambda: self._now, lambda: self._now))
        self._ordinals = Ordinals()
        self._known: dict[int, int | None] = {}
        self._requests: dict[tuple[int, str], int] = {}
        self._prompted: set[int] = set()
        self._open = False
        self._prompts_due = day.opens
        with site.store.read() as session:
            self._seen = journal.last_id(session)
        self.played = Played({room: [(day.opens, ())] for room in day.rooms})

    def play(self, reports: Iterable[Report], signals: Sequence[Signal] = ()) -> Played:
        """Let everything happen in the order of time."""
        order = count()
        moments: list[tuple[float, int, Moment]] = [(r.time, next(order), r) for r in reports]
        moments += [(a.time, next(order), a) for a in self._day.actions]
        moments += [(s.time, next(order), s) for s in signals]
        moments += [(s.time + _AFTER_SIGNAL_S, next(order), None) for s in signals]
        ticks = int((self._day.closes - self._day.opens) / TICK_S)
        moments += [(self._day.opens + n * TICK_S, next(order), None) for n in range(ticks)]
        heapq.heapify(moments)
        while moments:
            time, _, moment = heapq.heappop(moments)
            self.happen(time, moment)
        return self.played

    def happen(self, time: float, moment: Moment) -> None:
        """Let one thing happen, and note what pages show then; None lets time pass."""
        self._now = time
        if self._let_happen(moment):
            self._follow(moment)
        if self._now >= self._prompts_due:
            self._prompts_due = self._now + _PROMPTS_S
            with self._site.store.read() as session:
                self._note_prompts(session)

    def _let_happen(self, moment: Moment) -> bool:
        if moment is None:
            return self._open and self._quiet.close() > 0
        if isinstance(moment, Report):
            record(self._site, moment.crossing, self._ordinals.next(moment.crossing))
        elif isinstance(moment, Signal):
            with self._site.store.write() as session:
                record_signal(session, moment)
        else:
            self._act(moment)
        return True

    def _act(self, action: Action) -> None:
        with self._site.store.write() as session:
            if action.kind == "request":
                self._ask(session, action)
            elif action.kind == "claim":
                self._claim(session, action)
            elif action.kind == "deliver":
                self._deliver(session, action)
            elif action.kind == "check":
                left = left_behind.list_left_behind(session, self._now)
                there = [item.id for item in left if item.visit.room == action.room]
                left_behind.mark_checked(session, there, self._now)
            elif visits.current_visit(session, action.room):
                visits.leave(session, action.room, self._now)

    def _ask(self, session: Session, action: Action) -> None:
        try:
            visit = visits.require_visit(session, action.room)
        except StoreError:
            return
        number = requests.ask_article(session, visit, action.sku, "", self._now)
        self._requests[action.party, action.sku] = number

    def _claim(self, session: Session, action: Action) -> None:
        """Claim what a shopper recognises as hers, as long as her screen asks for it."""
        current = visits.current_visit(session, action.room)
        if current is not None and current.items:
            return
        for waiting in claims.waiting_for(session, [action.room]):
            sources = {self._source(item.id, item.score) for item in waiting.items}
            owners = {self._day.garments[number].owner for number in sources if number is not None}
            if action.party in owners:
                claims.claim(session, action.room, waiting.id, self._now)
                return

    def _deliver(self, session: Session, action: Action) -> None:
        self.played.asked += 1
        number = self._requests.get((action.party, action.sku))
        request = session.get(Request, number) if number else None
        if request and request.state in requests.OPEN_STATES and request.room == action.room:
            self.played.reached += 1
            requests.change_request(session, request.id, "done", self._now)

    def _follow(self, moment: Moment) -> None:
        """Note what changed on screens and for staff, as live pages do."""
        with self._site.store.read() as session:
            entries = journal.after(session, self._seen)
            if not entries:
                return
            self._seen = entries[-1].id
            self._open = bool(visits.last_changes(session))
            for room in sorted({entry.room for entry in entries} & set(self._day.rooms)):
                self._note_screen(session, room)
            if isinstance(moment, Report):
                events = (entry.kind.removeprefix("visit.") for entry in entries)
                self.played.origins += [
                    Origin(kind, moment.true_crossing)
                    for kind in events
                    if kind in ("returned", "moved")
                ]
            closed = [entry for entry in entries if entry.kind == "visit.closed"]
            for entry in closed:
                reason = str(entry.payload["reason"])
                self.played.ended[reason] = self.played.ended.get(reason, 0) + 1

    def _note_screen(self, session: Session, room: str) -> None:
        items = visits.items_on_screen(visits.current_visit(session, room))
        cards = tuple(
            Card(self._source(item.id, item.score), item.colourway.sku if item.colourway else None)
            for item in items
        )
        shown = self.played.screens[room]
        if shown[-1][1] != cards:
            shown.append((self._now, cards))

    def _note_prompts(self, session: Session) -> None:
        for item in list_prompts(session, self._now):
            if item.id not in self._prompted:
                self._prompted.add(item.id)
                source = self._source(item.id, item.score)
                self.played.prompts.append(Prompt(self._now, item.visit.room, source))

    def _source(self, item: int, score: float) -> int | None:
        """Return the real garment of an item; a correction changes its score, not what it is.

        The number of an item that was deleted may be used again.
        """
        if score in self._sources:
            self._known[item] = self._sources[score]
        return self._known.get(item)
