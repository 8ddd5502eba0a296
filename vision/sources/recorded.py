"""Play a recorded video by its own timestamps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from vision.errors import VisionError
from vision.frame import Frame
from vision.sources.registry import open_source

#: A longer step between two timestamps, in seconds, is a jump of the clock, not a gap.
_LONGEST_GAP_S: Final = 60.0
#: Timestamps that go back by less are out of order, as some encoders write them.
_DISORDER_S: Final = 0.5
#: After this many pictures without a later timestamp, timestamps are ignored.
_STANDING: Final = 3


class FileTimes:
    """Converts a file's timestamps into times from 0 that never go back.

    Where timestamps are missing, repeat or jump, time advances by the file's frame rate.
    """

    def __init__(self, rate: float) -> None:
        """Start at the first picture; `rate` is the file's frame rate."""
        self._step = 1 / rate
        self._time: float | None = None
        #: A timestamp and the time it stands for.
        self._anchor: tuple[float, float] | None = None
        self._standing = 0

    def time(self, stamp: float | None) -> float:
        """Return the time of the next picture.

        Args:
            stamp: Its timestamp in seconds, if it has one.
        """
        if self._time is None:
            self._time = 0.0
            self._anchor = None if stamp is None else (stamp, 0.0)
            return 0.0
        wanted = self._by_stamp(stamp, self._time)
        self._standing = self._standing + 1 if wanted <= self._time + 1e-6 else 0
        if self._standing >= _STANDING or stamp is None or self._anchor is None:
            self._anchor = None if stamp is None else (stamp, self._time + self._step)
            wanted = self._time + self._step
        self._time = max(self._time, wanted)
        return self._time

    def _by_stamp(self, stamp: float | None, last: float) -> float:
        if stamp is None or self._anchor is None:
            return last + self._step
        wanted = self._anchor[1] + stamp - self._anchor[0]
        if -_DISORDER_S <= wanted - last <= _LONGEST_GAP_S:
            return wanted
        self._anchor = stamp, last + self._step
        return last + self._step


def read_file(source: str, camera: str) -> Iterator[Frame]:
    """Yield every frame of a video, timed by its own timestamps from 0.

    Raises:
        VisionError: It cannot be opened, contains no picture, or is truncated.
    """
    frames = open_source(source)
    try:
        times, count, time = FileTimes(frames.rate), 0, 0.0
        stamps = [np.inf, -np.inf]
        while (read := frames.read()) is not None:
            image, stamp = read
            time = times.time(stamp)
            if stamp is not None:
                stamps = [min(stamps[0], stamp), max(stamps[1], stamp)]
            yield Frame(camera, round(time, 4), image)
            count += 1
    finally:
        frames.close()
    if not count:
        raise VisionError(f"{source}: contains no picture that can be decoded.")
    # A picture lasts until the next one; for the last one, take the mean.
    played = max(time, stamps[1] - stamps[0]) + time / count
    if played < 0.98 * frames.length_s - 2 / frames.rate:
        raise VisionError(
            f"{source}: ends after {played:.1f} of {frames.length_s:.1f} s "
            f"({count} pictures); the file is truncated or damaged."
        )


def at_most(frames: Iterable[Frame], per_second: float) -> Iterator[Frame]:
    """Skip frames of a video beyond a frame rate."""
    due = 0.0
    for frame in frames:
        if frame.time + 1e-6 >= due:
            due = max(due + 1 / per_second, frame.time)
            yield frame
