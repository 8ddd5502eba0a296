"""A scene in the making: what stands on the canvas, and which pixels of it are still seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.simulation.camera import Lens, recolour
from models.simulation.drape import Draped, lay
from models.training.scenes.settle import settle

Rng = np.random.Generator
Mask = NDArray[np.bool_]

#: Stands for the pose of people who are drawn, not photographed.
DRAWN: Final = "drawn"
#: Somebody in the background is labelled with at least this share of the box to be seen.
_LEAST_OF_OTHERS = 0.7


@dataclass(frozen=True)
class Label:
    """One object of a scene.

    Attributes:
        category: `person` or a garment's category.
        sku: The garment's article.
        box: (x1, y1, x2, y2) in pixels of what is visible.
        pose: How the garment is carried, one of `POSES`; of people `DRAWN` or nothing.
        visible: Share of it that nothing covers, 0…1.
    """

    category: str
    sku: str
    box: tuple[int, int, int, int]
    pose: str
    visible: float


@dataclass(frozen=True)
class Scene:
    """A composed picture, uint8 H×W×3 BGR, and its truth."""

    image: Image
    labels: tuple[Label, ...]


@dataclass
class Thing:
    """An object of a stage: what a `Label` says of it, its visible pixels, and how many it has."""

    category: str
    sku: str
    pose: str
    mask: Mask
    whole: int

    def label(self) -> Label | None:
        """Label the thing if enough of it is visible."""
        seen = int(self.mask.sum())
        if seen < 60 or seen < 0.22 * self.whole:
            return None
        ys, xs = np.nonzero(self.mask)
        box = (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)
        if min(box[2] - box[0], box[3] - box[1]) < 6:
            return None
        return Label(self.category, self.sku, box, self.pose, min(seen / max(self.whole, 1), 1.0))


class Stage:
    """A canvas, uint8 H×W×3 BGR, that keeps, per object, the pixels still visible.

    With `settled`, garments take on the look of the place they are put into.
    """

    def __init__(self, canvas: Image, settled: bool = False) -> None:
        """Start with a place, in which nothing is labelled; it is painted over."""
        self.canvas = canvas
        self._settled = settled
        self.things: list[Thing] = []

    def add_person(self, layer: Image, x: float, y: float, drawn: bool = False) -> None:
        """Put a person (BGRA) before all that is there, left top corner at x and y."""
        covered = lay(self.canvas, layer, x, y)
        self.hide(covered, persons=True)
        pose = DRAWN if drawn else ""
        self.things.append(Thing("person", "", pose, covered, int(covered.sum())))

    def add_others(self, boxes: NDArray[np.float64], hidden: Mask) -> None:
        """Label who was in the picture before, by box, unless much of it is hidden."""
        height, width = self.canvas.shape[:2]
        for left, top, right, bottom in np.clip(boxes, 0, [width, height] * 2).round().astype(int):
            seen = np.zeros((height, width), bool)
            seen[top:bottom, left:right] = ~hidden[top:bottom, left:right]
            whole = int((bottom - top) * (right - left))
            if seen.sum() > _LEAST_OF_OTHERS * whole:
                self.things.append(Thing("person", "", "", seen, whole))

    def add_garment(self, draped: Draped, light: Rng, x: float, y: float) -> None:
        """Put a garment before all that is there, in a light of its own."""
        layer = recolour(draped.image, light, 0.35)
        if self._settled:
            layer = settle(layer, self.canvas, x, y, light)
        covered = lay(self.canvas, layer, x, y)
        self.hide(covered)
        whole = int((layer[..., 3] > 127).sum())
        source = draped.source
        self.things.append(Thing(source.category, source.sku, draped.pose, covered, whole))

    def hide(self, covered: Mask, persons: bool = False) -> None:
        """Take pixels away from garments, and from `persons` too where whoever covers them is one.

        Somebody's box reaches behind what is held before the body.
        """
        for thing in self.things:
            if thing.category != "person" or persons:
                thing.mask &= ~covered

    def look_through(self, lens: Lens) -> None:
        """Distort the canvas and all that is known of it."""
        self.canvas = lens.see(self.canvas)
        for thing in self.things:
            before = int(thing.mask.sum())
            thing.mask = lens.see(thing.mask.astype(np.uint8)) > 0
            thing.whole = round(thing.whole * int(thing.mask.sum()) / max(before, 1))

    def labels(self) -> tuple[Label, ...]:
        """Label what is still there to be seen."""
        return tuple(label for thing in self.things if (label := thing.label()))
