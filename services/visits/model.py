"""Decide what a crossing means for the visits of its room: pure functions of what was seen.

A crossing that another camera has reported already counts once. An entry into an occupied room is a
companion, staff, or the next shopper after an exit that nobody saw; the garments stay on the screen
only where the last is next to impossible. Whoever comes out again at once was staff, and the visit
goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from common.crossing import Crossing, Event
from common.sensor import Signal
from services.visits.evidence import (
    Evidence,
    openings,
    probability_of_change,
    probability_of_free,
    unexplained,
    weigh_entry,
)
from services.visits.parameters import Parameters
from services.visits.returns import Ended, Origin, find_origin, probability_of_trip

#: Why a visit began, went on or ended, as the journal has it.
Reason = Literal[
    "first",
    "repeated",
    "together",
    "next",
    "staff",
    "left",
    "others_stay",
    "exchanged",
    "nobody",
    "contradicted",
    "opened",
    "free",
    "returned",
    "moved",
]
#: What is done: a visit is opened, joined by a person, hidden behind a new one, shown again, left
#: by one of several or by the last, who may come back; or only the journal's entry is written.
Act = Literal[
    "open", "merge", "join", "hide", "resume", "part", "close", "interrupt", "close_hidden", "none"
]


@dataclass(frozen=True)
class Decision:
    """What a crossing means.

    Attributes:
        act: What is done.
        reason: Why.
        probability: That another shopper would see the garments if they stayed on the screen.
        evidence: What sensors at the room contribute to it.
        origin: Where a shopper who opens a visit comes from, if she was there before.
    """

    act: Act
    reason: Reason
    probability: float = 0.0
    evidence: Evidence = ""
    origin: Origin | None = None


@dataclass(frozen=True)
class Inside:
    """A visit that is open in a room.

    Attributes:
        opened_at: Seconds since the epoch.
        people: How many are inside, as far as they were seen.
        skus: Articles of the garments that are in the room.
        garments: How many garments are in the room, known or not.
    """

    opened_at: float
    people: int
    skus: frozenset[str] = frozenset()
    garments: int = 0


@dataclass(frozen=True)
class Scene:
    """What is known of a room when a crossing is reported.

    Attributes:
        shown: The visit whose garments are on the screen.
        hidden: The visit before, whose end was not seen, where it may yet go on.
        earlier: Crossings of this room reported before, in order; those since the visit shown
            began and the last minute are enough.
        signals: Of the room's sensors, from as far back, and `trips` of staff.
        ended: Visits that ended lately, of all rooms.
    """

    shown: Inside | None
    hidden: Inside | None = None
    earlier: Sequence[Crossing] = ()
    signals: Sequence[Signal] = ()
    trips: Sequence[Crossing] = ()
    ended: Sequence[Ended] = ()

    def sure(self, now: float, brief_s: float) -> float:
        """Return when the party inside was surely there for the last time.

        An entry with an exit within `brief_s` proves nothing: staff go into empty rooms as well.
        """
        opened = self.shown.opened_at if self.shown else now
        exits = [c.time for c in self.earlier if c.event == "exit"]
        entries = [c.time for c in self.earlier if c.event == "entry" and c.time >= opened]
        stayed = [t for t in entries if not any(0 <= out - t <= brief_s for out in exits)]
        return max([opened, *stayed])


def decide(scene: Scene, crossing: Crossing, parameters: Parameters) -> Decision:
    """Decide what a crossing means."""
    if is_repeated(scene.earlier, crossing, parameters):
        return Decision("merge", "repeated")
    if crossing.event == "entry":
        if is_contradicted(scene.earlier, crossing, parameters):
            return Decision("none", "contradicted")
        return _decide_entry(scene, crossing, parameters)
    return _decide_exit(scene, crossing, parameters)


def is_repeated(earlier: Sequence[Crossing], crossing: Crossing, parameters: Parameters) -> bool:
    """Check whether another camera has reported the same crossing.

    Two people who walk in one behind the other are two reports of each camera.
    """
    near = [
        other
        for other in earlier
        if other.event == crossing.event
        and abs(other.time - crossing.time) <= parameters.same_crossing_s
    ]
    ours = sum(other.camera == crossing.camera for other in near)
    return ours < len(near) - ours


def is_of_staff(scene: Scene, crossing: Crossing, parameters: Parameters) -> bool:
    """Check whether a crossing is of staff, although a badge may be read once on two crossings.

    A person who comes out shortly after staff went in, before they came out, is that member of
    staff. Where the badge is read on the way out alone, the entry shortly before was of staff: it
    is decided as any brief visit.
    """
    if crossing.event == "entry":
        return crossing.staff
    recent = [c for c in scene.trips if 0 <= crossing.time - c.time <= parameters.brief_s]
    if _most_seen(recent, "entry") > _most_seen(recent, "exit"):
        return True
    brief = scene.shown and crossing.time - scene.shown.opened_at <= parameters.brief_s
    return crossing.staff and not brief


def _most_seen(crossings: Sequence[Crossing], event: Event) -> int:
    """Return how many crossings one camera reported, the one that reported most."""
    return max(Counter(c.camera for c in crossings if c.event == event).values(), default=0)


def is_contradicted(earlier: Sequence[Crossing], entry: Crossing, parameters: Parameters) -> bool:
    """Check whether another camera has reported the same person as going out.

    One of both is wrong, and the screen hides when unsure: a visit that an exit has ended does not
    begin again by an entry at the same moment. An exit is never contradicted for that reason.
    """
    exits = [
        other.camera == entry.camera
        for other in earlier
        if other.event == "exit" and abs(other.time - entry.time) <= parameters.same_crossing_s
    ]
    return exits.count(True) < exits.count(False)


def _decide_entry(scene: Scene, crossing: Crossing, parameters: Parameters) -> Decision:
    if scene.shown is None:
        return _decide_opening(scene, crossing, parameters)
    seen, sure = [*scene.earlier, *scene.trips], scene.sure(crossing.time, parameters.brief_s)
    weight = weigh_entry(scene.signals, seen, crossing, sure, parameters)
    other = probability_of_next(scene, crossing, parameters, weight.ratio)
    if other < parameters.show_above:
        return Decision("join", "together", other, weight.evidence)
    return Decision("hide", "next", other, weight.evidence)


def _decide_opening(scene: Scene, crossing: Crossing, parameters: Parameters) -> Decision:
    carried = {garment.sku for garment in crossing.garments if garment.sku}
    origin = find_origin(crossing.room, crossing.time, carried, scene.ended, parameters)
    if origin is None:
        return Decision("open", "first")
    return Decision("open", origin.kind, origin.probability, origin=origin)


def probability_of_next(
    scene: Scene, crossing: Crossing, parameters: Parameters, ratio: float = 1.0
) -> float:
    """Return the probability that an entry into an occupied room is the next shopper's.

    By Bayes' rule: the party inside has left unseen since it was surely there, or it is still
    there and somebody joins it.

    Args:
        scene: What is known of the room.
        crossing: The entry.
        parameters: By which visits are inferred.
        ratio: Likelihood ratio of what sensors reported (`evidence.weigh_entry`).
    """
    gone = parameters.gone(crossing.time - scene.sure(crossing.time, parameters.brief_s))
    left_unseen = parameters.missed_exit * gone * ratio
    return left_unseen / (left_unseen + (1.0 - gone) * parameters.joins)


def decide_signals(scene: Scene, now: float, parameters: Parameters) -> Decision:
    """Decide whether sensors say that a visit is over although no exit was seen.

    A signal counts once the crossing that it belongs to would have been reported.
    """
    if scene.shown is None or not scene.signals:
        return Decision("none", "nobody")
    sure = scene.sure(now, parameters.brief_s)
    settled = now - parameters.signal_delay_s
    door = [one for one in openings(scene.signals) if sure < one.opened <= settled]
    found = unexplained(door, [*scene.earlier, *scene.trips], parameters)
    parted = any(c.event == "exit" and c.time > sure for c in scene.earlier)
    changed = probability_of_change(found, sure, now, parameters, parted)
    if changed >= parameters.show_above:
        return Decision("close", "opened", changed)
    occupancy = [one for one in scene.signals if one.state in ("occupied", "free")]
    if occupancy and occupancy[-1].state == "free":
        since = occupancy[-1].time
        free = probability_of_free(since - sure, parameters)
        if since <= settled and free * parameters.missed_entry >= parameters.show_above:
            return Decision("close", "free", free)
    return Decision("none", "nobody", changed)


def _decide_exit(scene: Scene, crossing: Crossing, parameters: Parameters) -> Decision:
    shown, hidden = scene.shown, scene.hidden
    if shown is None:
        return Decision("none", "nobody")
    if hidden is not None and crossing.time - shown.opened_at <= parameters.brief_s:
        carried = {garment.sku for garment in crossing.garments if garment.sku}
        if carried & hidden.skus and not carried & shown.skus:
            return Decision("close_hidden", "exchanged")
        if shown.people <= 1:
            return Decision("resume", "staff")
    if shown.people > 1:
        return Decision("part", "others_stay")
    trip = probability_of_trip(shown.garments, len(crossing.garments), parameters)
    if shown.garments and trip >= parameters.away_from:
        return Decision("interrupt", "left", trip)
    return Decision("close", "left", trip)
