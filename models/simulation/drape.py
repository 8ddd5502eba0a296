"""Deform a garment's cut-out into carried poses: hung, draped, folded.

Every way maps output pixels back to the packshot (`cv2.remap`). Two thirds of the
garments hang as a simulated sheet does (`models.simulation.cloth`). The rest are stiff, as
lined and starched ones are: a pinch where the hand holds, a squeeze, a fold line where an
arm bears them, and smooth random folds that both shift and shade the cloth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.simulation import cloth
from models.simulation.cutout import Cutout

Rng = np.random.Generator
Floats = NDArray[np.float32]

#: How a garment is carried.
POSES: Final = ("hanger", "hand", "forearm", "folded", "body")
_POSE_ODDS: Final = (0.25, 0.3, 0.2, 0.13, 0.12)
_SOFT: Final = 0.65
#: Directions from which each simulated sheet is seen.
_DIRECTIONS: Final = 6
_RING: Final = np.ones((5, 5), np.uint8)
#: 1 in the maps that are kept of a sheet, and the shade that is written as 1.
_ONE: Final = 65535
_BRIGHTEST: Final = 1.25


@dataclass(frozen=True)
class Draped:
    """A carried garment, ready to be laid over a picture.

    Attributes:
        image: uint8 H×W×4 BGRA.
        anchor: (x, y) in pixels of `image`: where the hand or forearm holds it.
        pose: One of `POSES`.
        source: The cut-out it was made of.
    """

    image: Image
    anchor: tuple[float, float]
    pose: str
    source: Cutout


def smooth_noise(rng: Rng, length: int, waves: float) -> Floats:
    """Return `length` values of smooth noise in about −1…1, with about `waves` swings."""
    knots = rng.uniform(-1, 1, max(3, int(waves * 2) + 2)).astype(np.float32)
    resized = cv2.resize(knots[None], (length, 1), interpolation=cv2.INTER_CUBIC)[0]
    return np.asarray(resized, np.float32)


def _sample(cutout: Cutout, x: Floats, y: Floats, shade: Floats) -> Image:
    """Sample a cut-out at source pixels and shade it; uint8 H×W×4 BGRA.

    Alpha is premultiplied meanwhile, so that no ground bleeds in.
    """
    work = cutout.premultiplied
    # Shrinking by remap alone would alias patterns into moiré.
    rows = y[y >= 0]
    span = float(rows.max() - rows.min()) if rows.size else 1.0
    shrink = max(span / x.shape[0], 1.0)
    if shrink > 1.3:
        work = np.asarray(cv2.GaussianBlur(work, (0, 0), 0.42 * shrink), np.float32)
    flat = cv2.remap(work, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    factor = np.asarray(255 * shade / np.maximum(flat[..., 3], 1), np.float32)
    factors = cv2.merge([factor, factor, factor, np.ones_like(factor)])
    return np.asarray(cv2.multiply(flat, factors, dtype=cv2.CV_8U), np.uint8)


def _folds(rng: Rng, height: int, width: int, strength: float) -> tuple[Floats, Floats]:
    """Draw vertical folds: a sideways shift in widths and a shading factor, each H×W."""
    lines = np.stack([smooth_noise(rng, width, rng.uniform(2, 6)) for _ in range(3)])
    field = np.asarray(cv2.resize(lines, (width, height), interpolation=cv2.INTER_CUBIC))
    grow = np.linspace(rng.uniform(0.2, 1), 1, height, dtype=np.float32)[:, None]
    field = field.astype(np.float32) * grow * strength
    slope = np.gradient(field, axis=1) * width / 12
    shade = 1 + np.clip(slope, -1.2, 1.2) * rng.uniform(0.1, 0.4)
    shade += smooth_noise(rng, height, 1.5)[:, None] * 0.06
    return field * 0.06, shade.astype(np.float32)


def _profile(rng: Rng, height: int, pinch: float) -> Floats:
    """Return a width factor per row: `pinch` at the top, opening to 1 further down."""
    v = np.linspace(0, 1, height, dtype=np.float32)
    opening = np.clip(v / rng.uniform(0.15, 0.5), 0, 1)
    opening = opening * opening * (3 - 2 * opening)
    tail = 1 - rng.uniform(0, 0.25) * v
    return np.asarray((pinch + (1 - pinch) * opening) * tail, np.float32)


def _span(pose: str, rng: Rng) -> tuple[float, float, float, float]:
    """Pick the part of the packshot a pose shows: (left, right, first row, last row), 0…1.

    A first row below the last shows the cloth upside down, as over an arm.
    """
    left, right, first, last = 0.0, 1.0, 0.0, 1.0
    if pose in ("forearm", "folded"):
        line = rng.uniform(0.25, 0.6)
        first, last = (line, 1.0) if rng.random() < 0.6 else (line + 0.1, 0.0)
    if pose == "folded" or (pose == "hand" and rng.random() < 0.2):
        left, right = (0.0, rng.uniform(0.45, 0.7)) if rng.random() < 0.5 else (0.35, 1.0)
    return left, right, first, last


def _squeeze(pose: str, rng: Rng) -> tuple[float, float]:
    """Pick the overall width factor and the pinch at the top of a pose."""
    if pose == "hand":
        return rng.uniform(0.35, 0.85), rng.uniform(0.1, 0.6)
    if pose == "hanger":
        return rng.uniform(0.4, 1.0), rng.uniform(0.5, 1.0)
    if pose == "forearm":
        return rng.uniform(0.5, 1.0), rng.uniform(0.75, 1.0)
    return rng.uniform(0.6, 1.0), rng.uniform(0.7, 1.0)


def drape(
    cutout: Cutout, length_px: float, rng: Rng, pose: str | None = None, soft: bool | None = None
) -> Draped:
    """Carry a garment.

    Args:
        cutout: The garment.
        length_px: Its full length from shoulder or waistband to hem.
        rng: Source of all randomness.
        pose: One of `POSES`; drawn when not given.
        soft: Whether it falls in folds or keeps its shape; drawn when not given.

    Returns:
        The garment as it hangs, its anchor at the hand or arm.
    """
    pose = pose or str(rng.choice(POSES, p=_POSE_ODDS))
    soft = rng.random() < _SOFT if soft is None else soft
    image, anchor = (_soft if soft else _stiff)(cutout, length_px, pose, rng)
    angle = rng.normal(0, (10 if soft else 25) if pose == "body" else 9)
    turned, anchor = turn(image, anchor, angle)
    return Draped(turned, anchor, pose, cutout)


def _soft(
    cutout: Cutout, length_px: float, pose: str, rng: Rng
) -> tuple[Image, tuple[float, float]]:
    """Hang a garment as one of the simulated sheets."""
    height, width = cutout.image.shape[:2]
    left, right = 0.0, 1.0
    if pose == "folded" or (pose == "hand" and rng.random() < 0.2):
        left, right = (0.0, rng.uniform(0.45, 0.7)) if rng.random() < 0.5 else (0.35, 1.0)
    hold = "forearm" if pose == "folded" else pose
    number = cloth.nearest(hold, width / height * (right - left), rng)
    view = int(rng.integers(_DIRECTIONS))
    seen = _seen(hold, number, view)
    full, grip = seen.maps.shape[:2], seen.grip
    factor = length_px / seen.scale
    size = (max(6, round(full[1] * factor)), max(6, round(full[0] * factor)))
    mirrored = rng.random() < 0.5  # in space; the garment itself is not mirrored
    maps = cv2.resize(cv2.flip(seen.maps, 1) if mirrored else seen.maps, size)
    u, v, shade, solid = cv2.split(np.multiply(maps, 1 / _ONE, dtype=np.float32))
    if mirrored:
        u, grip = 1 - u, (full[1] - 1 - grip[0], grip[1])
    x = np.float32(width - 1) * (left + np.float32(right - left) * u)
    y = np.float32(height - 1) * v
    outside = solid <= 0.5
    x[outside], y[outside] = -10, -10
    shade = 1 + np.float32(rng.uniform(0.4, 1.0)) * (_BRIGHTEST * shade - 1)
    return _sample(cutout, x, y, shade), (grip[0] * factor, grip[1] * factor)


@dataclass(frozen=True)
class _Seen:
    """A rendered sheet as it is kept: there are hundreds, and articles share them.

    Attributes:
        maps: uint16 H×W×4, of `_ONE`: u, v, shade of `_BRIGHTEST`, and `_ONE` where there is cloth.
        grip: (x, y) pixels where it is held.
        scale: Pixels to its length.
    """

    maps: NDArray[np.uint16]
    grip: tuple[float, float]
    scale: float


@cache
def _seen(hold: str, number: int, view: int) -> _Seen:
    """Render a sheet; beyond its edge the maps go on, or resizing would mix in the outside."""
    seen = cloth.seen(hold, number, view)
    outside = seen.u < 0
    parts = (seen.u, seen.v, seen.shade / np.float32(_BRIGHTEST))
    grown = [np.where(outside, cv2.dilate(part, _RING), part) for part in parts]
    maps = np.clip(cv2.merge([*grown, (~outside).astype(np.float32)]), 0, 1) * _ONE + 0.5
    return _Seen(maps.astype(np.uint16), seen.grip, seen.scale)


def _stiff(
    cutout: Cutout, length_px: float, pose: str, rng: Rng
) -> tuple[Image, tuple[float, float]]:
    """Warp a garment that keeps its shape."""
    rows, columns = cutout.image.shape[:2]
    left, right, first, last = _span(pose, rng)
    squeeze, pinch = _squeeze(pose, rng)
    height = max(12, round(length_px * abs(last - first)))
    full_width = length_px * columns / rows * (right - left)
    width = max(8, round(full_width * squeeze * 1.3))  # room for sway
    shift, shade = _folds(rng, height, width, rng.uniform(0.3, 1.0))
    sway = smooth_noise(rng, height, 1.2)[:, None] * rng.uniform(0, 0.08)
    u = (np.linspace(-0.65, 0.65, width, dtype=np.float32)[None] - sway) / _profile(
        rng, height, pinch
    )[:, None] + shift
    arch = np.float32(rng.uniform(0, 0.12)) if pose in ("forearm", "folded") else np.float32(0)
    v = np.linspace(0, 1, height, dtype=np.float32)[:, None] - arch * (2 * u) ** 2
    x = (left + (u + 0.5) * (right - left)) * (columns - 1)
    x = np.where(np.abs(u) > 0.5, -10, x)
    y = np.where(v < 0, -10, (first + v * (last - first)) * (rows - 1))
    y = np.broadcast_to(y, x.shape).astype(np.float32)
    return _sample(cutout, x.astype(np.float32), y, shade), (width / 2, height * 0.04)


def turn(
    image: Image, anchor: tuple[float, float], degrees: float
) -> tuple[Image, tuple[float, float]]:
    """Rotate about the anchor on a canvas large enough; returns the picture and new anchor."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D(anchor, degrees, 1)
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]]) @ matrix.T
    low, high = corners.min(0), corners.max(0)
    matrix[:, 2] -= low
    size = tuple(int(n) + 1 for n in high - low)
    turned = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderValue=0)
    x, y = matrix @ np.array([*anchor, 1.0])
    return np.asarray(turned, np.uint8), (float(x), float(y))


def lay(canvas: Image, layer: Image, x: float, y: float) -> NDArray[np.bool_]:
    """Alpha-blend a BGRA layer onto a BGR canvas in place, its top left corner at (x, y).

    Returns:
        bool H×W of the canvas: the pixels the layer now covers.
    """
    covered = np.zeros(canvas.shape[:2], bool)
    x0, y0 = round(x), round(y)
    left, top = max(x0, 0), max(y0, 0)
    right = min(x0 + layer.shape[1], canvas.shape[1])
    bottom = min(y0 + layer.shape[0], canvas.shape[0])
    if right <= left or bottom <= top:
        return covered
    part = layer[top - y0 : bottom - y0, left - x0 : right - x0]
    colour, alpha = cv2.cvtColor(part, cv2.COLOR_BGRA2BGR), part[..., 3]
    opacity = cv2.merge([alpha, alpha, alpha])
    spot = canvas[top:bottom, left:right]
    over = cv2.multiply(colour, opacity, scale=1 / 255)
    under = cv2.multiply(np.ascontiguousarray(spot), cv2.bitwise_not(opacity), scale=1 / 255)
    spot[:] = cv2.add(over, under)
    covered[top:bottom, left:right] = alpha > 127
    return covered
