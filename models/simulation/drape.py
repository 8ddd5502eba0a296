"""Deform a garment's cut-out into carried poses: hung, draped, folded.

Every way maps output pixels back to the packshot (`cv2.remap`). Two thirds of the
garments hang as a simulated sheet does (`models.simulation.cloth`). The rest are stiff, as
lined and starched ones are: a pinch where the hand holds, a squeeze, a fold line where an
arm bears them, and smooth random folds that both shift and shade the cloth.
"""

from __future__ import annotations

from dataclasses import dataclass
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


def _sample(image: Image, x: Floats, y: Floats) -> Floats:
    """Sample BGRA at source pixels, alpha premultiplied so that no ground bleeds in."""
    work = image.astype(np.float32)
    work[..., :3] *= work[..., 3:] / 255
    # Shrinking by remap alone would alias patterns into moiré.
    rows = y[y >= 0]
    span = float(rows.max() - rows.min()) if rows.size else 1.0
    shrink = max(span / x.shape[0], 1.0)
    if shrink > 1.3:
        work = np.asarray(cv2.GaussianBlur(work, (0, 0), 0.42 * shrink), np.float32)
    sampled = cv2.remap(work, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    flat = np.asarray(sampled, np.float32)
    flat[..., :3] /= np.maximum(flat[..., 3:], 1) / 255
    return flat


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
    image, anchor = (_soft if soft else _stiff)(cutout.image, length_px, pose, rng)
    angle = rng.normal(0, (10 if soft else 25) if pose == "body" else 9)
    turned, anchor = turn(image, anchor, angle)
    return Draped(turned, anchor, pose, cutout)


def _soft(image: Image, length_px: float, pose: str, rng: Rng) -> tuple[Image, tuple[float, float]]:
    """Hang a garment as one of the simulated sheets."""
    left, right = 0.0, 1.0
    if pose == "folded" or (pose == "hand" and rng.random() < 0.2):
        left, right = (0.0, rng.uniform(0.45, 0.7)) if rng.random() < 0.5 else (0.35, 1.0)
    hold = "forearm" if pose == "folded" else pose
    number = cloth.nearest(hold, image.shape[1] / image.shape[0] * (right - left), rng)
    seen = cloth.seen(hold, number, int(rng.integers(_DIRECTIONS)))
    u, v, shade, grip = seen.u, seen.v, seen.shade, seen.grip
    if rng.random() < 0.5:  # the other way round in space; the garment itself is not mirrored
        u, v, shade = (np.ascontiguousarray(part[:, ::-1]) for part in (u, v, shade))
        u = np.asarray(np.where(u < 0, u, 1 - u), np.float32)
        grip = (u.shape[1] - 1 - grip[0], grip[1])
    factor = length_px / seen.scale
    size = (max(6, round(u.shape[1] * factor)), max(6, round(u.shape[0] * factor)))
    solid = np.asarray(cv2.resize((u >= 0).astype(np.float32), size)) > 0.5
    # Beyond its edge the map goes on as at the edge, or resizing would mix in the outside.
    outside = u < 0
    u, v, shade = (
        np.asarray(cv2.resize(np.where(outside, cv2.dilate(part, _RING), part), size), np.float32)
        for part in (u, v, shade)
    )
    x = np.where(solid, (left + u * (right - left)) * (image.shape[1] - 1), -10)
    y = np.where(solid, v * (image.shape[0] - 1), -10)
    flat = _sample(image, x.astype(np.float32), y.astype(np.float32))
    flat[..., :3] *= (1 + rng.uniform(0.4, 1.0) * (shade - 1))[..., None]
    return np.clip(flat, 0, 255).astype(np.uint8), (grip[0] * factor, grip[1] * factor)


def _stiff(
    image: Image, length_px: float, pose: str, rng: Rng
) -> tuple[Image, tuple[float, float]]:
    """Warp a garment that keeps its shape."""
    left, right, first, last = _span(pose, rng)
    squeeze, pinch = _squeeze(pose, rng)
    height = max(12, round(length_px * abs(last - first)))
    full_width = length_px * image.shape[1] / image.shape[0] * (right - left)
    width = max(8, round(full_width * squeeze * 1.3))  # room for sway
    shift, shade = _folds(rng, height, width, rng.uniform(0.3, 1.0))
    sway = smooth_noise(rng, height, 1.2)[:, None] * rng.uniform(0, 0.08)
    u = (np.linspace(-0.65, 0.65, width, dtype=np.float32)[None] - sway) / _profile(
        rng, height, pinch
    )[:, None] + shift
    arch = np.float32(rng.uniform(0, 0.12)) if pose in ("forearm", "folded") else np.float32(0)
    v = np.linspace(0, 1, height, dtype=np.float32)[:, None] - arch * (2 * u) ** 2
    x = (left + (u + 0.5) * (right - left)) * (image.shape[1] - 1)
    x = np.where(np.abs(u) > 0.5, -10, x)
    y = np.where(v < 0, -10, (first + v * (last - first)) * (image.shape[0] - 1))
    flat = _sample(image, x.astype(np.float32), np.broadcast_to(y, x.shape).astype(np.float32))
    flat[..., :3] *= shade[..., None]
    return np.clip(flat, 0, 255).astype(np.uint8), (width / 2, height * 0.04)


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
    alpha = part[..., 3:].astype(np.float32) / 255
    spot = canvas[top:bottom, left:right]
    spot[:] = (part[..., :3] * alpha + spot * (1 - alpha)).astype(np.uint8)
    covered[top:bottom, left:right] = part[..., 3] > 127
    return covered
