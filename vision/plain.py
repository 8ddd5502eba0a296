"""Notice pictures that show nothing: black ones, and ones of one colour."""

from __future__ import annotations

from typing import Final, Literal

import cv2
import numpy as np

from calibration import Camera
from common.image import Image

Plain = Literal["", "black", "covered"]

#: The picture is judged in cells, as many as this across and down.
_CELLS: Final = (64, 36)
#: Share of the cells that are not masked that must be dark, or the mean of their neighbours. The
#: rest may hold the clock that a camera writes into its picture.
_NEARLY_ALL: Final = 0.95
#: Grey levels of 255: of a dark cell, and from a cell to the mean of its neighbours, times four.
#: Of a room 0.3 to 0.6 are such cells, 0.9 in a tenth of its light, and 0.96 to 1 of hands over the
#: lens and of "no signal" pictures. Back takes more than there, so that a picture at the limit does
#: not go to and fro.
_DARK: Final = (20.0, 28.0)
_ALIKE: Final = (2.5, 3.0)
#: Seconds after which it counts, so that one damaged picture does not, and after which it is over.
_SETTLE_S: Final = 1.0


class PlainWatch:
    """Judges every picture of a camera; uses nothing but the picture.

    Attributes:
        plain: What the newest picture is.
        problem: What the pictures have been for a second or more.
    """

    def __init__(self, camera: Camera) -> None:
        """Take the camera's masks: what they hide is black in every picture."""
        masked = np.zeros((_CELLS[1], _CELLS[0]), np.uint8)
        for mask in camera.masks:
            corners = np.round(np.array(mask.points) * _CELLS).astype(np.int32)
            cv2.fillPoly(masked, [corners], 1)
        # Cells at a mask's edge are partly black.
        self._seen = cv2.dilate(masked, np.ones((3, 3), np.uint8)) == 0
        self.plain: Plain = ""
        self.problem: Plain = ""
        self._since = -np.inf

    def look(self, image: Image, time: float) -> None:
        """Take the next picture.

        Args:
            image: uint8 H×W×3 BGR, masks blanked.
            time: Seconds on the source's clock.
        """
        plain = self._judge(image)
        if plain != self.plain:
            self.plain, self._since = plain, time
        if time - self._since >= _SETTLE_S - 1e-6:
            self.problem = plain

    def _judge(self, image: Image) -> Plain:
        seen = self._seen
        if not seen.any():
            return ""
        small = cv2.resize(image, _CELLS, interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
        if (grey[seen] < _DARK[self.problem == "black"]).mean() >= _NEARLY_ALL:
            return "black"
        # A hand over the lens has a gradient, and a room has edges.
        bend = np.abs(cv2.Laplacian(cv2.blur(grey, (3, 3)), cv2.CV_32F))
        alike = bend[seen] < _ALIKE[self.problem == "covered"]
        return "covered" if alike.mean() >= _NEARLY_ALL else ""
