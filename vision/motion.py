"""Skip detection on frames without motion: most of a camera's day."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Frame

#: The gate counts as occupied for this long after the last detected person: longer than trackers
#: keep lost tracks, so that no track is cut short.
REST_S: Final = 2.0
#: Seconds between detections while no one is there and nothing moves.
CHECK_S: Final = 1.0
#: Seconds between detections while a person stands still.
STILL_S: Final = 0.5
#: Seconds between detections while a person moves on the spot.
FIDGET_S: Final = 0.2
#: Less change than this share of the smallest person's box is movement on the spot; a step
#: changes a quarter of it and more.
_FIDGET: Final = 0.12
#: Least change of a cell that counts as motion, grey levels of 255.
_STEP: Final = 6.0
_CELLS: Final = (64, 36)


class MotionGate:
    """Decides, frame by frame, whether the detector has to run."""

    def __init__(self) -> None:
        """Start before the first frame."""
        self._reference: NDArray[np.float32] | None = None
        self._last_detection = -np.inf
        self._last_person = -np.inf
        self._smallest = 0.0

    def needs_detection(self, frame: Frame) -> bool:
        """Check whether a frame needs detection; if so, the next frames are compared with it."""
        small = cv2.resize(frame.image, _CELLS, interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
        # Times are sums of frames' lengths; a frame must not be late by their rounding.
        if frame.time < self._last_detection + self._pause(grey, frame.time) - 1e-6:
            return False
        self._reference, self._last_detection = grey, frame.time
        return True

    def note_person(self, time: float, smallest: float) -> None:
        """Note that a person was detected.

        Args:
            time: Seconds on the source's clock.
            smallest: Area of the smallest person's box as a share of the picture.
        """
        self._last_person, self._smallest = time, smallest

    def occupied(self, time: float) -> bool:
        """Check whether a person is there, or was until just now."""
        return time - self._last_person < REST_S

    def _pause(self, grey: NDArray[np.float32], time: float) -> float:
        """Return for how many seconds after the last detection none is needed."""
        if self._reference is None:
            return 0.0
        changed = float((np.abs(grey - self._reference) > _STEP).mean())
        if not self.occupied(time):
            return 0.0 if changed else CHECK_S
        if not changed:
            return STILL_S
        return FIDGET_S if changed < _FIDGET * self._smallest else 0.0
