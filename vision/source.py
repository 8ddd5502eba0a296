"""Where frames come from: files by their own clock, live cameras newest first.

A live source reads on a thread of its own and keeps the newest frame only, because
OpenCV's buffer otherwise hands out the past. A stream that stops is a state, never a
black picture; it is reopened with growing, jittered pauses.
"""

from __future__ import annotations

import enum
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from vision.errors import VisionError
from vision.frame import Frame

_OPEN_TIMEOUT_MS = 8_000
_READ_TIMEOUT_MS = 5_000
_LONGEST_PAUSE_S = 30.0


class State(enum.Enum):
    """What a source is doing."""

    CONNECTING = "connecting"
    RUNNING = "running"
    STALE = "stale"
    ENDED = "ended"


def is_live(source: str) -> bool:
    """Tell a camera from a file."""
    return source.isdigit() or "://" in source


def open_capture(source: str) -> cv2.VideoCapture:
    """Open a file, an RTSP address or a USB camera's number.

    Raises:
        VisionError: It is missing, empty or no video.
    """
    if source.isdigit():
        capture = cv2.VideoCapture(int(source))
    elif is_live(source):
        # Time-outs act with this backend only, and the default for opening is 30 s.
        options = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            _OPEN_TIMEOUT_MS,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            _READ_TIMEOUT_MS,
        ]
        capture = cv2.VideoCapture(source, cv2.CAP_FFMPEG, options)
    else:
        path = Path(source)
        if not path.is_file():
            raise VisionError(f"{source}: no such file.")
        if not path.stat().st_size:
            raise VisionError(f"{source}: the file is empty.")
        capture = cv2.VideoCapture(source, cv2.CAP_FFMPEG)
    if not capture.isOpened():
        capture.release()
        if is_live(source):
            raise VisionError(f"{source}: no camera answers there; check address and cable.")
        raise VisionError(f"{source}: not a video that can be decoded.")
    return capture


def _frame_rate(capture: cv2.VideoCapture) -> float:
    rate = capture.get(cv2.CAP_PROP_FPS)
    return rate if 0.5 <= rate <= 240 else 25.0


def read_file(source: str, camera: str) -> Iterator[Frame]:
    """Play a recording, every frame, timed by its own clock from 0.

    Raises:
        VisionError: It cannot be opened, holds no picture, or breaks off before its end.
    """
    capture = open_capture(source)
    try:
        rate, expected = _frame_rate(capture), capture.get(cv2.CAP_PROP_FRAME_COUNT)
        count = 0
        while True:
            ok, image = capture.read()
            if not ok:
                break
            yield Frame(camera, round(count / rate, 4), np.asarray(image, np.uint8))
            count += 1
    finally:
        capture.release()
    if not count:
        raise VisionError(f"{source}: holds no picture that can be decoded.")
    if expected > 0 and count < 0.98 * expected - 2:
        raise VisionError(
            f"{source}: breaks off after {count} of {int(expected)} frames "
            f"({count / rate:.1f} s); the file is truncated or damaged."
        )


def at_most(frames: Iterable[Frame], per_second: float) -> Iterator[Frame]:
    """Skip frames of a recording that come faster than this."""
    due = 0.0
    for frame in frames:
        if frame.time + 1e-6 >= due:
            due = max(due + 1 / per_second, frame.time)
            yield frame


@dataclass
class _Newest:
    frame: Frame | None = None
    number: int = 0


class LiveSource:
    """A source in real time: its newest frame, its state.

    Files play here too, at their own pace, as cameras do; `loop` starts them again.
    """

    def __init__(
        self,
        source: str,
        camera: str,
        loop: bool = False,
        clock: Callable[[], float] = time.monotonic,
        stale_after: float = 3.0,
    ) -> None:
        """Prepare; nothing is opened before `start`."""
        self.source, self.camera, self.loop = source, camera, loop
        self._clock, self._stale_after = clock, stale_after
        self._newest, self._ready = _Newest(), threading.Condition()
        self._stopping = threading.Event()
        self._ended = False
        self._problem = ""
        self.session = 0
        self._thread = threading.Thread(target=self._run, name=f"source-{camera}", daemon=True)

    @property
    def state(self) -> State:
        """What the source is doing now."""
        if self._ended:
            return State.ENDED
        frame = self._newest.frame
        if frame is None:
            return State.CONNECTING
        return State.STALE if self._clock() - frame.time > self._stale_after else State.RUNNING

    @property
    def problem(self) -> str:
        """The last thing that went wrong, empty while all is well."""
        return self._problem

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Stop reading and wait for the thread."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=_READ_TIMEOUT_MS / 1000 + 1)

    def frames(self, at_most_per_second: float) -> Iterator[Frame | State]:
        """Yield the newest frame whenever there is one, and the state when there is none.

        Args:
            at_most_per_second: Frames beyond this rate are dropped.
        """
        seen, due = 0, 0.0
        while not self._stopping.is_set():
            with self._ready:
                if self._newest.number == seen and not self._ended:
                    self._ready.wait(timeout=1)
                number, frame = self._newest.number, self._newest.frame
            if number > seen and frame is not None:
                seen = number
                if frame.time >= due:
                    due = max(due + 1 / at_most_per_second, frame.time - 0.02)
                    yield frame
                continue
            yield self.state
            if self._ended:
                return

    def _run(self) -> None:
        pause = 0.5
        while not self._stopping.is_set():
            try:
                capture = open_capture(self.source)
            except VisionError as error:
                self._problem = str(error)
                if not is_live(self.source):
                    break
                self._stopping.wait(pause * random.uniform(0.7, 1.3))
                pause = min(pause * 2, _LONGEST_PAUSE_S)
                continue
            self.session += 1
            if self._read_all(capture):
                pause = 0.5
            if not is_live(self.source) and not self.loop:
                break
        self._ended = True
        with self._ready:
            self._ready.notify_all()

    def _read_all(self, capture: cv2.VideoCapture) -> bool:
        """Read until the stream ends or stops; True if there was a picture at all."""
        rate, count, start = _frame_rate(capture), 0, self._clock()
        try:
            while not self._stopping.is_set():
                ok, image = capture.read()
                if not ok:
                    self._problem = "" if not is_live(self.source) else "the stream stopped"
                    return count > 0
                if not is_live(self.source):
                    self._stopping.wait(max(0.0, start + count / rate - self._clock()))
                count += 1
                self._problem = ""
                with self._ready:
                    frame = Frame(self.camera, self._clock(), np.asarray(image, np.uint8))
                    self._newest.frame, self._newest.number = frame, self._newest.number + 1
                    self._ready.notify_all()
        finally:
            capture.release()
        return count > 0
