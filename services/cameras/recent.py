"""The last pictures of a camera in calibration, and where people were in them."""

from __future__ import annotations

from collections import deque
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.picture import Shot
from common.image import Image
from vision.detect import Detections

#: Pictures that are judged together, and their width.
SHOTS: Final = 24
_SHOT_PX: Final = 640
#: The place of a detected person stays pixelated for this long.
_HIDDEN_S: Final = 1.0


class RecentPictures:
    """The last `SHOTS` pictures, reduced, and the places of people in the last second."""

    def __init__(self) -> None:
        """Start without any."""
        self._shots: deque[Shot] = deque(maxlen=SHOTS)
        #: When and where people were, relative.
        self._people: deque[tuple[float, NDArray[np.float64]]] = deque()

    def add(self, detections: Detections) -> None:
        """Add a picture and its people; those of more than a second ago are dropped."""
        image, now = detections.frame.image, detections.frame.time
        height, width = image.shape[:2]
        scale = min(1.0, _SHOT_PX / width)
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        people = tuple(float(box[3] - box[1]) / height for box in detections.people.xyxy)
        self._shots.append(Shot(now, np.asarray(small, np.uint8), people))
        size = np.array([width, height, width, height], float)
        self._people.extend((now, box / size) for box in detections.people.xyxy)
        while self._people and self._people[0][0] < now - _HIDDEN_S:
            self._people.popleft()

    def clear(self) -> None:
        """Drop the pictures; places of people still count, since pictures of them may follow."""
        self._shots.clear()

    @property
    def shots(self) -> list[Shot]:
        """The pictures, the oldest first."""
        return list(self._shots)

    @property
    def images(self) -> list[Image]:
        """The pictures without what was measured in them."""
        return [shot.image for shot in self._shots]

    def people_boxes(self, width: int, height: int) -> list[NDArray[np.float64]]:
        """List where people were: x1, y1, x2, y2 in pixels of a picture of the given size."""
        return [box * [width, height, width, height] for _, box in self._people]
