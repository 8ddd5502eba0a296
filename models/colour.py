"""Measure the colour of a garment."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np

from common.image import Image
from models.simulation.cutout import garment_alpha

Lab = tuple[float, float, float]

_NEUTRAL_CHROMA: Final = 12.0


def dominant_lab(picture: Image) -> Lab:
    """Measure the colour of the article on a packshot.

    Args:
        picture: uint8 H×W×3 BGR.

    Returns:
        CIE L*a*b* (D65): the median over the article, or over the middle of the picture
        if the article cannot be segmented.
    """
    scale = min(1.0, 120 / max(picture.shape[:2]))
    resized = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = np.asarray(resized, np.uint8)
    inside = garment_alpha(small) > 200
    if inside.sum() < 0.01 * inside.size:
        inside = np.zeros(small.shape[:2], bool)
        inside[small.shape[0] // 4 : -small.shape[0] // 4, small.shape[1] // 4 :] = True
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)[inside]
    lightness, a, b = np.median(lab, axis=0)
    return round(float(lightness), 2), round(float(a), 2), round(float(b), 2)


def is_neutral(colour: Lab) -> bool:
    """Return whether a colour is neutral: black, white, grey, beige, navy."""
    lightness, a, b = colour
    chroma = math.hypot(a, b)
    beige = lightness > 60 and chroma < 22 and b > 0 and abs(a) < 10
    navy = lightness < 28 and chroma < 25
    return chroma < _NEUTRAL_CHROMA or beige or navy
