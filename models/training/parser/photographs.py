"""Make studio photos of street photos: another ground, another crop, other dyes."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.parsers.protocol import CLASSES
from models.training.parser.labels import IGNORED

Rng = np.random.Generator
Labels = NDArray[np.uint8]
#: Share of the photos that are set before a plain ground, and of those with dyed garments.
_STUDIO, _DYED = 0.65, 0.45
#: Share of the photos that show the whole person.
_WHOLE = 0.4


def plain_ground(height: int, width: int, rng: Rng) -> Image:
    """Draw a studio's ground: nearly white, grey or pale, lit from one side.

    Returns:
        uint8 H×W×3 BGR.
    """
    tone = rng.uniform(225, 255) if rng.random() < 0.7 else rng.uniform(120, 235)
    colour = tone + rng.normal(0, 4 if rng.random() < 0.8 else 18, 3)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    slope = rng.normal(0, 6, 2)
    shade = slope[0] * x + slope[1] * y + rng.uniform(-12, 0) * (x * x + y * y)
    if rng.random() < 0.3:  # the floor
        shade = shade + (y > rng.uniform(0.5, 0.95)) * rng.uniform(-25, 5)
    noise = rng.normal(0, rng.uniform(0, 2), (height, width, 1))
    return np.asarray(np.clip(colour + shade[..., None] + noise, 0, 255), np.uint8)


def to_studio(photo: Image, labels: Labels, rng: Rng) -> Image:
    """Set a person before a plain ground; uint8 H×W×3 BGR.

    Args:
        photo: uint8 H×W×3 BGR.
        labels: uint8 H×W, 0 where the ground is.
        rng: Source of randomness.
    """
    mask = (labels > 0).astype(np.uint8)
    person = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    alpha = cv2.GaussianBlur(person.astype(np.float32), (0, 0), 0.8)[..., None]
    height, width = photo.shape[:2]
    ground = plain_ground(height, width, rng).astype(np.float32)
    if rng.random() < 0.5:  # a soft shadow beside the person
        shift = np.array([[1, 0, rng.uniform(-15, 15)], [0, 1, rng.uniform(-3, 8)]])
        cast = cv2.warpAffine(person.astype(np.float32), shift, photo.shape[1::-1])
        ground *= 1 - rng.uniform(0.05, 0.3) * cv2.GaussianBlur(cast, (0, 0), 8)[..., None]
    return np.asarray(ground + alpha * (photo - ground), np.uint8)


def dye(photo: Image, labels: Labels, rng: Rng) -> Image:
    """Dye some garments, each in a colour of its own; uint8 H×W×3 BGR."""
    dyed = photo.astype(np.float32)
    for number in np.unique(labels):
        if number == IGNORED or number < 2 or rng.random() < 0.4:
            continue
        lightness = rng.uniform(0.25, 1.5)
        factor = lightness * np.exp(rng.normal(0, 0.3, 3))
        soft = cv2.GaussianBlur((labels == number).astype(np.float32), (0, 0), 1)[..., None]
        dyed *= 1 + soft * (factor - 1)
    return np.asarray(np.clip(dyed, 0, 255), np.uint8)


def cut_window(
    photo: Image,
    labels: Labels,
    window: tuple[float, float, float, float],
    size: tuple[int, int],
    mirrored: bool,
) -> tuple[Image, Labels]:
    """Cut a window out of a photo and its labels, stretched to a size.

    Args:
        photo: uint8 H×W×3 BGR; continued where the window leaves it.
        labels: uint8 H×W.
        window: Left, top, right, bottom in pixels; may leave the photo.
        size: Height and width of the result.
        mirrored: Left for right.
    """  # fmt: skip
    left, top, right, bottom = window
    height, width = size
    zoom_x, zoom_y = width / (right - left), height / (bottom - top)
    matrix = np.array([[zoom_x, 0, -left * zoom_x], [0, zoom_y, -top * zoom_y]])
    if mirrored:
        matrix = np.array([[-1.0, 0, width], [0, 1, 0]]) @ np.vstack([matrix, [0, 0, 1]])
    if zoom_y < 0.6:
        photo = np.asarray(cv2.GaussianBlur(photo, (0, 0), 0.35 / zoom_y), np.uint8)
    image = cv2.warpAffine(
        photo, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    moved = cv2.warpAffine(labels, matrix, (width, height), flags=cv2.INTER_NEAREST)
    return np.asarray(image, np.uint8), np.asarray(moved, np.uint8)


def random_window(labels: Labels, rng: Rng) -> tuple[float, float, float, float]:
    """Choose what a photographer would show of a person: all, or the upper or lower part.

    Args:
        labels: uint8 H×W with a person.
        rng: Source of randomness.

    Returns:
        Left, top, right, bottom in pixels.
    """
    ys, xs = np.nonzero(labels)
    top, bottom, left, right = ys.min(), ys.max() + 1, xs.min(), xs.max() + 1
    tall = bottom - top
    if rng.random() < _WHOLE:
        height = tall * rng.uniform(1.02, 1.4)
        middle_y = (top + bottom) / 2 + rng.uniform(-0.5, 0.5) * (height - tall)
    else:
        height = tall * rng.uniform(0.2, 0.75)
        middle_y = rng.uniform(top + 0.35 * height, bottom - 0.35 * height)
    width = height * rng.uniform(0.58, 1.0)
    spread = 0.25 * max(right - left, width)
    middle_x = (left + right) / 2 + rng.uniform(-0.5, 0.5) * spread
    return (
        middle_x - width / 2, middle_y - height / 2, middle_x + width / 2, middle_y + height / 2
    )  # fmt: skip


def photograph(
    photo: Image, labels: Labels, size: tuple[int, int], rng: Rng
) -> tuple[Image, Labels]:
    """Make a catalogue photo of a person.

    Args:
        photo: uint8 H×W×3 BGR.
        labels: uint8 H×W, numbers of `CLASSES` or `IGNORED`.
        size: Height and width of the result.
        rng: Source of randomness.
    """
    window = random_window(labels, rng)
    image, cut = cut_window(photo, labels, window, size, bool(rng.random() < 0.5))
    if rng.random() < _DYED:
        image = dye(image, cut, rng)
    if rng.random() < _STUDIO:
        image = to_studio(image, cut, rng)
    return image, cut


def develop(image: Image, rng: Rng) -> Image:
    """Change brightness, contrast, white balance and sharpness as cameras and shops do."""
    gain = np.exp(rng.normal(0, 0.12)) * np.exp(rng.normal(0, 0.04, 3))
    gamma = np.exp(rng.normal(0, 0.15))
    table = np.arange(256)[:, None] / 255
    table = np.clip(255 * np.clip(table, 0, 1) ** gamma * gain, 0, 255).astype(np.uint8)
    changed = cv2.LUT(image, table.reshape(256, 1, 3))
    if rng.random() < 0.15:
        changed = cv2.GaussianBlur(changed, (0, 0), rng.uniform(0.4, 1.2))
    if rng.random() < 0.08:
        changed = cv2.cvtColor(cv2.cvtColor(changed, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    return np.asarray(changed, np.uint8)


def share_of(labels: Labels, name: str) -> float:
    """Return the share of the pixels that are of a class."""
    return float((labels == CLASSES.index(name)).mean())
