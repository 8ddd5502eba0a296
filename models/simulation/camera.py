"""Camera simulation: exposure, lens, motion blur, noise, compression."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image

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
    balance = np.exp(rng.normal(0, 0.045 * strength, 3))
    lift = rng.uniform(0, 18) * strength * (rng.random() < 0.4)
    curves = (ramp**gamma * gain)[:, None] * balance * (255 - lift) + lift
    table = np.clip(curves, 0, 255).astype(np.uint8)
    if image.shape[2] == 4:
        table = np.column_stack([table, np.arange(256, dtype=np.uint8)])
    return np.asarray(cv2.LUT(image, table[None]), np.uint8)


@dataclass(frozen=True)
class Lens:
    """Remapping of a distorted picture to the scene; float32 H×W each, in pixels."""

    x: NDArray[np.float32]
    y: NDArray[np.float32]

    def see(self, image: Image) -> Image:
        """Remap a scene or a mask (uint8, H×W or H×W×3) of the lens's size."""
        seen = cv2.remap(image, self.x, self.y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(seen, np.uint8)


def random_lens(size: int, rng: Rng) -> Lens:
    """Sample a camera between eye level and ceiling height, with lens distortion.

    From above, heads are near and feet are far: rows shrink towards the bottom. Barrel
    distortion is the first radial term of Brown's model.

    Args:
        size: Side of the square picture in pixels.
        rng: Source of randomness.
    """
    above = rng.uniform(0, 0.4)
    roll = rng.normal(0, 3)
    barrel = rng.uniform(0, 0.18)
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j].astype(np.float32)
    stretch = (1 + barrel * (x * x + y * y)) / (1 + 2 * barrel)
    x, y = x * stretch, y * stretch
    c, s = np.cos(np.radians(roll)) * 0.95, np.sin(np.radians(roll)) * 0.95
    x, y = c * x - s * y, s * x + c * y
    far = 1 / (1 - above * (y - 1) / 2)  # 1 at the bottom row, less towards the top
    x, y = x * far, 1 - (1 - y) * far * (1 + above) ** 0.5
    half = (size - 1) / 2
    return Lens(((x + 1) * half).astype(np.float32), ((y + 1) * half).astype(np.float32))


def _blur(image: Image, rng: Rng, hardness: float) -> Image:
    kind = rng.random()
    if kind < 0.25 * hardness:
        size = int(rng.integers(2, 8))
        kernel = np.zeros((size, size), np.float32)
        kernel[size // 2] = 1 / size
        turn = cv2.getRotationMatrix2D((size / 2 - 0.5, size / 2 - 0.5), rng.uniform(0, 180), 1)
        kernel = np.asarray(cv2.warpAffine(kernel, turn, (size, size)), np.float32)
        return np.asarray(cv2.filter2D(image, -1, kernel / max(kernel.sum(), 1e-3)), np.uint8)
    if kind < 0.55:
        sigma = rng.uniform(0.4, 0.7 + 0.9 * hardness)
        return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)
    return image


def film(image: Image, rng: Rng, hardness: float = 1.0, light: Rng | None = None) -> Image:
    """Film a scene with a random camera: colour, blur, resolution, noise, JPEG.

    Args:
        image: uint8 H×W×3 BGR.
        rng: Source of randomness.
        hardness: 1 for the worst cameras, towards 0 for good ones in good light.
        light: Draws exposure and white balance, where several pictures share them.

    Returns:
        uint8 H×W×3 BGR of the same size.
    """
    result = _blur(recolour(image, light or rng, hardness), rng, hardness)
    if rng.random() < 0.3:
        height, width = image.shape[:2]
        factor = rng.uniform(0.9 - 0.4 * hardness, 0.95)
        small = cv2.resize(result, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        result = np.asarray(cv2.resize(small, (width, height)), np.uint8)
    if rng.random() < 0.7:
        grain = rng.standard_normal(result.shape[:2], np.float32)
        grain *= np.float32(rng.uniform(1, 2 + 5 * hardness))
        noisy = cv2.add(result, cv2.merge([grain, grain, grain]), dtype=cv2.CV_8U)
        result = np.asarray(noisy, np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(75 - 40 * hardness, 95))]
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", result, quality)[1], 1), np.uint8)
