"""The state of a source with its cause, and the pauses between attempts."""

from __future__ import annotations

import enum
import random
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from vision.sources.cause import Cause, describe

#: A lost source counts as running again after pictures have arrived for this long; only then the
#: next failure is followed by a short pause again.
STEADY_S: Final = 10.0
#: The rate is measured over this long.
_RATE_S: Final = 5.0


class State(enum.Enum):
    """The state of a source.

    `CONNECTING` until its first picture; `RUNNING` while pictures arrive; `STALE` from when they
    stop until they have arrived again for `STEADY_S`; `ENDED` after a file's end or `stop`.
    """

    CONNECTING = "connecting"
    RUNNING = "running"
    STALE = "stale"
    ENDED = "ended"


@dataclass(frozen=True)
class Status:
    """The status of a source at one moment.

    Attributes:
        state: The state.
        cause: Why there is no picture; `Cause.NONE` without a problem or if it is unknown.
        problem: The same as a message with advice; empty without a problem.
        age_s: Seconds since the newest picture; None before the first.
        rate: Pictures per second from the source over the last seconds.
    """

    state: State
    cause: Cause
    problem: str
    age_s: float | None
    rate: float


class Health:
    """Derives a source's state from its pictures and failures.

    A failure while `STALE` may change the cause, never the state. So a stream that stalls
    repeatedly, or sends a picture now and then, stays `STALE` with its cause.
    """

    def __init__(self, source: str, clock: Callable[[], float], stale_after: float) -> None:
        """Start before the first picture.

        Args:
            source: For messages; credentials are masked.
            clock: A monotonic clock, seconds.
            stale_after: Seconds without a picture after which the source is stale.
        """
        self._source, self._clock, self._stale_after = source, clock, stale_after
        self._lock = threading.Lock()
        self._arrived: deque[float] = deque()
        self._newest: float | None = None
        self._since: float | None = None
        self._cause, self._problem = Cause.NONE, ""
        self._ended = False

    def picture(self) -> None:
        """Note that a picture has arrived."""
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
            problem: Another message than the cause's.
        """
        with self._lock:
            self._since = None
            self._cause, self._problem = cause, problem or describe(cause, self._source)

    def end(self) -> None:
        """Note that the source has ended."""
        with self._lock:
            self._ended = True

    @property
    def steady(self) -> bool:
        """Whether pictures have arrived for `STEADY_S` up to the newest one."""
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
        """Check whether pictures have stopped without a reported failure."""
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
    """Pauses between attempts: exponential, with jitter and an upper bound."""

    def __init__(self, first_s: float, longest_s: float, rng: random.Random) -> None:
        """Start with the shortest pause.

        Args:
            first_s: The first pause.
            longest_s: The longest pause.
            rng: Source of the jitter, so that cameras do not all reconnect at once.
        """
        self._first, self._longest, self._rng = first_s, longest_s, rng
        self._next = first_s

    def pause(self) -> float:
        """Return the pause after one more failure, seconds."""
        pause = self._next * self._rng.uniform(0.7, 1.0)
        self._next = min(2 * self._next, self._longest)
        return pause

    def reset(self) -> None:
        """Return to the shortest pause."""
        self._next = self._first
