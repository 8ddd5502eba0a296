"""Preprocess pictures for embedder and parser, in training and at run time."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image


def stretch(crop: Image, height: int, width: int) -> Image:
    """Stretch a BGR crop to the embedder's input; uint8 height×width×3 RGB."""
    shrinks = crop.shape[0] > height or crop.shape[1] > width
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = cv2.resize(crop, (width, height), interpolation=method)
    return np.ascontiguousarray(resized[..., ::-1], np.uint8)


def stretch_all(crops: Sequence[Image], height: int, width: int) -> NDArray[np.float32]:
    """Stretch crops into a batch; float32 N×3×height×width RGB in 0…255."""
    batch = np.empty((len(crops), 3, height, width), np.float32)
    for row, crop in enumerate(crops):
        batch[row] = stretch(crop, height, width).transpose(2, 0, 1)
    return batch
