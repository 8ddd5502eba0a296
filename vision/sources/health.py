"""What a source is doing, as one state with one cause, and when to try again."""

from __future__ import annotations

import enum
import random
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from vision.sources.cause import Cause, describe

#: Pictures must keep coming for this long before a source that was lost counts as running, and
#: before its next failure is followed by a short pause again.
STEADY_S: Final = 10.0
#: The rate is measured over this long.
_RATE_S: Final = 5.0


class State(enum.Enum):
    """What a source is doing.

    `CONNECTING` until its first picture; `RUNNING` while pictures come; `STALE` from when they
    cease until they have kept coming for `STEADY_S`; `ENDED` for good, of a file or when stopped.
    """

    CONNECTING = "connecting"
    RUNNING = "running"
    STALE = "stale"
    ENDED = "ended"


@dataclass(frozen=True)
class Status:
    """What a source is doing at one moment.

    Attributes:
        state: The state.
        cause: Why there is no picture, `Cause.NONE` while all is well or nothing is known.
        problem: The same for people, with what to do; empty while all is well.
        age_s: Seconds since the newest picture; None before the first.
        rate: Pictures a second over the last seconds, as they came from the source.
    """

    state: State
    cause: Cause
    problem: str
    age_s: float | None
    rate: float


class Health:
    """A source's state, from its pictures and failures.

    A failure while `STALE` may change the cause, never the state. So a stream that stalls again
    and again, or gives a picture now and then, is `STALE` with its cause all the time.
    """

    def __init__(self, source: str, clock: Callable[[], float], stale_after: float) -> None:
        """Nothing has come yet.

        Args:
            source: For messages; credentials are masked.
            clock: Steady seconds.
            stale_after: Seconds without a picture after which it has stopped sending.
        """
        self._source, self._clock, self._stale_after = source, clock, stale_after
        self._lock = threading.Lock()
        self._arrived: deque[float] = deque()
        self._newest: float | None = None
        self._since: float | None = None
        self._cause, self._problem = Cause.NONE, ""
        self._ended = False

    def picture(self) -> None:
        """Note that a picture has come."""
        with self._lock:
            now = self._clock()
            self._check(now)
            if self._since is None:
                self._since = now
            first = self._newest is None
            self._newest = now
            self._arrived.append(now)
            while self._arrived[0] < now - _RATE_S:
                self._arrived.popleft()
            if first or now - self._since >= STEADY_S:
                self._cause, self._problem = Cause.NONE, ""

    def failed(self, cause: Cause, problem: str = "") -> None:
        """Note that the source failed.

        Args:
            cause: Why.
            problem: For people, if it is not what the cause says.
        """
        with self._lock:
            self._since = None
            self._cause, self._problem = cause, problem or describe(cause, self._source)

    def end(self) -> None:
        """Note that nothing will come any more."""
        with self._lock:
            self._ended = True

    @property
    def steady(self) -> bool:
        """Whether pictures have kept coming for `STEADY_S` up to the newest one."""
        since, newest = self._since, self._newest
        return since is not None and newest is not None and newest - since >= STEADY_S

    def status(self) -> Status:
        """Return the status now."""
        with self._lock:
            now = self._clock()
            self._check(now)
            age = None if self._newest is None else now - self._newest
            recent = [time for time in self._arrived if time >= now - _RATE_S]
            span = recent[-1] - recent[0] if len(recent) > 1 else 0.0
            rate = (len(recent) - 1) / span if span else len(recent) / _RATE_S
            return Status(self._state(), self._cause, self._problem, age, rate)

    def _check(self, now: float) -> None:
        """See whether pictures have ceased, without anybody saying so."""
        if self._since is None or self._newest is None or self._ended:
            return
        if now - self._newest > self._stale_after:
            self._since = None
            self._cause = Cause.STOPPED_SENDING
            self._problem = describe(self._cause, self._source)

    def _state(self) -> State:
        if self._ended:
            return State.ENDED
        if self._newest is None:
            return State.CONNECTING
        return State.RUNNING if self._cause is Cause.NONE else State.STALE


class Backoff:
    """Pauses between attempts: each twice as long as the one before, jittered, bounded."""

    def __init__(self, first_s: float, longest_s: float, chance: random.Random) -> None:
        """Start with the shortest pause.

        Args:
            first_s: The first pause.
            longest_s: The longest pause.
            chance: Jitters pauses, so that cameras do not all come back at once.
        """
        self._first, self._longest, self._chance = first_s, longest_s, chance
        self._next = first_s

    def pause(self) -> float:
        """Return how long to wait after one more failure, seconds."""
        pause = self._next * self._chance.uniform(0.7, 1.0)
        self._next = min(2 * self._next, self._longest)
        return pause

    def reset(self) -> None:
        """Start with the shortest pause again."""
        self._next = self._first
