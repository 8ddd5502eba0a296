"""Other garments for people who were filmed: put into their empty hands afterwards.

People of a made-up clip neither turn nor stride. Those of a film do, but carry what they
carried; filled hands make many films of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.simulation.cutout import Cutout
from models.simulation.drape import Draped, drape, lay, turn
from models.taxonomy import LENGTHS

Rng = np.random.Generator
Boxes = NDArray[np.float64]

#: Where hands hang: from the box's left, of its width, and from its top, of the person's height.
_HANDS = ((0.16, 0.43), (0.84, 0.43))
#: Boxes are averaged over this many frames: a detector's boxes tremble, people do not.
_SMOOTH = 5
_SWING_DEGREES = 5.0
_SWING_FRAMES = 18.0
_EDGE_PX = 3


@dataclass(frozen=True)
class _Load:
    draped: Draped
    hand: tuple[float, float]
    phase: float


def follow(boxes: Sequence[NDArray[np.float32] | None]) -> Boxes:
    """Follow one person through a film.

    Args:
        boxes: (left, top, right, bottom) pixels a frame, None where they were not found.

    Returns:
        float64 N×4 pixels, smooth; gaps are bridged, and frames before the first and after
        the last detection are NaN.
    """
    smooth = np.full((len(boxes), 4), np.nan)
    seen = [n for n, box in enumerate(boxes) if box is not None]
    if not seen:
        return smooth
    first, last = seen[0], seen[-1]
    known = np.array([box for box in boxes if box is not None], float)
    kernel = np.full(_SMOOTH, 1 / _SMOOTH)
    for side in range(4):
        bridged = np.interp(np.arange(first, last + 1), seen, known[:, side])
        padded = np.pad(bridged, _SMOOTH // 2, "edge")
        smooth[first : last + 1, side] = np.convolve(padded, kernel, "valid")
    return smooth


def fill_hands(
    images: Sequence[Image], person: Boxes, garments: Sequence[Cutout], rng: Rng, soft: bool
) -> Iterator[Image]:
    """Put one or two garments beside a filmed person's hips, where arms hang.

    Args:
        images: uint8 H×W×3 BGR, the film.
        person: N×4 pixels as `follow` gives them.
        garments: One for each hand that carries.
        rng: Source of all randomness.
        soft: Whether they fall in folds or keep their shape (`models.simulation.drape`).

    Yields:
        Each picture, a new one where the person is in it.
    """
    height = _height(person, images[0].shape[0])
    hands = [_HANDS[n] for n in rng.permutation(2)[: len(garments)]]
    loads = []
    for garment, hand in zip(garments, hands, strict=True):
        pose = str(rng.choice(("hand", "hanger")))
        draped = drape(garment, LENGTHS[garment.category] * height, rng, pose, soft)
        loads.append(_Load(draped, hand, float(rng.uniform(0, 2 * np.pi))))
    for number, (image, box) in enumerate(zip(images, person, strict=True)):
        if np.isnan(box).any():
            yield image
            continue
        filled = image.copy()
        for load in loads:
            angle = _SWING_DEGREES * np.sin(load.phase + number * 2 * np.pi / _SWING_FRAMES)
            hung, anchor = turn(load.draped.image, load.draped.anchor, float(angle))
            x = box[0] + load.hand[0] * (box[2] - box[0]) - anchor[0]
            lay(filled, hung, x, box[1] + load.hand[1] * height - anchor[1])
        yield filled


def _height(person: Boxes, rows: int) -> float:
    """Return how tall a person is in pixels, where the picture shows all of them."""
    seen = person[~np.isnan(person).any(1)]
    whole = seen[seen[:, 3] < rows - _EDGE_PX]
    boxes = whole if len(whole) else seen
    return float(np.median(boxes[:, 3] - boxes[:, 1])) if len(boxes) else 0.0
