"""Detect a frame rate that is too low to track people."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np

from vision.frame import Frame

#: Frames per second below which tracks are lost, and the recommended rate.
LEAST_RATE: Final = 4.0
GOOD_RATE: Final = 10.0
#: The rate is measured over this long, seconds.
_WINDOW_S: Final = 15.0
#: A low rate ends above the limit times this factor (hysteresis).
_BACK: Final = 1.2
#: Recordings of fewer frames are not checked.
_FEWEST: Final = 5


class RateMonitor:
    """Measures the rate at which frames arrive at the tracker.

    Attributes:
        rate: Frames per second over the last seconds; 0 before that.
        slow: Whether that is too low.
    """

    def __init__(self) -> None:
        """Start before the first frame."""
        self._times: deque[float] = deque()
        self.rate, self.slow = 0.0, False

    def update(self, frame: Frame) -> None:
        """Process the next frame."""
        times = self._times
        if times and frame.time - times[-1] > _WINDOW_S / 2:
            times.clear()  # the source was interrupted, which is another problem
        times.append(frame.time)
        span = times[-1] - times[0]
        if span < _WINDOW_S:
            return
        self.rate = (len(times) - 1) / span
        self.slow = self.rate < LEAST_RATE * (_BACK if self.slow else 1.0)
        while times[-1] - times[0] >= _WINDOW_S:
            times.popleft()


def slow_message(rate: float, camera_rate: float | None = None) -> str:
    """Describe a low frame rate: which part is slow, and what rate works.

    Args:
        rate: Frames per second at the tracker.
        camera_rate: Frames per second from the camera; None for a file.
    """
    if camera_rate is not None and camera_rate >= 2 * LEAST_RATE:
        return (
            f"This computer processes only {rate:.1f} of {camera_rate:.0f} frames per second, too "
            "few to track people. Run fewer cameras or programs on it, or use a faster one."
        )
    return (
        f"Only {rate:.1f} frames per second arrive, too few to track people. Set the camera to "
        f"{GOOD_RATE:.0f} frames per second; the minimum is {LEAST_RATE:.0f}."
    )


def warn_if_slow(frames: Iterable[Frame], warn: Callable[[str], None]) -> Iterator[Frame]:
    """Yield a recording's frames, and warn at the end if its frame rate is too low.

    The median counts: recordings of a variable rate may be slow while nothing happens.
    """
    steps, last = list[float](), None
    for frame in frames:
        if last is not None:
            steps.append(frame.time - last)
        last = frame.time
        yield frame
    if len(steps) >= _FEWEST and (step := float(np.median(steps))) > 1 / LEAST_RATE:
        warn(slow_message(1 / step))
