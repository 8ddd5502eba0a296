"""Cut an article out of a photo of somebody who wears it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.errors import ModelError
from models.simulation.cutout import Cutout

#: Height of a cut-out article in pixels, at the most; no camera sees a garment larger.
_HEIGHT: Final = 220
#: Grey level of the ground that a cut-out article is shown on, as that of packshots.
_GROUND: Final = 240
#: Share of a picture that an article must fill.
_LEAST: Final = 0.0005


def cut_worn(image: Image, alpha: Image, sku: str, category: str) -> Cutout:
    """Cut an article out by its mask; holes that hands, hair or straps leave are filled.

    Args:
        image: uint8 H×W×3 BGR.
        alpha: uint8 H×W, 255 where the article is.
        sku: The article's id.
        category: A name of `models.taxonomy`.

    Raises:
        ModelError: The mask is all but empty.
    """
    ys, xs = np.nonzero(alpha > 127)
    if ys.size < max(16, _LEAST * alpha.size):
        raise ModelError(f"{sku}: the article was not found in its picture.")
    box = np.s_[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    part, mask = _shrink(image[box]), _shrink(alpha[box])
    holes = _holes(mask > 127)
    if holes.any():
        rim = cv2.dilate(holes.astype(np.uint8), np.ones((3, 3), np.uint8))
        part = np.asarray(cv2.inpaint(part, rim, 3, cv2.INPAINT_TELEA), np.uint8)
        mask = np.where(rim > 0, np.uint8(255), mask)
    return Cutout(np.ascontiguousarray(np.dstack([part, mask])), sku, category)


def show_on_ground(cutout: Cutout, margin: float = 0.03) -> Image:
    """Show a cut-out article on a light ground; uint8 H×W×3 BGR.

    Args:
        cutout: The article.
        margin: Ground left around it, as a share of its size.
    """
    height, width = cutout.image.shape[:2]
    y, x = round(margin * height), round(margin * width)
    shown = np.full((height + 2 * y, width + 2 * x, 3), _GROUND, np.uint8)
    alpha = cutout.image[..., 3:].astype(np.float32) / 255
    place = shown[y : y + height, x : x + width]
    place[:] = place + alpha * (cutout.image[..., :3].astype(np.float32) - place)
    return shown


def _shrink(image: Image) -> Image:
    scale = min(1.0, _HEIGHT / image.shape[0])
    size = [max(1, round(side * scale)) for side in image.shape[1::-1]]
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _holes(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Find what a mask encloses."""
    framed = np.pad(inside.astype(np.uint8), 1)
    cv2.floodFill(framed, None, (0, 0), 2)
    return np.asarray(framed[1:-1, 1:-1] == 0, bool)
