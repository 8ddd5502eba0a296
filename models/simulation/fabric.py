"""Fabric of drawn garments: weave, pattern, shading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.simulation.drape import smooth_noise

Rng = np.random.Generator
Floats = NDArray[np.float32]
Colour = tuple[int, int, int]

PATTERNS: Final = (
    "plain",
    "stripes",
    "pinstripes",
    "check",
    "dots",
    "floral",
    "knit",
    "denim",
    "leather",
)


@dataclass(frozen=True)
class Fabric:
    """What a garment is made of: colours are BGR, `scale` is the pattern's size (1 is usual)."""

    pattern: str
    colour: Colour
    accent: Colour = (245, 245, 245)
    scale: float = 1.0


def _stripes(height: int, width: int, fabric: Fabric, upright: bool) -> Floats:
    period = (34 if not upright else 22) * fabric.scale
    line = np.arange(width if upright else height, dtype=np.float32) % period
    share = 0.14 if upright else 0.4
    mask = np.clip((period * share - line) * 0.8, 0, 1) * np.clip(line * 0.8, 0, 1)
    grid = mask[None].repeat(height, 0) if upright else mask[:, None].repeat(width, 1)
    return np.asarray(grid, np.float32)


def _check(height: int, width: int, fabric: Fabric) -> Floats:
    period = 56 * fabric.scale
    x = (np.arange(width) % period < period * 0.42).astype(np.float32)[None]
    y = (np.arange(height) % period < period * 0.42).astype(np.float32)[:, None]
    thin_x = (np.arange(width) % period > period * 0.9).astype(np.float32)[None]
    thin_y = (np.arange(height) % period > period * 0.9).astype(np.float32)[:, None]
    return np.asarray(np.clip(0.38 * (x + y) + 0.3 * (thin_x + thin_y), 0, 1), np.float32)


def _dots(height: int, width: int, fabric: Fabric) -> Floats:
    step = 40 * fabric.scale
    mask = np.zeros((height, width), np.float32)
    for row in range(int(height / step) + 2):
        for column in range(int(width / step) + 2):
            x = (column + 0.5 * (row % 2)) * step
            cv2.circle(
                mask, (round(x), round(row * step)), max(2, round(step * 0.2)), 1.0, -1, cv2.LINE_AA
            )
    return mask


def _floral(height: int, width: int, fabric: Fabric, rng: Rng) -> Floats:
    mask = np.zeros((height, width), np.float32)
    size = 24 * fabric.scale
    for _ in range(int(height * width / (size * size * 6.5))):
        x, y, turn = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0, np.pi)
        radius = size * rng.uniform(0.5, 1.0)
        for petal in range(5):
            angle = turn + petal * 2 * np.pi / 5
            spot = (
                round(x + np.cos(angle) * radius * 0.5),
                round(y + np.sin(angle) * radius * 0.5),
            )
            cv2.circle(mask, spot, max(2, round(radius * 0.36)), 0.9, -1, cv2.LINE_AA)
        cv2.circle(mask, (round(x), round(y)), max(1, round(radius * 0.2)), 0.25, -1, cv2.LINE_AA)
    return mask


def weave(height: int, width: int, fabric: Fabric, rng: Rng) -> Floats:
    """Draw flat cloth.

    Args:
        height: Rows in pixels.
        width: Columns in pixels.
        fabric: What to weave.
        rng: Source of randomness.

    Returns:
        float32 H×W×3 BGR in 0…255, unlit.
    """
    masks = {
        "stripes": lambda: _stripes(height, width, fabric, upright=False),
        "pinstripes": lambda: _stripes(height, width, fabric, upright=True),
        "check": lambda: _check(height, width, fabric),
        "dots": lambda: _dots(height, width, fabric),
        "floral": lambda: _floral(height, width, fabric, rng),
    }
    cloth = np.empty((height, width, 3), np.float32)
    cloth[:] = fabric.colour
    if fabric.pattern in masks:
        mask = masks[fabric.pattern]()[..., None]
        cloth = cloth * (1 - mask) + np.array(fabric.accent, np.float32) * mask
    grain = rng.standard_normal((height, width), np.float32)
    if fabric.pattern == "knit":
        ribs = np.sin(np.arange(width, dtype=np.float32) * 2 * np.pi / (11 * fabric.scale))
        grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), 2) * 4 + ribs[None] * 9, np.float32)
    elif fabric.pattern == "denim":
        twill = np.add.outer(np.arange(height), np.arange(width)) % 6 < 2
        grain = grain * 7 + twill * 8
    else:
        grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), 1.2) * 4, np.float32)
    return np.asarray(cloth + grain[..., None], np.float32)


def light(mask: NDArray[np.uint8], fabric: Fabric, rng: Rng) -> Floats:
    """Shade cloth: round towards its rim, soft folds from top to bottom.

    Args:
        mask: uint8 H×W, 255 inside the piece.
        fabric: Its fabric; leather shines.
        rng: Source of randomness.

    Returns:
        float32 H×W factor of brightness.
    """
    height, width = mask.shape
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    edge = 1 - np.exp(-depth / max(6.0, width * 0.018))
    folds = np.stack([smooth_noise(rng, width, 5) for _ in range(4)])
    field = cv2.resize(folds, (width, height), interpolation=cv2.INTER_CUBIC)
    slope = np.gradient(cv2.GaussianBlur(field, (0, 0), 6), axis=1) * width / 40
    strength = 0.3 if fabric.pattern == "leather" else 0.13
    shade = 0.8 + 0.2 * edge + strength * np.clip(slope, -1, 1)
    shade *= np.linspace(1.05, 0.94, height, dtype=np.float32)[:, None]
    return np.asarray(shade, np.float32)


def around(mask: NDArray[np.uint8]) -> tuple[slice, slice]:
    """Return the bounding rows and columns of a mask; empty slices for an empty mask."""
    x, y, width, height = cv2.boundingRect(mask)
    return slice(y, y + height), slice(x, x + width)


def cover(canvas: Floats, cloth: Floats, mask: NDArray[np.uint8]) -> None:
    """Lay cloth over a canvas, in place.

    Args:
        canvas: float32 H×W×4 BGRA in 0…255, or the part of one that `around` frames.
        cloth: float32 H×W×3 BGR in 0…255, lit.
        mask: uint8 H×W, 255 where the cloth covers the canvas.
    """
    alpha = mask[..., None].astype(np.float32) / 255
    canvas[..., :3] = cloth * alpha + canvas[..., :3] * (1 - alpha)
    canvas[..., 3:] = np.maximum(canvas[..., 3:], alpha * 255)
