"""Notice a camera, or a machine, that is too slow to follow anybody."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np

from vision.frame import Frame

#: Frames a second below which people are lost between two frames, and what works with ease.
LEAST_RATE: Final = 4.0
GOOD_RATE: Final = 10.0
#: The rate is measured over this long, seconds.
_WINDOW_S: Final = 15.0
#: Above the limit by this factor it is fast enough again.
_BACK: Final = 1.2
#: Files of fewer frames are not judged.
_FEWEST: Final = 5


class PaceWatch:
    """Measures how many frames a second arrive at the tracker.

    Attributes:
        rate: Frames a second over the last seconds; 0 before that.
        slow: Whether that is too few.
    """

    def __init__(self) -> None:
        """Nothing has come yet."""
        self._times: deque[float] = deque()
        self.rate, self.slow = 0.0, False

    def look(self, frame: Frame) -> None:
        """Take the next frame."""
        times = self._times
        if times and frame.time - times[-1] > _WINDOW_S / 2:
            times.clear()  # the source was away, which is another problem
        times.append(frame.time)
        span = times[-1] - times[0]
        if span < _WINDOW_S:
            return
        self.rate = (len(times) - 1) / span
        self.slow = self.rate < LEAST_RATE * (_BACK if self.slow else 1.0)
        while times[-1] - times[0] >= _WINDOW_S:
            times.popleft()


def describe_slow(rate: float, camera_rate: float | None = None) -> str:
    """Say that too few frames come, who is slow, and what rate works.

    Args:
        rate: Frames a second that arrive at the tracker.
        camera_rate: Frames a second that come from the camera; None of a file.
    """
    if camera_rate is not None and camera_rate >= 2 * LEAST_RATE:
        return (
            f"This computer looks at only {rate:.1f} of {camera_rate:.0f} pictures a second, too "
            "few to follow people. Take cameras or other programs off it, or use a faster one."
        )
    return (
        f"Only {rate:.1f} pictures a second come, too few to follow people. Set the camera to "
        f"{GOOD_RATE:.0f} pictures a second; {LEAST_RATE:.0f} is the least that works."
    )


def warn_if_slow(frames: Iterable[Frame], warn: Callable[[str], None]) -> Iterator[Frame]:
    """Pass a recording's frames on, and warn at the end if they were too few a second.

    Recordings of a variable rate may be slow while nothing happens: the median counts.
    """
    steps, last = list[float](), None
    for frame in frames:
        if last is not None:
            steps.append(frame.time - last)
        last = frame.time
        yield frame
    if len(steps) >= _FEWEST and (step := float(np.median(steps))) > 1 / LEAST_RATE:
        warn(describe_slow(1 / step))
