"""Scenes from pictures of a shop whose boxes people corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image, cut_window
from models.simulation.cutout import read_image
from models.training.detector.pool import Rendered

Floats = NDArray[np.float32]

#: Padding value of the detector's letterbox.
_GREY: Final = 114
#: Long side of the whole picture, as a multiple of the scene's side.
_SCALES: Final = (0.9, 1.6)
#: A box of which less than this share lies in the scene is not labelled.
_LEAST: Final = 0.3


@dataclass(frozen=True)
class Corrected:
    """A picture with true boxes.

    Attributes:
        path: Of the picture.
        boxes: float32 N×5: number of the class, then x1, y1, x2, y2 in pixels.
    """

    path: Path
    boxes: Floats


def corrected_scene(pictures: Sequence[Corrected], size: int, rng: np.random.Generator) -> Rendered:
    """Cut a scene out of a picture, enlarged or reduced, around a box if there is one.

    People have boxes, too: they are learned from the truth, not from the teacher.

    Args:
        pictures: Corrected pictures.
        size: Side of the scene in pixels.
        rng: Source of randomness.
    """
    one = pictures[int(rng.integers(len(pictures)))]
    image = read_image(one.path)
    scale = size * rng.uniform(*_SCALES) / max(image.shape[:2])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=method), np.uint8)
    boxes = one.boxes.copy()
    boxes[:, 1:] *= scale
    left, top = _corner(scaled, boxes, size, rng)
    return Rendered(
        cut_window(scaled, left, top, size, size, _GREY), _inside(boxes, left, top, size)
    )


def _corner(image: Image, boxes: Floats, size: int, rng: np.random.Generator) -> tuple[int, int]:
    """Choose where the scene begins in the picture; negative where the picture is smaller."""
    height, width = image.shape[:2]
    if len(boxes):
        box = boxes[int(rng.integers(len(boxes))), 1:]
        middle = (box[:2] + box[2:]) / 2 + rng.uniform(-size / 3, size / 3, 2)
    else:
        middle = rng.uniform(0, 1, 2) * (width, height)
    corner = [round(float(m) - size / 2) for m in middle]
    free = (width - size, height - size)
    return tuple(  # type: ignore[return-value]
        int(rng.integers(space, 1)) if space < 0 else min(max(at, 0), space)
        for at, space in zip(corner, free, strict=True)
    )


def _inside(boxes: Floats, left: int, top: int, size: int) -> Floats:
    """Move boxes into the scene, cut to it; those that lie mostly outside are left out."""
    moved = boxes - np.array([0, left, top, left, top], np.float32)
    cut = moved.copy()
    cut[:, 1:] = np.clip(moved[:, 1:], 0, size)
    share = _areas(cut) / np.maximum(_areas(moved), 1e-6)
    return np.asarray(cut[share >= _LEAST], np.float32)


def _areas(boxes: Floats) -> Floats:
    return np.asarray((boxes[:, 3] - boxes[:, 1]) * (boxes[:, 4] - boxes[:, 2]), np.float32)
