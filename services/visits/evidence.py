"""What sensors at a room say about whether its shopper has left without being seen.

A contact reports that the door or curtain was opened and closed. An opening at which a camera
reported a crossing is explained by it; any other one is the shopper's own, who only opens the
door, or a crossing that no camera reported. While the door stays shut, there is no exit. An
occupancy sensor reports a room as free.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from common.crossing import Crossing
from common.sensor import Signal
from services.visits.parameters import Parameters

#: What sensors contribute at an entry into an occupied room, as the journal has it.
Evidence = Literal["", "door_opened", "door_stayed_shut", "room_was_free", "room_stayed_occupied"]


@dataclass(frozen=True)
class Opening:
    """A door or curtain that is open from one time to another, None while it still is."""

    opened: float
    closed: float | None = None

    def lasts(self, now: float) -> float:
        """Return for how many seconds it is open."""
        return (now if self.closed is None else self.closed) - self.opened


@dataclass(frozen=True)
class Weight:
    """Evidence for the next shopper: a likelihood ratio, and what it is based on."""

    ratio: float = 1.0
    evidence: Evidence = ""


def openings(signals: Iterable[Signal]) -> Iterator[Opening]:
    """Pair the signals of a contact; one that is closed at first was opened before they begin."""
    opened: float | None = None
    for signal in signals:
        if signal.state == "opened":
            opened = signal.time
        elif signal.state == "closed" and opened is not None:
            yield Opening(opened, signal.time)
            opened = None
    if opened is not None:
        yield Opening(opened)


def unexplained(
    found: Iterable[Opening], crossings: Sequence[Crossing], parameters: Parameters
) -> list[Opening]:
    """Select the openings that were not made for a crossing that was reported."""
    return [one for one in found if not any(_made_for(one, c, parameters) for c in crossings)]


def _made_for(opening: Opening, crossing: Crossing, parameters: Parameters) -> bool:
    before = crossing.time - opening.opened
    return -parameters.signal_delay_s <= before <= parameters.door_ahead_s


def weigh_entry(
    signals: Sequence[Signal],
    earlier: Sequence[Crossing],
    entry: Crossing,
    sure: float,
    parameters: Parameters,
) -> Weight:
    """Weigh what sensors reported between the party's last sure sign and an entry.

    Args:
        signals: Of the room's sensors, since before `sure`.
        earlier: Crossings that were reported before.
        entry: Into the occupied room.
        sure: When the party was surely there.
        parameters: By which visits are inferred.

    Returns:
        How much more probable the signals are if the party has left unseen than if it is there. A
        sensor that did not report this entry's own opening may be dead, and says nothing.
    """
    door = list(openings(signals))
    occupancy = [one for one in signals if one.state in ("occupied", "free")]
    if any(_made_for(one, entry, parameters) for one in door):
        since = [one for one in door if one.opened > sure]
        if unexplained(since, [*earlier, entry], parameters):
            ratio = (1 - parameters.missed_signal) / parameters.idle_openings
            return Weight(ratio, "door_opened")
        if any(other.event == "exit" and other.time > sure for other in earlier):
            return Weight()  # she may have left together with the person seen
        return Weight(parameters.missed_signal, "door_stayed_shut")
    between = [one for one in occupancy if sure + parameters.signal_delay_s < one.time]
    if any(one.state == "free" for one in between):
        ratio = (1 - parameters.missed_signal) / parameters.false_free
        return Weight(ratio, "room_was_free")
    if occupancy and occupancy[-1].state == "occupied" and occupancy[-1].time <= entry.time:
        return Weight(parameters.missed_free, "room_stayed_occupied")
    return Weight()


def probability_of_change(
    found: Sequence[Opening],
    sure: float,
    now: float,
    parameters: Parameters,
    others_left: bool = False,
) -> float:
    """Return the probability that a room changed hands and no camera reported it.

    The party left and the next one went in at the same opening, which lasted in between, or at two
    of them. Otherwise the shopper only opened the door.

    Args:
        found: Openings without a crossing (`unexplained`), in order.
        sure: When the party was surely there, seconds since the epoch.
        now: Seconds since the epoch.
        parameters: By which visits are inferred.
        others_left: Whether one of several was seen to leave since: the others mostly go as well.
    """
    p = parameters
    idle = [p.idle_openings * math.exp(-o.lasts(now) / p.idle_opening_s) + 1e-12 for o in found]
    odds = 0.0
    for opening, likelihood in zip(found, idle, strict=True):
        between = max(0.0, opening.lasts(now) - p.shortest_gap_s)
        same = p.leaves_open * (1 - math.exp(-between / p.gap_s)) / likelihood
        odds += _gone(opening.opened - sure, p) * same
    for (first, one), (_, two) in combinations(zip(found, idle, strict=True), 2):
        odds += _gone(first.opened - sure, p) * (1 - p.leaves_open) / (one * two)
    if others_left:
        odds += sum(p.leave_together / likelihood for likelihood in idle)
    odds *= p.missed_exit * p.missed_entry
    return odds / (1.0 + odds)


def probability_of_free(since: float, parameters: Parameters) -> float:
    """Return the probability that a room is free, as its sensor says, though no exit was seen.

    Args:
        since: Seconds since the party was surely there.
        parameters: By which visits are inferred.
    """
    odds = _gone(since, parameters) * parameters.missed_exit / parameters.false_free
    return odds / (1.0 + odds)


def _gone(seconds: float, parameters: Parameters) -> float:
    """Return the odds that a party has left so long after it was surely there."""
    gone = min(parameters.gone(seconds), 1 - 1e-9)
    return gone / (1 - gone)
