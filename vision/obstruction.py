"""Detect pictures that show nothing: black ones, and ones of one colour."""

from __future__ import annotations

from typing import Final, Literal

import cv2
import numpy as np

from calibration import Camera
from common.image import Image

Obstruction = Literal["", "black", "covered"]

#: Cells across and down in which a picture is judged.
_CELLS: Final = (64, 36)
#: Share of the unmasked cells that must be dark, or equal the mean of their neighbours. The
#: rest may hold the clock that a camera writes into its picture.
_NEARLY_ALL: Final = 0.95
#: Grey levels of 255: of a dark cell, and from a cell to the mean of its neighbours, times four.
#: Of a room 0.3 to 0.6 are such cells, 0.9 in a tenth of its light, and 0.96 to 1 of hands over the
#: lens and of "no signal" pictures. The second value ends a problem (hysteresis).
_DARK: Final = (20.0, 28.0)
_ALIKE: Final = (2.5, 3.0)
#: Seconds after which a problem begins or ends, so that one damaged picture does not count.
_SETTLE_S: Final = 1.0


class ObstructionMonitor:
    """Detects that a camera's lens is covered or its picture is black.

    Attributes:
        current: The state of the newest picture.
        problem: The state for the last second or more.
    """

    def __init__(self, camera: Camera) -> None:
        """Exclude the camera's masks, which are black in every picture."""
        masked = np.zeros((_CELLS[1], _CELLS[0]), np.uint8)
        for mask in camera.masks:
            corners = np.round(np.array(mask.points) * _CELLS).astype(np.int32)
            cv2.fillPoly(masked, [corners], 1)
        # Cells at a mask's edge are partly black.
        self._unmasked = cv2.dilate(masked, np.ones((3, 3), np.uint8)) == 0
        self.current: Obstruction = ""
        self.problem: Obstruction = ""
        self._since = -np.inf

    def update(self, image: Image, time: float) -> None:
        """Process the next picture.

        Args:
            image: uint8 H×W×3 BGR, masks applied.
            time: Seconds on the source's clock.
        """
        current = self._classify(image)
        if current != self.current:
            self.current, self._since = current, time
        if time - self._since >= _SETTLE_S - 1e-6:
            self.problem = current

    def _classify(self, image: Image) -> Obstruction:
        unmasked = self._unmasked
        if not unmasked.any():
            return ""
        small = cv2.resize(image, _CELLS, interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
        if (grey[unmasked] < _DARK[self.problem == "black"]).mean() >= _NEARLY_ALL:
            return "black"
        # A hand over the lens has a gradient, and a room has edges.
        bend = np.abs(cv2.Laplacian(cv2.blur(grey, (3, 3)), cv2.CV_32F))
        alike = bend[unmasked] < _ALIKE[self.problem == "covered"]
        return "covered" if alike.mean() >= _NEARLY_ALL else ""
