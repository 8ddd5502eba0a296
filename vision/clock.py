"""Two clocks: a steady one for everything that waits, and the wall's for what is written down.

The wall clock jumps: a time server corrects it, somebody sets it. Frames are stamped, paced and
judged stale by the steady clock, which never goes backward. What is written to the journal gets
the wall clock's time at the moment of writing, less what the steady clock says has passed since.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Clocks:
    """The clocks of a process.

    Attributes:
        steady: Seconds from some moment on; never goes backward and never jumps.
        wall: Seconds since the epoch, as this machine believes just now.
    """

    steady: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time

    def wall_at(self, moment: float) -> float:
        """Convert a moment of the steady clock to seconds since the epoch.

        Args:
            moment: Seconds on the steady clock.
        """
        return self.wall() - (self.steady() - moment)
