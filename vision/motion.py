"""Leave out frames in which nothing is happening: most of a camera's day."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Frame

#: Tracks are kept up for this long after the last sighting of anybody: longer than
#: trackers remember, so that no track is cut short.
REST_S: Final = 2.0
#: With nobody there, a frame is looked at this often even if nothing moves.
CHECK_S: Final = 1.0
#: With somebody there who stands still, a frame is looked at this often.
STILL_S: Final = 0.5
#: With somebody there who fidgets on the spot, a frame is looked at this often.
FIDGET_S: Final = 0.2
#: Nobody walks while less changes than this share of the smallest person's box; a step
#: changes a quarter of it and more.
_FIDGET: Final = 0.12
#: Grey levels, of 255, that some cell of the picture must change by to count as motion.
_STEP: Final = 6.0
_CELLS: Final = (64, 36)


class MotionGate:
    """Decides, frame by frame, whether the detector needs to look."""

    def __init__(self) -> None:
        """Nothing has been seen yet."""
        self._reference: NDArray[np.float32] | None = None
        self._looked = -np.inf
        self._seen = -np.inf
        self._smallest = 0.0

    def needed(self, frame: Frame) -> bool:
        """Check whether to look at a frame; the next ones are compared with it if so."""
        small = cv2.resize(frame.image, _CELLS, interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
        # Times are sums of frames' lengths; a frame must not be late by their rounding.
        if frame.time < self._looked + self._rest(grey, frame.time) - 1e-6:
            return False
        self._reference, self._looked = grey, frame.time
        return True

    def saw_somebody(self, time: float, smallest: float) -> None:
        """Note that somebody is there, and what share of the picture their box fills.

        Args:
            time: When, on the source's clock.
            smallest: Share of the smallest box, where there are several people.
        """
        self._seen, self._smallest = time, smallest

    def occupied(self, time: float) -> bool:
        """Check whether somebody is there, or was until just now."""
        return time - self._seen < REST_S

    def _rest(self, grey: NDArray[np.float32], time: float) -> float:
        """Return for how many seconds after the last look a picture need not be looked at."""
        if self._reference is None:
            return 0.0
        changed = float((np.abs(grey - self._reference) > _STEP).mean())
        if not self.occupied(time):
            return 0.0 if changed else CHECK_S
        if not changed:
            return STILL_S
        return FIDGET_S if changed < _FIDGET * self._smallest else 0.0
