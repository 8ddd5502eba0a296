"""Recognise staff by the tag on their badge or trolley (`calibration.badge`)."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.badge import DICTIONARY, TAG
from common.image import Image
from vision.track import Tracks

#: Seconds between two readings of the people in a picture.
_EVERY_S: Final = 0.4
#: Readings with the tag that are needed: a person who passes a trolley is no staff.
_LEAST_READ: Final = 2
#: Widens a person's box to either side, as share of its width: a trolley is pushed and pulled.
_BESIDE: Final = 0.5
#: People less tall than this, in pixels, are enlarged: cells of three pixels are read more often.
_SMALL_PX: Final = 400
_ENLARGED: Final = 2
_FORGET_S: Final = 30.0


class BadgeReader:
    """Remembers which people of one camera wear the badge or push a trolley with it."""

    def __init__(self) -> None:
        """Start without people."""
        self._read: dict[int, int] = {}
        self._seen: dict[int, float] = {}
        self._due = -np.inf
        parameters = cv2.aruco.DetectorParameters()
        # A wrong bit is no badge: shirts have many squares, and a shopper must not be staff.
        parameters.errorCorrectionRate = 0.0
        parameters.minMarkerPerimeterRate = 0.02
        # One window instead of three reads as many tags of these sizes in a third of the time.
        parameters.adaptiveThreshWinSizeMin = parameters.adaptiveThreshWinSizeMax = 13
        self._detector = cv2.aruco.ArucoDetector(DICTIONARY, parameters)

    def update(self, tracks: Tracks) -> None:
        """Read the badges of the people in the next frame."""
        time, ids = tracks.frame.time, tracks.people.tracker_id
        if ids is None or time < self._due:
            return
        self._due = time + _EVERY_S
        boxes = _widened(np.asarray(tracks.people.xyxy, np.float32), tracks.frame.image)
        unread = [box for box, n in zip(boxes, ids, strict=True) if not self.is_staff(int(n))]
        wearers = {_wearer(tag, boxes) for box in unread for tag in self._tags(tracks, box)}
        for row in wearers:
            person = int(ids[row])
            self._read[person] = self._read.get(person, 0) + 1
        self._seen |= dict.fromkeys(map(int, ids), time)
        for number in [n for n, last in self._seen.items() if time - last > _FORGET_S]:
            del self._seen[number]
            self._read.pop(number, None)

    def is_staff(self, person: int) -> bool:
        """Check whether a person's track has shown the badge."""
        return self._read.get(person, 0) >= _LEAST_READ

    def _tags(self, tracks: Tracks, box: NDArray[np.int64]) -> list[NDArray[np.float64]]:
        """Read the tags in a part of the picture; returns their middles in pixels."""
        left, top, right, bottom = box
        part = tracks.frame.image[top:bottom, left:right]
        if not part.size:
            return []
        scale = _ENLARGED if bottom - top < _SMALL_PX else 1
        grey = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY)
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        corners, ids, _ = self._detector.detectMarkers(grey)
        read = zip(corners, [] if ids is None else np.ravel(ids), strict=True)
        return [
            np.reshape(four, (4, 2)).mean(0) / scale + [left, top]
            for four, number in read
            if number == TAG
        ]


def _widened(boxes: NDArray[np.float32], image: Image) -> NDArray[np.int64]:
    """Widen people's boxes (N×4 pixels) to what they push and pull, within the picture."""
    height, width = image.shape[:2]
    beside = _BESIDE * (boxes[:, 2] - boxes[:, 0])
    wide = boxes + np.stack([-beside, 0 * beside, beside, 0 * beside], 1)
    return np.clip(wide, 0, [width, height, width, height]).astype(np.int64)


def _wearer(tag: NDArray[np.float64], boxes: NDArray[np.int64]) -> int:
    """Find the person whose box (one of N×4 pixels) holds a tag, nearest to its middle."""
    inside = (boxes[:, :2] <= tag).all(1) & (tag <= boxes[:, 2:]).all(1)
    apart = np.abs((boxes[:, 0] + boxes[:, 2]) / 2 - tag[0])
    return int(np.where(inside, apart, np.inf).argmin())
