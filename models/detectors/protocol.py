"""The protocol of a detector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from common.image import Image


@dataclass(frozen=True)
class RawDetections:
    """Detections in one picture, not yet tracked.

    Attributes:
        boxes: float32 N×4 (x1, y1, x2, y2) in pixels of the picture.
        scores: float32 N in 0…1.
        classes: int N, indices into the detector's `classes`.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    classes: NDArray[np.int64]


class ObjectDetector(Protocol):
    """Detects people and carried garments."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names: `person` first, then categories of garments."""

    def detect(
        self, image: Image, threshold_factor: float = 1.0, full_side: int = 0
    ) -> RawDetections:
        """Detect people and garments.

        Args:
            image: uint8 H×W×3 BGR.
            threshold_factor: Factor on the thresholds; trackers also use weaker detections.
            full_side: Long side in pixels of the full frame that `image` is a crop of; it sets
                the scale at which the crop is processed. 0 if `image` is the full frame.

        Returns:
            People and garments, each in descending order of score.
        """
