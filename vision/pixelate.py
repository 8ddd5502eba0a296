"""Pixelate people in a picture before it leaves the process."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

#: Blocks across the longer side of a person.
_BLOCKS = 10
#: Their boxes are widened by this share of the sides.
_MARGIN = 0.12


def pixelate(image: NDArray[np.uint8], boxes: Iterable[NDArray[np.floating]]) -> NDArray[np.uint8]:
    """Return a copy in which every box (x1, y1, x2, y2 pixels), widened, is a coarse mosaic."""
    hidden = image.copy()
    height, width = image.shape[:2]
    for box in boxes:
        margin = (box[2:] - box[:2]) * _MARGIN
        low = np.clip(box[:2] - margin, 0, [width, height]).astype(int)
        high = np.clip(box[2:] + margin, 0, [width, height]).astype(int)
        part = hidden[low[1] : high[1], low[0] : high[0]]
        if not part.size:
            continue
        block = max(max(part.shape[:2]) / _BLOCKS, 1)
        size = (max(1, round(part.shape[1] / block)), max(1, round(part.shape[0] / block)))
        coarse = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        mosaic = cv2.resize(coarse, part.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        hidden[low[1] : high[1], low[0] : high[0]] = mosaic
    return hidden
