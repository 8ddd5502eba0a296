"""Drawn interiors: wall, skirting board, floor, furniture, light."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from common.image import Image
from models.simulation.drape import smooth_noise

Rng = np.random.Generator
#: Shares of the floors and walls that are photographed, where there are photos.
_REAL_FLOORS, _REAL_WALLS = 0.6, 0.4
_TEXTURE_SIDE = 256


def draw_room(
    height: int,
    width: int,
    rng: Rng,
    horizon: float | None = None,
    surface: Callable[[Rng], Image] | None = None,
) -> Image:
    """Draw an empty shop corner as a wall camera sees it.

    Args:
        height: Rows in pixels.
        width: Columns in pixels.
        rng: Source of all randomness.
        horizon: Where wall meets floor as a share of the height; drawn when not given.
        surface: Gives a photographed patch of some floor, wall or cloth, uint8 h×w×3 BGR.

    Returns:
        uint8 H×W×3 BGR.
    """
    line = int(height * (horizon if horizon is not None else rng.uniform(0.2, 0.75)))
    canvas = np.empty((height, width, 3), np.float32)
    wall = rng.uniform(60, 245) * (1 + rng.uniform(-0.12, 0.12, 3))
    canvas[:line] = wall
    if surface and rng.random() < _REAL_WALLS:
        canvas[:line] = cv2.resize(_texture(surface(rng), rng), (width, max(line, 1)))
    if surface and rng.random() < _REAL_FLOORS:
        floor = _texture(surface(rng), rng)
    else:
        floor = _made_floor(rng)
    canvas[line:] = _lay_floor(floor, height - line, width, rng)
    _furnish(canvas, line, rng)
    skirting = max(2, height // 50)
    canvas[line : line + skirting] = wall * rng.uniform(0.4, 1.1)
    glow = smooth_noise(rng, width, 1.5)[None] + smooth_noise(rng, height, 1.0)[:, None]
    canvas *= (1 + 0.1 * glow)[..., None]
    return np.clip(canvas, 0, 255).astype(np.uint8)


def _texture(patch: Image, rng: Rng) -> np.ndarray:
    """Extend a patch by mirroring; float32 square."""
    times = int(rng.integers(1, 4))
    side = _TEXTURE_SIDE // times + 1
    one = cv2.resize(patch, (side, side), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        one = np.swapaxes(one, 0, 1)
    rest = max(_TEXTURE_SIDE - side, 0)
    whole = cv2.copyMakeBorder(one, 0, rest, 0, rest, cv2.BORDER_REFLECT)
    return np.asarray(whole[:_TEXTURE_SIDE, :_TEXTURE_SIDE], np.float32)


def _made_floor(rng: Rng) -> np.ndarray:
    """Draw planks, tiles or carpet; float32 square."""
    base = np.array([90, 130, 175]) * rng.uniform(0.4, 1.2) + rng.uniform(-25, 25, 3)
    if rng.random() < 0.4:
        base = np.full(3, rng.uniform(70, 220)) + rng.uniform(-10, 10, 3)
    side, boards = _TEXTURE_SIDE, int(rng.integers(8, 26))
    texture = np.empty((side, side, 3), np.float32)
    tones = rng.normal(1, rng.uniform(0.01, 0.1), boards)
    column = (np.arange(side) * boards // side).clip(0, boards - 1)
    texture[:] = base * tones[column][None, :, None]
    gaps = (np.arange(side) * boards % side) < boards
    texture[:, gaps] *= 0.75
    if rng.random() < 0.35:
        texture[(np.arange(side) * boards % side) < boards] *= 0.75
    texture += cv2.GaussianBlur(rng.standard_normal((side, side), np.float32), (0, 0), 1)[
        ..., None
    ] * rng.uniform(2, 10)
    return texture


def _lay_floor(texture: np.ndarray, height: int, width: int, rng: Rng) -> np.ndarray:
    """Lay a floor in perspective towards a vanishing point."""
    side = texture.shape[0]
    middle, spread = rng.uniform(0, width), rng.uniform(1.2, 4) * width
    source = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    target = np.array(
        [
            [middle - width, 0],
            [middle + width, 0],
            [middle + spread, height],
            [middle - spread, height],
        ],
        np.float32,
    )
    matrix = cv2.getPerspectiveTransform(source, target)
    size = (width, max(height, 1))
    return np.asarray(cv2.warpPerspective(texture, matrix, size, borderMode=cv2.BORDER_REFLECT))


def _furnish(canvas: np.ndarray, line: int, rng: Rng) -> None:
    """Draw shelves, doors, pillars and racks of hanging clothes against the wall."""
    height, width = canvas.shape[:2]
    for _ in range(int(rng.integers(0, 5))):
        x, w = int(rng.integers(0, width)), int(rng.uniform(0.04, 0.3) * width)
        top, bottom = int(rng.uniform(0, 0.7) * line), line + int(rng.uniform(-0.1, 0.15) * height)
        colour = rng.uniform(20, 240) * (1 + rng.uniform(-0.25, 0.25, 3))
        cv2.rectangle(canvas, (x, top), (x + w, bottom), [float(c) for c in colour], -1)
        if rng.random() < 0.4:  # a rack: clothes nobody carries
            for k in range(x, x + w, max(3, w // 9)):
                cloth = [float(c) for c in rng.uniform(15, 235, 3)]
                low = top + int((bottom - top) * rng.uniform(0.5, 0.95))
                cv2.rectangle(canvas, (k, top + 3), (k + max(2, w // 11), low), cloth, -1)
    if rng.random() < 0.4:
        centre = (int(rng.integers(0, width)), line + int(rng.uniform(-0.1, 0.4) * height))
        axes = (int(width * rng.uniform(0.05, 0.14)), int(height * rng.uniform(0.02, 0.07)))
        tone = [float(c) for c in rng.uniform(80, 240, 3)]
        cv2.line(canvas, centre, (centre[0], centre[1] + height // 3), tone, max(2, width // 70))
        cv2.ellipse(canvas, centre, axes, 0, 0, 360, tone, -1, cv2.LINE_AA)
