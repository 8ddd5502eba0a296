"""The gallery: the features of the shop's articles that garments are matched to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

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


#: A view that is more similar to another article than to the other views of its own by this, on a
#: cosine's scale, has a wrong label.
_MARGIN: Final = 0.12
#: Above this cosine two rows are one and the same view.
_SAME: Final = 1 - 2e-3
#: Views that are compared with the gallery at once.
_BATCH: Final = 256


def find_disagreeing(
    gallery: Gallery, embeddings: NDArray[np.float32], skus: Sequence[str]
) -> NDArray[np.bool_]:
    """Find views that are more similar to another article than to the rest of their own.

    Args:
        gallery: The gallery, which may hold the views themselves.
        embeddings: float32 V×D, rows L2-normalised.
        skus: The article that each view is labelled as.

    Returns:
        bool V; False for a view whose article has no other view in the gallery.
    """
    numbers = {sku: number for number, sku in enumerate(dict.fromkeys(gallery.skus))}
    articles = np.array([numbers[sku] for sku in gallery.skus], np.int64)
    labels = np.array([numbers.get(sku, -1) for sku in skus], np.int64)
    found = np.zeros(len(labels), bool)
    for start in range(0, len(labels), _BATCH):
        part = slice(start, start + _BATCH)
        similarity = embeddings[part] @ gallery.embeddings.T
        same = labels[part, None] == articles
        own = np.where(same & (similarity < _SAME), similarity, -np.inf).max(1, initial=-np.inf)
        other = np.where(same, -np.inf, similarity).max(1, initial=-np.inf)
        found[part] = np.isfinite(own) & (other > own + _MARGIN)
    return found


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
