"""Give pasted cloth the blur, grain and light of the place where it is pasted.

A packshot is sharper, cleaner and lit otherwise than the photo it is laid over, and a detector
learns that difference instead of the cloth: in checkout recognition, rendering products as the
place would show them was the largest effect of all (Wei et al. 2019, "RPC: A Large-Scale Retail
Product Checkout Dataset", table 4).
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image

Rng = np.random.Generator

#: Pixels around the pasted layer that still belong to its place.
_AROUND: Final = 24
#: Gaussian blurs that are tried, in pixels.
_BLURS: Final = (0.0, 0.5, 0.8, 1.1, 1.5)
_BLOCK: Final = 8
#: How far the cloth's white balance follows the place's.
_BALANCE: Final = 0.7
_DARK: Final = 90.0


def settle(layer: Image, canvas: Image, x: float, y: float, rng: Rng) -> Image:
    """Blur, grain and light a layer as the canvas is where it will lie.

    Args:
        layer: uint8 H×W×4 BGRA.
        canvas: uint8 H×W×3 BGR.
        x: Where the layer's left edge will be, pixels of the canvas.
        y: Where its top edge will be.
        rng: Source of randomness.

    Returns:
        The layer, uint8 H×W×4 BGRA. As it was where it lies outside the canvas.
    """
    place = _around(layer, canvas, x, y)
    if place is None:
        return layer
    blurred = _as_sharp_as(layer, _sharpness(place[..., 1]), rng)
    colours = blurred[..., :3] * _light(canvas)
    grain = _grain(place[..., 1]) * rng.uniform(0.6, 1.2)
    noise = rng.standard_normal(colours.shape[:2], np.float32)[..., None] * grain
    settled = blurred.copy()
    settled[..., :3] = np.clip(colours + noise, 0, 255)
    return settled


def _around(layer: Image, canvas: Image, x: float, y: float) -> Image | None:
    """Cut out of the canvas what the layer will cover and what surrounds it."""
    height, width = layer.shape[:2]
    left, top = max(0, int(x) - _AROUND), max(0, int(y) - _AROUND)
    right, bottom = max(0, int(x) + width + _AROUND), max(0, int(y) + height + _AROUND)
    place = canvas[top:bottom, left:right]
    return place if min(place.shape[:2]) >= 2 * _BLOCK else None


def _sharpness(grey: Image) -> float:
    """Compare the finest detail with the next finer; what texture is there cancels out."""
    fine = cv2.absdiff(grey, cv2.GaussianBlur(grey, (0, 0), 0.8))
    coarse = cv2.absdiff(grey, cv2.GaussianBlur(grey, (0, 0), 2.0))
    return float(fine.mean()) / (float(coarse.mean()) + 0.5)


def _as_sharp_as(layer: Image, sharpness: float, rng: Rng) -> Image:
    """Blur a layer, its outline included, until it is no sharper than its place."""
    wanted = sharpness * rng.uniform(0.9, 1.25)
    blurred = layer
    for sigma in _BLURS:
        if sigma:
            blurred = np.asarray(cv2.GaussianBlur(layer, (0, 0), sigma), np.uint8)
        if _sharpness(blurred[..., 1]) <= wanted:
            break
    return blurred


def _grain(grey: Image) -> float:
    """Estimate the noise's standard deviation from the plainest blocks of a place."""
    rows, columns = (n // _BLOCK * _BLOCK for n in grey.shape)
    fine = grey[:rows, :columns].astype(np.float32)
    fine -= cv2.GaussianBlur(fine, (0, 0), 1.0)
    blocks = fine.reshape(rows // _BLOCK, _BLOCK, columns // _BLOCK, _BLOCK)
    return float(np.percentile(blocks.std((1, 3)), 15)) * 1.25


def _light(canvas: Image) -> NDArray[np.float32]:
    """Return the factor by which the place's light changes each channel of a packshot."""
    means = np.asarray(cv2.mean(canvas)[:3], np.float32) + 1
    balance = (means / means.mean()) ** _BALANCE
    dim = min(1.0, float(means.mean()) / _DARK) ** 0.7
    return np.asarray(np.clip(balance, 0.7, 1.4) * max(dim, 0.3), np.float32)
