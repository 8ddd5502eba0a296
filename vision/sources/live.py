"""Sources in real time: read on a thread, with the newest frame only.

A stream that stops is a state with its cause (`vision.sources.health`), never a black picture. It
is reopened with growing, jittered pauses after every failure, whether opening or reading failed.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from vision.frame import Frame
from vision.sources.cause import Cause, SourceError
from vision.sources.health import Backoff, Health, State, Status
from vision.sources.protocol import READ_TIMEOUT_S, FrameSource, is_live
from vision.sources.recorded import FileTimes
from vision.sources.registry import open_source

log = logging.getLogger("fittingroom.source")

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0


class LiveSource:
    """A source in real time: its newest frame and its state.

    Files are played in real time too; `loop` restarts them.
    """

    def __init__(
        self,
        source: str,
        camera: str,
        loop: bool = False,
        clock: Callable[[], float] = time.monotonic,
        stale_after: float = 3.0,
        opener: Callable[[str], FrameSource] | None = None,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """Prepare; nothing is opened before `start`.

        Args:
            source: File, address, device or number.
            camera: The camera's name.
            loop: Whether to play a file in a loop.
            clock: A monotonic clock, seconds; frames are timestamped with it.
            stale_after: Seconds without a picture after which the source is stale.
            opener: Replaces `open_source`.
            wait: Replaces the wait for some seconds or `stop`.
        """
        self.source, self.camera, self.loop = source, camera, loop
        self._clock, self._open = clock, opener or open_source
        self._stopping = threading.Event()
        self._wait = wait or self._stopping.wait
        self._health, self._stale_after = Health(source, clock, stale_after), stale_after
        # Seeded by the camera's name: reproducible pauses that differ between cameras.
        self._backoff = Backoff(_FIRST_PAUSE_S, _LONGEST_PAUSE_S, random.Random(camera))
        self._frame: Frame | None = None
        self._number = 0
        self._ready = threading.Condition()
        self.session = 0
        self._thread = threading.Thread(target=self._run, name=f"source-{camera}", daemon=True)

    @property
    def status(self) -> Status:
        """State, cause, age of the newest picture and rate now."""
        return self._health.status()

    @property
    def state(self) -> State:
        """The state now."""
        return self.status.state

    @property
    def fresh(self) -> bool:
        """Whether the newest picture is recent, whatever happened before it."""
        age = self.status.age_s
        return age is not None and age <= self._stale_after

    @property
    def problem(self) -> str:
        """What happened and what to do; empty without a problem."""
        return self.status.problem

    @property
    def received(self) -> int:
        """How many frames have arrived so far, used or not."""
        return self._number

    def start(self) -> None:
        """Start reading."""
        self._thread.start()

    def stop(self) -> None:
        """Stop reading and wait for the thread."""
        self._stopping.set()
        with self._ready:
            self._ready.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=READ_TIMEOUT_S + 1)

    def frames(self, at_most_per_second: float) -> Iterator[Frame | State]:
        """Yield the newest frame whenever there is a new one, else the state.

        Args:
            at_most_per_second: Frames beyond this rate are dropped.
        """
        seen, due = 0, 0.0
        while not self._stopping.is_set():
            with self._ready:
                if self._number == seen and self.state is not State.ENDED:
                    self._ready.wait(timeout=1)
                number, frame = self._number, self._frame
            if number > seen and frame is not None:
                seen = number
                if frame.time >= due:
                    due = max(due + 1 / at_most_per_second, frame.time - 0.02)
                    yield frame
                continue
            state = self.state
            yield state
            if state is State.ENDED:
                return

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                failed = self._attempt()
                if not is_live(self.source) and (failed or not self.loop):
                    break
                if failed:
                    self._wait(self._backoff.pause())
        finally:
            self._health.end()
            with self._ready:
                self._ready.notify_all()

    def _attempt(self) -> bool:
        """Open and read until the source ends or fails; returns whether it failed."""
        before = self._number
        try:
            frames = self._open(self.source)
            self.session += 1
            try:
                self._read_all(frames)
            finally:
                frames.close()
            if not is_live(self.source) and self._number > before:
                return False
            cause = Cause.NO_VIDEO if is_live(self.source) else Cause.FILE_DAMAGED
            error = SourceError(cause, self.source)
        except SourceError as failure:
            error = failure
        except Exception:  # decoders raise anything on network data
            log.exception("camera %s: reading failed", self.camera)
            error = SourceError(Cause.UNKNOWN, self.source)
        if self._stopping.is_set():
            return False
        if error.cause is Cause.NO_VIDEO and self._number > before:
            error = SourceError(Cause.STOPPED_SENDING, self.source)
        if self._health.steady:
            self._backoff.reset()
        self._health.failed(error.cause, str(error))
        return True

    def _read_all(self, frames: FrameSource) -> None:
        live = is_live(self.source)
        times, start, time = FileTimes(frames.rate), self._clock(), 0.0
        while not self._stopping.is_set():
            read = frames.read()
            if read is None:
                if not live:  # the last picture is shown as long as the others
                    self._wait(max(0.0, start + time + 1 / frames.rate - self._clock()))
                return
            image, stamp = read
            if not live:
                time = times.time(stamp)
                self._wait(max(0.0, start + time - self._clock()))
            self._health.picture()
            with self._ready:
                self._frame = Frame(self.camera, self._clock(), image)
                self._number += 1
                self._ready.notify_all()
