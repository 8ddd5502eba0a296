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

    def needed(self, frame: Frame) -> bool:
        """Tell whether to look at a frame; the next ones are compared with it if so."""
        small = cv2.resize(frame.image, _CELLS, interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
        due = self._looked + (STILL_S if self.occupied(frame.time) else CHECK_S)
        # Times are sums of frames' lengths; a frame must not be late by their rounding.
        if frame.time < due - 1e-6 and not self._moved(grey):
            return False
        self._reference, self._looked = grey, frame.time
        return True

    def saw_somebody(self, time: float) -> None:
        """Note that somebody is there."""
        self._seen = time

    def occupied(self, time: float) -> bool:
        """Tell whether somebody is there, or was until just now."""
        return time - self._seen < REST_S

    def _moved(self, grey: NDArray[np.float32]) -> bool:
        if self._reference is None:
            return True
        return bool(np.abs(grey - self._reference).max() > _STEP)
