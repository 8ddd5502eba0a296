"""The canvas that garments are drawn on: pieces of cloth, seams and buttons.

Coordinates are in widths of the canvas: (0, 0) is top left, the canvas is 1 wide and
4/3 high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.simulation.cutout import Cutout
from models.simulation.fabric import Fabric, around, cover, light, weave

Points = Sequence[tuple[float, float]]

_WIDTH: Final = 900
_HEIGHT: Final = 1200
_SHIFT: Final = 4


@dataclass(frozen=True)
class Design:
    """A garment to draw.

    Attributes:
        category: A name of `models.taxonomy`.
        fabric: What it is made of.
        cut: Variant of the silhouette; each category takes 0, 1 or 2.
        seed: Folds and prints; the same design and seed give the same pixels.
    """

    category: str
    fabric: Fabric
    cut: int = 0
    seed: int = 0


def _smooth(points: Points, rounds: int = 3) -> NDArray[np.float64]:
    """Round corners by Chaikin's subdivision, the first and last point kept."""
    curve = np.asarray(points, np.float64)
    for _ in range(rounds):
        near, far = curve[:-1] * 0.75 + curve[1:] * 0.25, curve[:-1] * 0.25 + curve[1:] * 0.75
        inner = np.empty((2 * len(near), 2))
        inner[0::2], inner[1::2] = near, far
        curve = np.vstack([curve[:1], inner, curve[-1:]])
    return curve


class Sheet:
    """A canvas that pieces of cloth and seams are laid on."""

    def __init__(self, design: Design) -> None:
        """Lay out an empty sheet and weave the cloth for a design."""
        self.design = design
        self.rng = np.random.default_rng([design.seed, 77])
        self.image = np.zeros((_HEIGHT, _WIDTH, 4), np.float32)
        self.cloth = weave(_HEIGHT, _WIDTH, design.fabric, self.rng)

    def _pixels(self, points: NDArray[np.float64]) -> NDArray[np.int32]:
        scaled = points * [_WIDTH, _WIDTH] * (1 << _SHIFT)
        return np.round(scaled).astype(np.int32)

    def piece(self, points: Points, smooth: bool = True, tone: float = 1.0,
              fabric: Fabric | None = None) -> None:  # fmt: skip
        """Lay a closed piece of cloth; (0, 0) is top left, the canvas is 1 wide, 4/3 high."""
        outline = _smooth([*points, points[0]]) if smooth else np.asarray(points, np.float64)
        mask = np.zeros((_HEIGHT, _WIDTH), np.uint8)
        cv2.fillPoly(mask, [self._pixels(outline)], 255, cv2.LINE_AA, _SHIFT)
        used = fabric or self.design.fabric
        cloth = self.cloth if fabric is None else weave(_HEIGHT, _WIDTH, used, self.rng)
        shade = light(mask, used, self.rng) * tone
        box = around(mask)
        cover(self.image[box], cloth[box] * shade[box][..., None], mask[box])

    def both(self, points: Points, smooth: bool = True, tone: float = 1.0,
             fabric: Fabric | None = None) -> None:  # fmt: skip
        """Lay a piece and its mirror image."""
        self.piece(points, smooth, tone, fabric)
        self.piece([(1 - x, y) for x, y in points], smooth, tone, fabric)

    def body(self, right: Points, tone: float = 1.0, fabric: Fabric | None = None) -> None:
        """Lay a symmetrical piece given by its right outline, top to bottom, x from the middle."""
        curve = np.vstack([_smooth(right[:-1], 2), right[-1:]])  # the hem's corner stays sharp
        outline = [(0.5 + x, y) for x, y in curve] + [(0.5 - x, y) for x, y in curve[::-1]]
        self.piece(outline, smooth=False, tone=tone, fabric=fabric)

    def seam(self, points: Points, width: float = 0.004, tone: float = 0.62,
             mirror: bool = False, colour: tuple[float, ...] | None = None) -> None:  # fmt: skip
        """Draw a line on the cloth in a darker (or lighter) tone of it, or in a colour."""
        for flip in (False, True) if mirror else (False,):
            path = _smooth([(1 - x, y) if flip else (x, y) for x, y in points])
            mask = np.zeros((_HEIGHT, _WIDTH), np.uint8)
            thick = max(1, round(width * _WIDTH))
            cv2.polylines(mask, [self._pixels(path)], False, 255, thick, cv2.LINE_AA, _SHIFT)
            box = around(mask)
            image = self.image[box]
            alpha = (mask[box] / 255.0 * (image[..., 3] / 255.0))[..., None]
            ink = image[..., :3] * tone if colour is None else np.array(colour, np.float32)
            image[..., :3] = ink * alpha + image[..., :3] * (1 - alpha)

    def buttons(self, x: float, ys: Sequence[float], radius: float = 0.009) -> None:
        """Sew buttons on."""
        dark = sum(self.design.fabric.colour) < 300
        for y in ys:
            spot = (round(x * _WIDTH), round(y * _WIDTH))
            size = round(radius * _WIDTH)
            tone = (215, 222, 228) if dark else (70, 66, 62)
            colours = self.image[..., :3].copy()
            cv2.circle(colours, spot, size, tone, -1, cv2.LINE_AA)
            cv2.circle(colours, spot, max(1, size // 3), (130, 130, 130), -1, cv2.LINE_AA)
            self.image[..., :3] = colours

    def cutout(self, sku: str) -> Cutout:
        """Take the garment off the sheet, cropped."""
        image = np.clip(self.image, 0, 255).astype(np.uint8)
        ys, xs = np.nonzero(image[..., 3] > 127)
        cropped = image[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
        return Cutout(np.ascontiguousarray(cropped), sku, self.design.category)
