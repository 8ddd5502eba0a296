"""Build the stylist's features of a shop's articles, a row each.

The features of an article are its embedding, colour and category, and its context: the mean
embedding of the articles that it was styled with. The context makes a shop's own looks count
without training again (after Cucurull et al., "Context-aware visual compatibility prediction",
CVPR 2019); articles in no look have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import CATEGORIES

Floats = NDArray[np.float32]

#: Dimensions of an embedding.
VECTOR: Final = 256
#: Columns: embedding, whether there is one, colour, category, context, size of the context.
WIDTH: Final = VECTOR + 1 + 3 + len(CATEGORIES) + VECTOR + 1
_CONTEXT: Final = VECTOR + 4 + len(CATEGORIES)
_MIDDLE: Final = np.array([60, 0, 5], np.float32)
_SPREAD: Final = np.array([30, 15, 15], np.float32)


def columns_for(categories: Sequence[str]) -> NDArray[np.int64]:
    """List the columns of features that a network takes which knows these categories, in order.

    An article of a category that the network does not know has none for it.

    Raises:
        ValueError: One is none of `models.taxonomy.CATEGORIES`.
    """
    first = VECTOR + 4
    known = [first + CATEGORIES.index(category) for category in categories]
    return np.array([*range(first), *known, *range(_CONTEXT, WIDTH)], np.int64)


@dataclass(frozen=True)
class StylingContext:
    """The articles that each article was styled with.

    Attributes:
        sums: float32 N×D, sum of the embeddings of the other articles over all looks.
        counts: float32 N, number of summands.
    """

    sums: Floats
    counts: Floats


def compute_context(vectors: Floats, looks: Iterable[Sequence[int]]) -> StylingContext:
    """Compute the context of every article.

    Args:
        vectors: N×D embeddings.
        looks: Rows of `vectors` that were styled together.
    """
    sums = np.zeros_like(vectors)
    counts = np.zeros(len(vectors), np.float32)
    for look in looks:
        rows = list(look)
        sums[rows] += vectors[rows].sum(0) - vectors[rows]
        counts[rows] += len(rows) - 1
    return StylingContext(sums, counts)


def build_features(
    vectors: Floats,
    colours: Floats,
    categories: Sequence[str],
    context: StylingContext | None = None,
) -> Floats:
    """Build the features of articles.

    Args:
        vectors: N×D unit vectors of the embedder; a row of zeros where there is no picture.
        colours: N×3, CIE L*a*b*.
        categories: N of `models.taxonomy.CATEGORIES`.
        context: Of the same rows; None without looks.

    Returns:
        float32 N×WIDTH.
    """
    count = len(categories)
    rows = np.zeros((count, WIDTH), np.float32)
    # The components of a unit vector are small; the network expects about unit variance.
    rows[:, :VECTOR] = vectors * 4
    rows[:, VECTOR] = np.any(vectors != 0, axis=1)
    rows[:, VECTOR + 1 : VECTOR + 4] = (colours - _MIDDLE) / _SPREAD
    indices = [CATEGORIES.index(category) for category in categories]
    rows[np.arange(count), VECTOR + 4 + np.array(indices, int)] = 1
    if context is not None:
        write_context(rows, context.sums, context.counts)
    return rows


def write_context(rows: Floats, sums: Floats, counts: Floats) -> None:
    """Write the context into features (…×WIDTH), in place."""
    some = np.maximum(counts, 1)[..., None]
    rows[..., _CONTEXT : _CONTEXT + VECTOR] = np.where(counts[..., None] > 0, sums / some, 0) * 4
    rows[..., -1] = np.log1p(np.maximum(counts, 0)) / 2


def mask_embedding(rows: Floats, hidden: NDArray[np.bool_]) -> None:
    """Mask embedding and context of the marked rows (…), in place."""
    rows[hidden, : VECTOR + 1] = 0
    rows[hidden, _CONTEXT:] = 0


def mask_context(rows: Floats, hidden: NDArray[np.bool_]) -> None:
    """Mask the context of the marked rows (…), in place."""
    rows[hidden, _CONTEXT:] = 0


def mask_colour(rows: Floats, hidden: NDArray[np.bool_]) -> None:
    """Replace the colour of the marked rows (…) by the mean colour, in place."""
    rows[hidden, VECTOR + 1 : VECTOR + 4] = 0
