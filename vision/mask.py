"""Apply privacy masks to frames, before anything else processes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration import Camera, ShapeError
from vision.frame import Frame


class PrivacyMask:
    """Fills a camera's mask polygons with black, at any resolution of the confirmed shape."""

    def __init__(self, camera: Camera) -> None:
        """Prepare the camera's mask polygons."""
        self._camera = camera
        self._polygons = [np.array(mask.points, np.float64) for mask in camera.masks]

    def apply(self, frame: Frame) -> Frame:
        """Return the frame with masked pixels black; the original is not kept.

        Raises:
            ShapeError: The frame has another shape than the masks were confirmed for.
        """
        height, width = frame.image.shape[:2]
        self._camera.check_shape(width, height)
        if not self._polygons:
            return frame
        image = frame.image.copy()
        cv2.fillPoly(image, self._corners(width, height), (0, 0, 0))
        return replace(frame, image=image)

    def masked_pixels(self, width: int, height: int) -> NDArray[np.bool_]:
        """Return a boolean mask, height × width, that is true where pixels are masked."""
        masked = np.zeros((height, width), np.uint8)
        cv2.fillPoly(masked, self._corners(width, height), (1,))
        return masked.astype(bool)

    def _corners(self, width: int, height: int) -> list[NDArray[np.int32]]:
        return [np.round(p * [width, height]).astype(np.int32) for p in self._polygons]


class ShapeMonitor:
    """Rejects frames whose shape is not the one that the masks were confirmed for."""

    def __init__(self, camera: Camera, report: Callable[[str], None]) -> None:
        """Start; `report` is called with a message when the shape changes and when it is back."""
        self._camera, self._report = camera, report
        self._fits = True

    def fits(self, frame: Frame) -> bool:
        """Check whether the frame may be used."""
        height, width = frame.image.shape[:2]
        try:
            self._camera.check_shape(width, height)
        except ShapeError as error:
            if self._fits:
                self._report(str(error))
            self._fits = False
            return False
        if not self._fits:
            self._report(f"{self._camera.name}: the picture has its confirmed shape again.")
        self._fits = True
        return True
