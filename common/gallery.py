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


def farthest_rows(embeddings: NDArray[np.float32], count: int) -> list[int]:
    """Choose rows from the first on, each the least similar to those chosen before.

    Args:
        embeddings: float32 N×D, rows L2-normalised.
        count: How many; all if there are no more.
    """
    chosen = list(range(min(1, len(embeddings))))
    nearest = embeddings @ embeddings[0] if chosen else np.zeros(0, np.float32)
    while len(chosen) < min(count, len(embeddings)):
        nearest[chosen] = np.inf
        chosen.append(int(nearest.argmin()))
        nearest = np.maximum(nearest, embeddings @ embeddings[chosen[-1]])
    return chosen


def representative_rows(embeddings: NDArray[np.float32], count: int) -> list[int]:
    """Choose the rows that all rows are most similar to (greedy facility location).

    Unlike the farthest rows, they are no outliers.

    Args:
        embeddings: float32 N×D, rows L2-normalised.
        count: How many; all if there are no more.

    Returns:
        Rows, in order.
    """
    if len(embeddings) <= count:
        return list(range(len(embeddings)))
    similarity = embeddings @ embeddings.T
    nearest, chosen = np.full(len(embeddings), -1.0, np.float32), list[int]()
    for _ in range(max(count, 0)):
        gain = np.maximum(similarity, nearest[:, None]).sum(0)
        gain[chosen] = -np.inf
        chosen.append(int(gain.argmax()))
        nearest = np.maximum(nearest, similarity[:, chosen[-1]])
    return sorted(chosen)
