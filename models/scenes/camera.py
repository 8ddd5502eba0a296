"""What a shop camera does to a picture: light, lens, motion, noise, compression."""

from __future__ import annotations

import cv2
import numpy as np

from models.scenes.cutout import Image

Rng = np.random.Generator


def recolour(image: Image, rng: Rng, strength: float = 1.0) -> Image:
    """Apply random exposure, gamma and white balance.

    Args:
        image: uint8 H×W×3 or H×W×4 (alpha is kept).
        rng: Source of randomness.
        strength: 1 for a whole camera, less for one object's own light.
    """
    ramp = np.arange(256, dtype=np.float32) / 255
    gamma = np.exp(rng.normal(0, 0.2 * strength))
    gain = np.exp(rng.normal(-0.05 * strength, 0.17 * strength))
    balance = np.exp(rng.normal(0, 0.06 * strength, 3))
    lift = rng.uniform(0, 18) * strength * (rng.random() < 0.4)
    result = image.copy()
    for channel in range(3):
        curve = ramp**gamma * gain * balance[channel] * (255 - lift) + lift
        result[..., channel] = cv2.LUT(image[..., channel], np.clip(curve, 0, 255).astype(np.uint8))
    return result


def _blur(image: Image, rng: Rng) -> Image:
    kind = rng.random()
    if kind < 0.25:
        size = int(rng.integers(2, 8))
        kernel = np.zeros((size, size), np.float32)
        kernel[size // 2] = 1 / size
        turn = cv2.getRotationMatrix2D((size / 2 - 0.5, size / 2 - 0.5), rng.uniform(0, 180), 1)
        kernel = np.asarray(cv2.warpAffine(kernel, turn, (size, size)), np.float32)
        return np.asarray(cv2.filter2D(image, -1, kernel / max(kernel.sum(), 1e-3)), np.uint8)
    if kind < 0.55:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.6)), np.uint8)
    return image


def film(image: Image, rng: Rng) -> Image:
    """Film a scene with a random camera: colour, blur, resolution, noise, JPEG.

    Args:
        image: uint8 H×W×3 BGR.
        rng: Source of randomness.

    Returns:
        uint8 H×W×3 BGR of the same size.
    """
    result = _blur(recolour(image, rng), rng)
    if rng.random() < 0.3:
        height, width = image.shape[:2]
        factor = rng.uniform(0.5, 0.9)
        small = cv2.resize(result, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        result = np.asarray(cv2.resize(small, (width, height)), np.uint8)
    if rng.random() < 0.7:
        noise = rng.standard_normal(result.shape[:2], np.float32)[..., None] * rng.uniform(1, 7)
        result = np.clip(result + noise, 0, 255).astype(np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 95))]
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", result, quality)[1], 1), np.uint8)
