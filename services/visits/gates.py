"""Two gates in a row, one to the area and one to each room: a person who crosses both counts once.

The gate to the area is the first on the way in and the last on the way out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from common.crossing import Crossing
from services.visits.parameters import Parameters


@dataclass(frozen=True)
class Waiting:
    """Garments that were carried through a gate to several rooms and wait for a room.

    Attributes:
        visit: The number of the visit as which they wait.
        since: Seconds since the epoch.
        agreeing: How many of them may be what is now carried into a room, by their category.
        articles: How many of these by their article, or one that they may be.
    """

    visit: int
    since: float
    agreeing: int
    articles: int


@dataclass(frozen=True)
class SamePerson:
    """Garments that wait and belong to a person who goes into a room.

    Attributes:
        visit: The number of the visit as which they wait.
        whole: Whether all of them are hers, those that no camera saw at the room's gate too.
    """

    visit: int
    whole: bool


def find_waiting(
    waiting: Sequence[Waiting],
    earlier: Sequence[Crossing],
    entry: Crossing,
    parameters: Parameters,
) -> SamePerson | None:
    """Find the garments that a person carried through the gate before, None where there are none.

    Args:
        waiting: What waits for the room.
        earlier: Crossings that were reported before, of all gates.
        entry: Through the room's own gate.
        parameters: By which visits are inferred.
    """
    near = [one for one in waiting if 0 <= entry.time - one.since <= parameters.between_gates_s]
    if not near:
        return None
    best = max(near, key=lambda one: (one.agreeing, -one.since))
    if len(near) > 1 and not best.agreeing:
        return None
    people = _near(earlier, entry, parameters)
    return SamePerson(best.visit, best.articles > 0 and len(people) == 1)


def was_brought_before(
    earlier: Sequence[Crossing], crossing: Crossing, parameters: Parameters
) -> bool:
    """Check whether staff who go into a room were reported at the gate to several rooms before.

    Args:
        earlier: Crossings that were reported before, of all gates.
        crossing: Of staff, through the room's gate.
        parameters: By which visits are inferred.
    """
    return any(
        other.staff and crossing.room in other.rooms
        for other in _near(earlier, crossing, parameters)
    )


def was_seen_before(
    earlier: Sequence[Crossing], crossing: Crossing, parameters: Parameters
) -> bool:
    """Check whether an exit through a gate to several rooms was reported by a room's gate before.

    Args:
        earlier: Crossings that were reported before, of all gates.
        crossing: Through the gate to several rooms.
        parameters: By which visits are inferred.
    """
    if crossing.event == "entry":
        return False
    near = _near(earlier, crossing, parameters)
    by_room = Counter((o.room, o.camera) for o in near if o.room in crossing.rooms)
    rooms = {room for room, _ in by_room}
    inner = sum(max(n for (of, _), n in by_room.items() if of == room) for room in rooms)
    outer = sum(other.rooms == crossing.rooms and not other.room for other in near)
    return inner > outer


def _near(
    earlier: Sequence[Crossing], crossing: Crossing, parameters: Parameters
) -> list[Crossing]:
    """List the crossings in the same direction that may be of the same person at another gate."""
    return [
        other
        for other in earlier
        if other.event == crossing.event
        and 0 <= crossing.time - other.time <= parameters.between_gates_s
    ]
