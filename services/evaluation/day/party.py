"""What one party of shoppers does, from its way in to its way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from services.evaluation.day.habits import Article, Habits
from services.evaluation.day.world import Action, Day, Garment, TrueCrossing

#: Seconds between the last one out of a room and the next one in, at the least and at the most.
_GAP_S: Final = (6.0, 45.0)
#: Share of garments that cameras recognise on most crossings (`errors.Errors.accepted`).
CLEAR_SHARE: Final = 0.68
_MOST: Final = 8
_SHORTEST_S: Final = 90.0


@dataclass
class Counters:
    """The next numbers of parties, people and garments."""

    party: int = 1
    person: int = 1
    garment: int = 1

    def next(self, what: str) -> int:
        """Return the next number of `party`, `person` or `garment`."""
        number: int = getattr(self, what)
        setattr(self, what, number + 1)
        return number


class Visitors:
    """Writes parties into a day, one after the other."""

    def __init__(
        self,
        day: Day,
        habits: Habits,
        articles: Sequence[Article],
        rng: np.random.Generator,
        counters: Counters,
        free: dict[str, float],
    ) -> None:
        """Prepare; `free` says from when on each room is free."""
        self._day, self._habits, self._articles = day, habits, articles
        self._rng, self._counters, self._free = rng, counters, free

    def visit(self, arrival: float) -> None:
        """Let a party come at a time; it waits until a room is free."""
        rng, habits = self._rng, self._habits
        party = self._counters.next("party")
        people = [self._counters.next("person")]
        if rng.random() < habits.companion:
            people.append(self._counters.next("person"))
        carried = self.garments(party, min(_MOST, 1 + int(rng.poisson(habits.garments))))
        room, time = self._room(arrival)
        stay = rng.lognormal(np.log(habits.stay_min * 60), habits.stay_sigma)
        end = time + max(_SHORTEST_S, float(stay))
        inside = self._go_in(room, party, people, carried, time, end)
        if rng.random() < habits.second_trip and end - time > 240:
            inside = self._second_trip(room, party, people, inside, (time, end))
        if rng.random() < habits.requests:
            at = float(rng.uniform(time + 45, end - 20))
            article = self._articles[int(rng.integers(len(self._articles)))]
            self._day.actions.append(Action(at, "request", room, party, article.sku))
        if rng.random() < habits.moves and (other := self._other_room(room, end)):
            moved = end + float(rng.uniform(12, 40))
            self._go_out(room, party, people, inside, end)
            room, end = other, moved + max(_SHORTEST_S, float(stay) / 2)
            self._go_in(room, party, people[:1], inside, moved, end)
            for late in people[1:]:
                self._pass(moved + 2.0, "entry", room, party, late)
        self._leave(room, party, people, inside, end)

    def garments(self, party: int, count: int) -> list[int]:
        """Draw garments that a party takes along; their numbers."""
        taken = []
        for _ in range(count):
            article = self._articles[int(self._rng.integers(len(self._articles)))]
            own = self._rng.random() < self._habits.own
            garment = Garment(
                self._counters.next("garment"),
                None if own else article.sku,
                "jacket" if own else article.category,
                party,
                bool(self._rng.random() < CLEAR_SHARE),
            )
            self._day.garments[garment.id] = garment
            taken.append(garment.id)
        return taken

    def _room(self, arrival: float) -> tuple[str, float]:
        open_now = [room for room, time in self._free.items() if time <= arrival]
        if open_now:
            return str(self._rng.choice(open_now)), arrival
        room = min(self._free, key=lambda name: self._free[name])
        return room, self._free[room]

    def _other_room(self, room: str, time: float) -> str:
        others = [r for r, free in self._free.items() if r != room and free <= time]
        return str(self._rng.choice(others)) if others else ""

    def _pass(
        self,
        time: float,
        event: str,
        room: str,
        party: int,
        person: int,
        garments: Sequence[int] = (),
        last: bool = False,
    ) -> None:
        true_crossing = TrueCrossing(time, "entry", room, party, person, tuple(garments), last)
        self._day.true_crossings.append(
            true_crossing if event == "entry" else replace(true_crossing, event="exit")
        )

    def _go_in(
        self,
        room: str,
        party: int,
        people: Sequence[int],
        carried: Sequence[int],
        time: float,
        end: float,
    ) -> list[int]:
        first, *others = people
        self._free[room] = end + float(self._rng.uniform(*_GAP_S))
        inside = list(carried)
        self._pass(time, "entry", room, party, first, carried)
        for person in others:
            late = self._rng.random() < self._habits.late
            at = time + ((end - time) * float(self._rng.uniform(0.15, 0.6)) if late else 1.5)
            brought = self.garments(party, int(self._rng.integers(0, 2)) if late else 0)
            inside += brought
            self._pass(at, "entry", room, party, person, brought)
        return inside

    def _second_trip(
        self,
        room: str,
        party: int,
        people: Sequence[int],
        inside: list[int],
        span: tuple[float, float],
    ) -> list[int]:
        start, end = span
        entered = max(p.time for p in self._day.true_crossings if p.person == people[0])
        out = float(self._rng.uniform(max(entered, start) + 60, end - 120))
        back = out + float(self._rng.uniform(40, min(240.0, end - 30 - out)))
        returned = [n for n in inside if self._rng.random() < 0.4]
        # What a companion brings later cannot be carried out before.
        there = {
            n
            for p in self._day.true_crossings
            if p.party == party and p.time < out
            for n in p.garments
        }
        returned = [n for n in returned if n in there]
        new = self.garments(party, int(self._rng.integers(0, 3)))
        self._pass(out, "exit", room, party, people[0], returned)
        self._pass(back, "entry", room, party, people[0], new)
        return [n for n in inside if n not in returned] + new

    def _go_out(
        self, room: str, party: int, people: Sequence[int], carried: Sequence[int], time: float
    ) -> None:
        first, *others = people
        for number, person in enumerate(others):
            self._pass(time - 2.0 * (len(others) - number), "exit", room, party, person, (), True)
        self._pass(time, "exit", room, party, first, carried, True)

    def _leave(
        self, room: str, party: int, people: Sequence[int], inside: Sequence[int], end: float
    ) -> None:
        rng, habits = self._rng, self._habits
        left: set[int] = set()
        if inside and rng.random() < habits.leaves:
            everything = rng.random() < 0.25
            left = {n for n in inside if everything or rng.random() < 0.4}
        if rng.random() < habits.finishes:
            self._day.actions.append(Action(end - 6.0, "finish", room, party))
        self._go_out(room, party, people, [n for n in inside if n not in left], end)
        self._free[room] = end + float(rng.uniform(*_GAP_S))
