"""The gallery: the features of the shop's articles that garments are matched to."""

from __future__ import annotations

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

    def rows(self, kept: NDArray[np.int64]) -> Gallery:
        """Return a gallery of some of the rows."""
        local = self.local_features[kept] if len(self.local_features) else self.local_features
        skus, categories = np.array(self.skus), np.array(self.categories)
        return Gallery(self.embeddings[kept], tuple(skus[kept]), tuple(categories[kept]), local)


#: A view that is more similar to another article than to the other views of its own by this, on a
#: cosine's scale, has a wrong label.
_MARGIN: Final = 0.12
#: Above this cosine two rows are one and the same view.
_SAME: Final = 1 - 2e-3


def add_views(
    gallery: Gallery, sku: str, embeddings: NDArray[np.float32], local: NDArray[np.int8]
) -> Gallery:
    """Return a gallery with further views of an article that it has.

    Args:
        gallery: The gallery.
        sku: The colourway's SKU.
        embeddings: float32 V×D, rows L2-normalised.
        local: int8 V×C×W local features.
    """
    category = gallery.categories[gallery.skus.index(sku)]
    count = len(embeddings)
    return Gallery(
        np.concatenate([gallery.embeddings, embeddings]),
        (*gallery.skus, *[sku] * count),
        (*gallery.categories, *[category] * count),
        np.concatenate([gallery.local_features, local]),
    )


def disagrees(gallery: Gallery, embedding: NDArray[np.float32], sku: str) -> bool:
    """Check whether a view of an article is rather one of another, by the rest of the gallery.

    Args:
        gallery: The gallery, which may hold the view itself.
        embedding: float32 D, L2-normalised.
        sku: Of the article that it is said to be of.
    """
    similarity = gallery.embeddings @ embedding
    mine = np.array(gallery.skus) == sku
    own = similarity[mine & (similarity < _SAME)]
    others = similarity[~mine]
    return bool(own.size and others.size and others.max() - own.max() > _MARGIN)


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
