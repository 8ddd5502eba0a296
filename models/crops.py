"""Preprocess a crop for the embedder, in training and at run time."""

from __future__ import annotations

import cv2
import numpy as np

from common.image import Image


def stretch(crop: Image, height: int, width: int) -> Image:
    """Stretch a BGR crop to the embedder's input; uint8 height×width×3 RGB."""
    shrinks = crop.shape[0] > height or crop.shape[1] > width
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = cv2.resize(crop, (width, height), interpolation=method)
    return np.ascontiguousarray(resized[..., ::-1], np.uint8)
