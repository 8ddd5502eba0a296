"""What happens in a shop on a simulated day, and who is in which room with what at every second."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

#: The party of members of staff.
STAFF: Final = 0


@dataclass(frozen=True)
class Garment:
    """A garment of the day.

    Attributes:
        id: Its number, of the day.
        sku: Its article; None where it is not the shop's, a shopper's own jacket say.
        category: Of the article.
        owner: The party that carries it.
        clear: Whether cameras recognise it on most crossings; a garment that was not recognised
            on the way in is seldom recognised on the way out.
    """

    id: int
    sku: str | None
    category: str
    owner: int
    clear: bool = True


@dataclass(frozen=True)
class TrueCrossing:
    """Somebody really goes into a room or comes out.

    Attributes:
        time: Seconds since the epoch.
        event: `entry` or `exit`.
        room: The room.
        party: Whose member it is; `STAFF` for staff.
        person: The person's number, of the day.
        garments: What the person carries through the gate, by number.
        last: The person does not come back to this room.
        crosses: False where no line is crossed: a garment is handed in at the gate.
    """

    time: float
    event: Literal["entry", "exit"]
    room: str
    party: int
    person: int
    garments: tuple[int, ...] = ()
    last: bool = False
    crosses: bool = True


@dataclass(frozen=True)
class Action:
    """Somebody does something in or for a room.

    Attributes:
        time: Seconds since the epoch.
        kind: `request`, `finish` or `claim` (of garments that wait for one of several rooms) by a
            shopper on the screen; `deliver` or `check` by staff. Where
            there is trade (`trade.py`), a screen also `show`s an outfit, a shopper `open`s it, and
            staff `take` and `decline` requests.
        room: The room.
        party: Whose shopper it is, or for whom staff do it.
        sku: The article that is asked for or brought; of an outfit its articles, with blanks.
    """

    time: float
    kind: Literal[
        "request", "finish", "claim", "deliver", "check", "show", "open", "take", "decline"
    ]
    room: str
    party: int
    sku: str = ""


@dataclass(frozen=True)
class State:
    """Who is in a room from a time on.

    Attributes:
        time: Seconds since the epoch.
        party: The shoppers in it; None while there is none.
        since: Since when they are.
        right: Garments that belong on the screen: those of the party that has the room.
        inside: All garments in the room.
    """

    time: float
    party: int | None
    since: float
    right: frozenset[int]
    inside: frozenset[int]


@dataclass
class Day:
    """A day as it really was, in the order of time."""

    opens: float
    closes: float
    rooms: tuple[str, ...]
    garments: dict[int, Garment] = field(default_factory=dict)
    true_crossings: list[TrueCrossing] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    @property
    def visits(self) -> int:
        """The number of parties that were in a room, once for each room."""
        return len({(p.party, p.room) for p in self.true_crossings if p.party != STAFF})


class Truth:
    """The states of every room, from the true_crossings of a day."""

    def __init__(self, day: Day) -> None:
        """Follow the true_crossings."""
        self._states: dict[str, list[State]] = {}
        by_room: dict[str, list[TrueCrossing]] = defaultdict(list)
        for true_crossing in sorted(day.true_crossings, key=lambda p: p.time):
            by_room[true_crossing.room].append(true_crossing)
        for room in day.rooms:
            self._states[room] = _follow(day, by_room[room])

    def states(self, room: str) -> Sequence[State]:
        """Return a room's states in the order of time; the first is of the opening."""
        return self._states[room]

    def at(self, room: str, time: float) -> State:
        """Return a room's state at a time."""
        states = self._states[room]
        return states[max(0, bisect_right(states, time, key=lambda s: s.time) - 1)]


def _follow(day: Day, true_crossings: Sequence[TrueCrossing]) -> list[State]:
    states = [State(day.opens, None, day.opens, frozenset(), frozenset())]
    people: set[tuple[int, int]] = set()
    inside: set[int] = set()
    #: The party that has the room: it may be out for more and leave its garments meanwhile.
    having: int | None = None
    for true_crossing in true_crossings:
        who = true_crossing.party, true_crossing.person
        if true_crossing.event == "entry":
            inside.update(true_crossing.garments)
            if true_crossing.party != STAFF:
                people.add(who)
                having = true_crossing.party
        else:
            inside.difference_update(true_crossing.garments)
            people.discard(who)
            if true_crossing.last and not people:
                having = None
        present = having if people else None
        before = states[-1]
        since = before.since if before.party == present else true_crossing.time
        hers = {n for n in inside if day.garments[n].owner == having}
        states.append(State(true_crossing.time, present, since, frozenset(hers), frozenset(inside)))
    return states
