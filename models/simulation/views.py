"""Simulated crops of one carried garment: the embedder's training data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from common.image import Image
from models.simulation.camera import film, recolour
from models.simulation.cutout import Cutout, cut_out
from models.simulation.drape import drape, lay

Rng = np.random.Generator
#: Height of a packshot that views are made of, pixels; no camera sees a garment larger.
_HEIGHT = 220


@dataclass(frozen=True)
class View:
    """A crop of one carried garment.

    Attributes:
        image: uint8 H×W×3 BGR.
        visible: Share of the garment's surface in view that nothing covers, 0…1.
        pose: How it is carried.
    """

    image: Image
    visible: float
    pose: str


def cut_out_small(shot: Image, sku: str, category: str) -> Cutout:
    """Cut an article out at about the size it is seen at; arguments and errors of `cut_out`."""
    scale = min(1.0, _HEIGHT / shot.shape[0])
    small = cv2.resize(shot, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cut_out(np.asarray(small, np.uint8), sku, category)


def _backdrop(photo: Image, size: int, rng: Rng) -> Image:
    """Crop a random square of a background photo and scale it."""
    side = int(min(photo.shape[:2]) * rng.uniform(0.3, 0.9))
    y = int(rng.integers(photo.shape[0] - side + 1))
    x = int(rng.integers(photo.shape[1] - side + 1))
    return np.asarray(cv2.resize(photo[y : y + side, x : x + side], (size, size)), np.uint8)


def draw_arm(
    canvas: Image, elbow: tuple[float, float], hand: tuple[float, float], width: float, rng: Rng
) -> None:
    """Draw a sleeve or bare forearm with its hand over the canvas, in place."""
    skin = np.array([105, 140, 190]) * rng.uniform(0.35, 1.25)
    sleeve = skin if rng.random() < 0.4 else rng.integers(10, 240, 3)
    ends = [tuple(round(n) for n in point) for point in (elbow, hand)]
    thick = max(2, round(width))
    cv2.line(canvas, ends[0], ends[1], [float(n) for n in sleeve], thick, cv2.LINE_AA)
    cv2.circle(
        canvas, ends[1], max(2, round(width * 0.6)), [float(n) for n in skin], -1, cv2.LINE_AA
    )


def carried(
    cutout: Cutout,
    photo: Image,
    rng: Rng,
    other: Callable[[], Cutout | None] | None = None,
    track: int | None = None,
) -> View:
    """Simulate a detector's crop of a carried garment.

    Args:
        cutout: The garment.
        photo: uint8 H×W×3 BGR, any picture to stand behind it.
        rng: Source of all randomness.
        other: Gives another garment, carried with this one, when one is wanted.
        track: Views of one number are of one track_rng: drape, light and quality of the
            camera are the same, distance, ground, noise and what covers it are not.

    Returns:
        The crop and how much of the garment it shows.
    """
    track_rng = np.random.default_rng(int(rng.integers(2**62)) if track is None else track)
    hardness = track_rng.uniform(0.15, 1)
    length = float(np.exp(track_rng.uniform(np.log(75), np.log(300))))
    if track is not None:
        length *= rng.uniform(0.75, 1.3)
    draped = drape(cutout, length, track_rng)
    lit = recolour(draped.image, track_rng, 0.5 * hardness)
    height, width = lit.shape[:2]
    size = int(max(height, width) * 1.15) + 12
    canvas = _backdrop(photo, size, rng)
    x, y = (size - width) / 2, (size - height) / 2
    neighbours = [n for n in ([other()] if other and rng.random() < 0.4 else []) if n]
    behind = rng.random() < 0.5
    for neighbour in neighbours if behind else []:
        _lay_neighbour(canvas, neighbour, length, (x, y, width), rng)
    covered = lay(canvas, lit, x, y)
    whole = int(np.count_nonzero(covered))
    for neighbour in [] if behind else neighbours:
        covered &= ~_lay_neighbour(canvas, neighbour, length, (x, y, width), rng)
    if rng.random() < 0.35:
        hand = (x + draped.anchor[0], y + draped.anchor[1])
        reach = length * rng.uniform(0.15, 0.4)
        elbow = (hand[0] + reach * rng.uniform(-1, 1), hand[1] - reach * rng.uniform(-0.1, 1))
        before = canvas.copy()
        draw_arm(canvas, elbow, hand, length * rng.uniform(0.05, 0.12), rng)
        changed = cv2.absdiff(before, canvas)
        covered &= cv2.inRange(changed, (0, 0, 0), (0, 0, 0)) > 0
    visible = int(np.count_nonzero(covered)) / max(whole, 1)
    return View(film(_crop(canvas, covered, rng), rng, hardness, track_rng), visible, draped.pose)


def _lay_neighbour(
    canvas: Image, neighbour: Cutout, length: float, spot: tuple[float, float, float], rng: Rng
) -> np.ndarray:
    draped = drape(neighbour, length * rng.uniform(0.7, 1.3), rng)
    x, y, width = spot
    side = rng.choice([-1, 1]) * rng.uniform(0.35, 0.9) * width
    return lay(canvas, draped.image, x + side, y + rng.uniform(-0.1, 0.2) * length)


def _crop(image: Image, covered: np.ndarray, rng: Rng) -> Image:
    x, y, width, height = 0, 0, image.shape[1], image.shape[0]
    if np.count_nonzero(covered) >= 60:
        x, y, width, height = cv2.boundingRect(covered.view(np.uint8))
    box = np.array([x, y, x + width, y + height], float)
    size = np.array([box[2] - box[0], box[3] - box[1]] * 2)
    box += size * rng.normal(0.0, 0.05, 4) + size * np.array([-1, -1, 1, 1]) * 0.02
    left, top = np.clip(box[:2], 0, None).astype(int)
    right, bottom = np.minimum(box[2:].astype(int), [image.shape[1], image.shape[0]])
    return np.ascontiguousarray(image[top : max(bottom, top + 4), left : max(right, left + 4)])
