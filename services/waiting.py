"""How many rooms are free, and how long the next shopper waits for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from store import Session
from store.stays import recent_stays

#: Fewer known stays than this say nothing about the next ones.
_LEAST_STAYS: Final = 20


@dataclass(frozen=True)
class Capacity:
    """The rooms at a moment.

    Attributes:
        free: Each room's name, and whether no one is in it.
        free_at: When a room is free with an even chance, seconds since the epoch; None where one
            is free now, or where too few visits are known.
    """

    free: dict[str, bool]
    free_at: float | None


def read_capacity(
    session: Session, rooms: Sequence[str], since: Mapping[str, float], now: float
) -> Capacity:
    """Read which rooms are free, and estimate when the next one is.

    Args:
        session: A read session.
        rooms: The shop's rooms.
        since: When each occupied room's visit began, seconds since the epoch.
        now: Seconds since the epoch.
    """
    free = {room: room not in since for room in rooms}
    if not rooms or any(free.values()):
        return Capacity(free, None)
    elapsed = [max(now - since[room], 0.0) for room in rooms]
    wait = estimate_wait(elapsed, recent_stays(session, now))
    return Capacity(free, None if wait is None else now + wait)


def estimate_wait(elapsed: Sequence[float], stays: Sequence[float]) -> float | None:
    """Estimate when the first of some occupied rooms is free.

    A stay lasts as long as recent ones that have lasted at least as long: the estimate is the
    median of the first of them to end (Kaplan and Meier's survival curve without censoring, rooms
    independent). A stay that is longer than all known ones says nothing.

    Args:
        elapsed: Seconds for which each room has been occupied.
        stays: Seconds that recent stays lasted.

    Returns:
        Seconds; None where too few stays are known, or none as long as these.
    """
    known = np.sort(np.array(stays, float))
    if len(known) < _LEAST_STAYS:
        return None
    longer = [known[known > seconds] - seconds for seconds in elapsed]
    rest = [ends for ends in longer if len(ends)]
    if not rest:
        return None
    times = np.unique(np.concatenate(rest))
    last = [1 - np.searchsorted(ends, times, side="right") / len(ends) for ends in rest]
    return float(times[np.argmax(np.prod(last, axis=0) <= 0.5)])
