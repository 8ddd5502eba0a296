"""Photographed people, cut out of their photos to stand somewhere else."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image

Rng = np.random.Generator
Mask = NDArray[np.bool_]
#: Share of the dyed outfits that are black.
_BLACK = 0.35


class Photographed(Protocol):
    """What the compositor needs of a photographed person (see `models.training.data.Person`)."""

    @property
    def image(self) -> Image:
        """uint8 H×W×3 BGR."""

    @property
    def mask(self) -> Mask:
        """Bool H×W, the person."""

    @property
    def clothes(self) -> Mask:
        """Bool H×W, what of the person is worn."""

    @property
    def face(self) -> Mask:
        """Bool H×W, skin and glasses of the head."""

    @property
    def hair(self) -> Mask:
        """Bool H×W, the hair."""

    @property
    def wrists(self) -> NDArray[np.float32]:
        """K×2 pixels."""

    @property
    def others(self) -> NDArray[np.float32]:
        """N×4 pixels (left, top, right, bottom), who else is in the photo."""


def redress(person: Photographed, rng: Rng) -> Image:
    """Dye what somebody wears, as if it came in another colour; uint8 H×W×3 BGR of the photo.

    Black from neck to foot is dyed often: it hides where one garment ends, so that a detector
    takes the whole outfit for a single one that is carried.
    """
    black = rng.random() < _BLACK
    lightness = rng.uniform(0.02, 0.2) if black else rng.uniform(0.3, 1.25)
    dye = lightness * np.exp(rng.normal(0, 0.22, 3))
    dyed = person.image * (1 + _softly(person.clothes) * (dye - 1))
    return np.asarray(np.clip(dyed, 0, 255), np.uint8)


def turn_away(photo: Image, person: Photographed, rng: Rng) -> Image:
    """Cover the face with hair, as if somebody was seen from behind.

    Nearly everybody is photographed from the front, and half of those who cross a gate walk
    away from its camera.

    Args:
        photo: uint8 H×W×3 BGR, the person's own or redressed.
        person: Who is in it; without hair the photo stays as it is.
        rng: Source of randomness.

    Returns:
        The photo, uint8 H×W×3 BGR.
    """
    if not person.hair.any():
        return photo
    colour = np.median(photo[person.hair], axis=0) + rng.normal(0, 6, photo.shape[:2])[..., None]
    covered = photo + _softly(person.face) * (colour - photo)
    return np.asarray(np.clip(covered, 0, 255), np.uint8)


def _softly(mask: Mask) -> NDArray[np.float32]:
    """Soften a mask's edge; float32 H×W×1, 0 to 1."""
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1)[..., None], np.float32)


def cut_person(
    person: Photographed, height: float, rng: Rng, photo: Image | None = None
) -> tuple[Image, NDArray[np.float64]]:
    """Cut a photographed person out, `height` pixels tall; returns BGRA and wrists (K×2).

    `photo` stands in for the person's own, uint8 H×W×3 BGR.
    """
    photo = person.image if photo is None else photo
    ys, xs = np.nonzero(person.mask)
    top, left = ys.min(), xs.min()
    rows, columns = slice(top, ys.max() + 1), slice(left, xs.max() + 1)
    alpha = cv2.GaussianBlur(person.mask[rows, columns].astype(np.uint8) * 255, (3, 3), 0)
    layer = np.dstack([photo[rows, columns], alpha])
    scale = np.array([rng.uniform(0.85, 1.15), 1.0]) * height / layer.shape[0]
    wrists = (person.wrists - [left, top]) * scale
    size = np.maximum(np.round(np.array(layer.shape[1::-1]) * scale), 2).astype(int)
    method = cv2.INTER_AREA if height < layer.shape[0] else cv2.INTER_LINEAR
    resized = np.asarray(cv2.resize(layer, [int(n) for n in size], interpolation=method), np.uint8)
    if rng.random() < 0.5:
        resized = np.ascontiguousarray(resized[:, ::-1])
        wrists = (wrists - [size[0] - 1, 0]) * [-1, 1]
    return resized, wrists


def guess_hands(width: int, height: float, rng: Rng) -> NDArray[np.float64]:
    """Place hands where most people's are, when no wrist was found."""
    y = height * rng.uniform(0.38, 0.52)
    return np.array([[width * rng.uniform(0.05, 0.3), y], [width * rng.uniform(0.7, 0.95), y]])
