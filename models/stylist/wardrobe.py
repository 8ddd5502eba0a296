"""What the stylist knows of a shop's articles: one row of numbers each.

An article is described by what its picture shows and by the company it keeps: the mean of
the articles it was styled with. The company is what makes a shop's own looks count without
training anew, and an article nobody has styled has none (after Cucurull et al.,
"Context-aware visual compatibility prediction", CVPR 2019).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import CATEGORIES

Floats = NDArray[np.float32]

#: Dimensions of a picture's embedding.
VECTOR: Final = 256
#: Numbers in a row: embedding, whether there is one, colour, category, company, how much of it.
WIDTH: Final = VECTOR + 1 + 3 + len(CATEGORIES) + VECTOR + 1
_COMPANY: Final = VECTOR + 4 + len(CATEGORIES)
_MIDDLE: Final = np.array([60, 0, 5], np.float32)
_SPREAD: Final = np.array([30, 15, 15], np.float32)


@dataclass(frozen=True)
class Company:
    """Whom each article was styled with.

    Attributes:
        sums: float32 N×D, the sum of the other articles' vectors over all looks.
        counts: float32 N, how many those were.
    """

    sums: Floats
    counts: Floats


def keep_company(vectors: Floats, looks: Iterable[Sequence[int]]) -> Company:
    """Sum up the company of every article.

    Args:
        vectors: N×D.
        looks: Rows of `vectors` that were styled together.
    """
    sums = np.zeros_like(vectors)
    counts = np.zeros(len(vectors), np.float32)
    for look in looks:
        rows = list(look)
        sums[rows] += vectors[rows].sum(0) - vectors[rows]
        counts[rows] += len(rows) - 1
    return Company(sums, counts)


def describe(
    vectors: Floats, colours: Floats, categories: Sequence[str], company: Company | None = None
) -> Floats:
    """Describe articles for the stylist.

    Args:
        vectors: N×D unit vectors of the embedder; a row of zeros where there is no picture.
        colours: N×3, CIE L*a*b*.
        categories: N of `models.taxonomy.CATEGORIES`.
        company: Of the same rows; none where nothing is known of looks.

    Returns:
        float32 N×WIDTH.
    """
    count = len(categories)
    rows = np.zeros((count, WIDTH), np.float32)
    # A unit vector's numbers are small; the network wants them near one.
    rows[:, :VECTOR] = vectors * 4
    rows[:, VECTOR] = np.any(vectors != 0, axis=1)
    rows[:, VECTOR + 1 : VECTOR + 4] = (colours - _MIDDLE) / _SPREAD
    kinds = [CATEGORIES.index(category) for category in categories]
    rows[np.arange(count), VECTOR + 4 + np.array(kinds, int)] = 1
    if company is not None:
        put_company(rows, company.sums, company.counts)
    return rows


def put_company(rows: Floats, sums: Floats, counts: Floats) -> None:
    """Write company into described rows (…×WIDTH), in place."""
    some = np.maximum(counts, 1)[..., None]
    rows[..., _COMPANY : _COMPANY + VECTOR] = np.where(counts[..., None] > 0, sums / some, 0) * 4
    rows[..., -1] = np.log1p(np.maximum(counts, 0)) / 2


def hide_picture(rows: Floats, hidden: NDArray[np.bool_]) -> None:
    """Leave only category and colour of the marked rows (…), in place."""
    rows[hidden, : VECTOR + 1] = 0
    rows[hidden, _COMPANY:] = 0


def hide_company(rows: Floats, hidden: NDArray[np.bool_]) -> None:
    """Make the marked rows (…) articles nobody has styled, in place."""
    rows[hidden, _COMPANY:] = 0


def hide_colour(rows: Floats, hidden: NDArray[np.bool_]) -> None:
    """Give the marked rows (…) the middle of all colours, in place."""
    rows[hidden, VECTOR + 1 : VECTOR + 4] = 0
