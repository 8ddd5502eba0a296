"""The preview of a calibration page: its JPEG, and the boxes of detections."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration import Camera
from vision.detect import Detections
from vision.gate import foot_points

#: A preview is no wider than this, pixels.
_PREVIEW_PX: Final = 1280
_JPEG: Final = 80


def relative_boxes(detections: Detections, camera: Camera) -> list[dict[str, object]]:
    """List detections as relative boxes, with foot points in metres if the floor is calibrated."""
    height, width = detections.frame.image.shape[:2]
    size = np.array([width, height, width, height], float)
    people: list[dict[str, object]] = [
        {"kind": "person", "box": _rounded(box / size)} for box in detections.people.xyxy
    ]
    if camera.floor and people:
        feet = foot_points(detections.people.xyxy, width) / size[:2]
        metres = camera.floor.to_metres(feet, camera.lens)
        for person, place in zip(people, metres, strict=True):
            person["metres"] = _rounded(place)
    garments = detections.garments.xyxy
    return people + [{"kind": "garment", "box": _rounded(box / size)} for box in garments]


def encode_preview(image: NDArray[np.uint8]) -> bytes:
    """Encode a picture (uint8 H×W×3 BGR) as JPEG, scaled down to the width of a preview."""
    scale = min(1.0, _PREVIEW_PX / image.shape[1])
    if scale < 1:
        image = np.asarray(
            cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG])[1].tobytes()


def _rounded(numbers: NDArray[np.floating]) -> list[float]:
    return [round(float(n), 4) for n in numbers]
