"""What a sensor at a room reports: a contact at its door or curtain, or an occupancy sensor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

State = Literal["opened", "closed", "occupied", "free"]
Kind = Literal["contact", "occupancy"]

#: All states, and those of each kind of sensor: active, inactive.
STATES: Final = get_args(State)
STATES_OF: Final[dict[Kind, tuple[State, State]]] = {
    "contact": ("opened", "closed"),
    "occupancy": ("occupied", "free"),
}


@dataclass(frozen=True)
class Signal:
    """A change that a sensor reports.

    Attributes:
        time: Seconds since the epoch, when it was received.
        room: The room.
        state: What its door or curtain, or the room, is from then on.
    """

    time: float
    room: str
    state: State

    @property
    def states(self) -> tuple[State, State]:
        """The states of its kind of sensor."""
        return next(pair for pair in STATES_OF.values() if self.state in pair)
