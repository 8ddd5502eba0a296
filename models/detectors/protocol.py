"""What a detector is, whatever network it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from common.image import Image


@dataclass(frozen=True)
class Found:
    """Detections in one picture.

    Attributes:
        boxes: float32 N×4 (x1, y1, x2, y2) in pixels of the picture.
        scores: float32 N in 0…1.
        classes: int N, indices into the detector's `classes`.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    classes: NDArray[np.int64]


class ObjectDetector(Protocol):
    """Finds people and carried garments."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names: `person` first, then categories of garments."""

    def detect(self, image: Image, floor: float = 1.0, whole: int = 0) -> Found:
        """Detect.

        Args:
            image: uint8 H×W×3 BGR.
            floor: Factor on the thresholds; a tracker also wants weaker boxes.
            whole: Long side in pixels of the picture that `image` is a part of: things are
                then seen at the size they have in the whole one. 0 where it is all of it.

        Returns:
            People and garments, best first within each.
        """
