"""Two clocks: a monotonic one for durations, and the wall clock for times that are stored.

The wall clock jumps when a time server or a person sets it. Frames are timestamped, paced and
checked for staleness by the monotonic clock. Times in the journal are the wall clock's time at the
moment of writing, minus the monotonic time that has passed since the event.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Clocks:
    """The clocks of a process.

    Attributes:
        steady: Monotonic seconds from an arbitrary start.
        wall: Seconds since the epoch by this machine's clock.
    """

    steady: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time

    def wall_at(self, moment: float) -> float:
        """Convert a monotonic time to seconds since the epoch.

        Args:
            moment: Seconds on the monotonic clock.
        """
        return self.wall() - (self.steady() - moment)
