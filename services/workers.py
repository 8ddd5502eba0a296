"""Supervised threads of the server: one that dies or hangs is replaced."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

log = logging.getLogger("fittingroom.serve")

_LONGEST_PAUSE_S: Final = 10.0
#: An error is logged with its traceback once, and repeated in one line this often.
_REPEAT_S: Final = 60.0


@dataclass(frozen=True)
class WorkerState:
    """The state of a worker.

    Attributes:
        name: The worker's name.
        alive: Whether it runs and its last heartbeat is recent.
        silent_s: Seconds since the last heartbeat.
        restarts: How often it was replaced or restarted after an error.
        error: The last error; empty after a successful step.
    """

    name: str
    alive: bool
    silent_s: float
    restarts: int
    error: str


class Worker:
    """A thread that repeats one step, whatever the step raises."""

    def __init__(
        self,
        name: str,
        step: Callable[[], None],
        every_s: float,
        limit_s: float = 30.0,
        at_once: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; nothing runs before `start`.

        Args:
            name: A short name for logs.
            step: One step of its work.
            every_s: Seconds between steps.
            limit_s: A step without a `beat` for longer than this counts as hung.
            at_once: Whether the first step runs at the start.
            monotonic: A monotonic clock, seconds.
        """
        self.name, self._step, self._every_s = name, step, every_s
        self._limit_s, self._at_once, self._monotonic = limit_s, at_once, monotonic
        self._stopping = threading.Event()
        self._turn = 0
        self._restarts = 0
        self._error = ""
        self._logged: tuple[str, float] = ("", 0.0)
        self._beat = monotonic()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start, or restart in another thread."""
        self._turn += 1
        self.beat()
        self._thread = threading.Thread(
            target=self._run, args=(self._turn,), name=self.name, daemon=True
        )
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Stop after the current step, and wait for that."""
        self._stopping.set()
        thread = self._thread
        if thread is not None and thread.is_alive() and thread is not threading.current_thread():
            thread.join(timeout=timeout)

    def beat(self) -> None:
        """Send a heartbeat within a long step."""
        self._beat = self._monotonic()

    @property
    def started(self) -> bool:
        """Whether `start` was called."""
        return self._thread is not None

    @property
    def state(self) -> WorkerState:
        """The state now."""
        silent_s = self._monotonic() - self._beat
        running = self._thread is not None and self._thread.is_alive()
        alive = running and silent_s <= self._limit_s + self._every_s
        return WorkerState(self.name, alive, round(silent_s, 1), self._restarts, self._error)

    def revive(self) -> None:
        """Replace a thread that has died or hangs; a hung one ends after its step."""
        state = self.state
        if self._thread is None or self._stopping.is_set() or state.alive:
            return
        log.error(
            "thread %s has %s; it is replaced",
            self.name,
            f"done nothing for {state.silent_s:.0f} s" if self._thread.is_alive() else "died",
        )
        self._restarts += 1
        self.start()

    def _run(self, turn: int) -> None:
        pause, wait = 0.0, 0.0 if self._at_once else self._every_s
        while not self._stopping.wait(wait) and turn == self._turn:
            self.beat()
            try:
                self._step()
            except Exception as error:
                pause = min(max(1.0, 2 * pause), _LONGEST_PAUSE_S)
                self._note(error)
            else:
                pause, self._error = 0.0, ""
            wait = pause or self._every_s

    def _note(self, error: Exception) -> None:
        self._restarts += 1
        self._error = f"{type(error).__name__}: {error}"
        logged, at = self._logged
        now = self._monotonic()
        if logged != self._error:
            log.exception("thread %s failed and continues", self.name)
        elif now - at >= _REPEAT_S:
            log.error("thread %s still fails: %s", self.name, self._error)
        else:
            return
        self._logged = (self._error, now)


class Workers:
    """All workers of a server."""

    def __init__(self) -> None:
        """Start with none."""
        self._workers: list[Worker] = []

    def add(self, worker: Worker) -> Worker:
        """Look after one more."""
        self._workers.append(worker)
        return worker

    def start(self) -> None:
        """Start all."""
        for worker in self._workers:
            worker.start()

    def revive(self) -> None:
        """Replace those that have died or hang."""
        for worker in self._workers:
            worker.revive()

    def states(self) -> list[WorkerState]:
        """How each is that was started."""
        return [worker.state for worker in self._workers if worker.started]
