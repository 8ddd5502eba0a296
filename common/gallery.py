"""The shop's articles as a garment is matched with them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Gallery:
    """All views of all colourways, for matching.

    Attributes:
        vectors: float32 N×D, rows L2-normalised.
        skus: The colourway's SKU of each row.
        categories: The category of each row.
        cells: int8 N×C×W, what the parts of each show (`models.matching.directions`); empty
            where nobody told.
    """

    vectors: NDArray[np.float32]
    skus: tuple[str, ...]
    categories: tuple[str, ...]
    cells: NDArray[np.int8] = field(default_factory=lambda: np.zeros((0, 0, 0), np.int8))
