"""Blank what must never be seen, before anything else looks at a frame."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from calibration import Camera
from vision.frame import Frame


class Blanker:
    """Fills a camera's mask polygons with black, at any resolution."""

    def __init__(self, camera: Camera) -> None:
        """Take the camera's polygons."""
        self._polygons = [np.array(mask.points, np.float64) for mask in camera.masks]

    def blank(self, frame: Frame) -> Frame:
        """Return the frame with masked pixels black; the original is not kept."""
        if not self._polygons:
            return frame
        height, width = frame.image.shape[:2]
        image = frame.image.copy()
        corners = [np.round(p * [width, height]).astype(np.int32) for p in self._polygons]
        cv2.fillPoly(image, corners, (0, 0, 0))
        return replace(frame, image=image)
