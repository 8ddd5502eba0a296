"""The gallery: the features of the shop's articles that garments are matched to."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Gallery:
    """The features of all pictures of all colourways, a row each.

    Attributes:
        embeddings: float32 N×D, rows L2-normalised.
        skus: The colourway's SKU of each row.
        categories: The category of each row.
        local_features: int8 N×C×W, unit descriptors (`models.matching.quantize_descriptors`);
            empty without re-ranking.
    """

    embeddings: NDArray[np.float32]
    skus: tuple[str, ...]
    categories: tuple[str, ...]
    local_features: NDArray[np.int8] = field(default_factory=lambda: np.zeros((0, 0, 0), np.int8))
