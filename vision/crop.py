"""Crops of single garments from frames."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.embedders.protocol import GarmentFeatures


@dataclass(frozen=True)
class Crop:
    """A garment in one frame, with the quality of its view.

    Attributes:
        time: Seconds on the source's clock.
        quality: 0…1.
        image: uint8 H×W×3 BGR; empty in a recording, which holds no picture.
        described: Its embeddings, where a recording holds them.
    """

    time: float
    quality: float
    image: Image
    described: GarmentFeatures | None = None


def cut_crop(image: Image, box: NDArray[np.float32]) -> Image:
    """Crop a bounding box (x1, y1, x2, y2 pixels); empty where it is under 8 pixels."""
    left, top = (max(int(n), 0) for n in np.floor(box[:2]))
    right, bottom = (int(n) for n in np.ceil(box[2:]))
    crop = image[top:bottom, left:right]
    return np.asarray(crop if min(crop.shape[:2]) >= 8 else crop[:0, :0], np.uint8)


def crop_detail(crop: Image) -> float:
    """Rate a crop's size and sharpness in one factor of about 0.2 to 1; 0 for an empty one."""
    if not crop.size:
        return 0.0
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    sharp = float(cv2.Laplacian(grey, cv2.CV_32F).std())
    size = min(1.0, min(crop.shape[:2]) / 80)
    return float(0.2 + 0.8 * size * np.sqrt(min(1.0, sharp / 20)))
