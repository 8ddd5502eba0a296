"""How probable the labels of learned views are, by the other views of all articles.

A garment's views are compared with the pictures of each article and with the views of other
garments that carry its label: a kernel density estimate (Parzen window) of each article, in which
both count. So an article that was seen often weighs more than one that was seen once, views of one
garment do not vouch for each other, and a label is doubtful where another article explains the
views much better. Logistic regression turns the log of the ratio of both densities into a
probability. It was fitted on garments of held-out articles, one label in ten of which was wrong
(docs/explanation/experiments.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from common.gallery import Gallery, representative_rows

Floats = NDArray[np.float32]

#: Bandwidth of the kernel, on a cosine's scale.
_BANDWIDTH: Final = 0.1
#: The logistic regression on the log ratio of densities.
_SLOPE, _INTERCEPT = 2.1, 3.44
#: Views whose label is less probable are doubtful: they wait for others of their article.
TRUSTED: Final = 0.7
#: Views whose label is less probable are wrong.
WRONG: Final = 0.1
#: Learned views of one article at most; more are no longer different.
MOST_VIEWS: Final = 10
#: Views that are compared at once.
_BATCH: Final = 256


@dataclass(frozen=True)
class LabelledViews:
    """Learned views.

    Attributes:
        embeddings: float32 V×D, rows L2-normalised.
        skus: The article that each is labelled as.
        garments: int V; views of one garment have one number, and one label.
    """

    embeddings: Floats
    skus: Sequence[str]
    garments: NDArray[np.int64]


def label_probabilities(pictures: Gallery, views: LabelledViews) -> NDArray[np.float64]:
    """Compute the probability that each label is right.

    Args:
        pictures: Views of articles that are certain, such as the catalogue's pictures.
        views: Learned ones.

    Returns:
        float64 V, the same for all views of one garment; 1 where there is nothing to compare
        with: no other article, or no other view of the article.
    """
    if not len(views.skus):
        return np.zeros(0)
    ratios = _log_ratios(pictures, views)
    return np.asarray(1 / (1 + np.exp(-np.clip(_SLOPE * ratios + _INTERCEPT, -60, 60))))


def choose_views(
    embeddings: Floats,
    skus: Sequence[str],
    probabilities: NDArray[np.float64],
    ranks: Sequence[int],
) -> list[int]:
    """Choose the learned views to use: of each article the most certain and most diverse.

    Views with a wrong label are left out. Trusted ones come before doubtful ones, and among
    those the better source comes first.

    Args:
        embeddings: float32 V×D, rows L2-normalised.
        skus: The article of each.
        probabilities: V, of the labels (`label_probabilities`).
        ranks: Of each one's source, 0 is the best.

    Returns:
        Rows, in order.
    """
    by_article: dict[str, list[tuple[bool, int, int]]] = {}
    for row, sku in enumerate(skus):
        if probabilities[row] >= WRONG:
            entry = (bool(probabilities[row] < TRUSTED), ranks[row], row)
            by_article.setdefault(sku, []).append(entry)
    chosen: list[int] = []
    for entries in by_article.values():
        kept: list[int] = []
        for key in sorted({entry[:2] for entry in entries}):
            rows = np.array([entry[2] for entry in entries if entry[:2] == key])
            best = representative_rows(embeddings[rows], MOST_VIEWS - len(kept))
            kept += [int(rows[n]) for n in best]
        chosen += kept
    return sorted(chosen)


def _log_ratios(pictures: Gallery, views: LabelledViews) -> NDArray[np.float64]:
    """Compute the log of own density over the greatest other one; infinite without either."""
    names = {sku: n for n, sku in enumerate(dict.fromkeys([*pictures.skus, *views.skus]))}
    numbers, group_of = np.unique(views.garments, return_inverse=True)
    by_group = np.argsort(group_of, kind="stable")
    ends = np.searchsorted(group_of[by_group], np.arange(len(numbers) + 1))
    labels = np.array([names[views.skus[by_group[start]]] for start in ends[:-1]])
    sought = _Articles(pictures, views.embeddings[by_group], ends[:-1], labels, names)
    ratios = np.zeros(len(views.skus))
    first = 0
    while first < len(numbers):
        last = int(np.searchsorted(ends, ends[first] + _BATCH, "right")) - 1
        last = max(last, first + 1)
        rows = slice(ends[first], ends[last])
        starts = ends[first:last] - ends[first]
        groups = np.repeat(np.arange(first, last), np.diff(ends[first : last + 1]))
        density = sought.densities(views.embeddings[by_group[rows]], groups)
        with np.errstate(divide="ignore"):
            mean = (
                np.add.reduceat(np.log(density), starts) / np.diff(ends[first : last + 1])[:, None]
            )
        own = mean[np.arange(last - first), labels[first:last]]
        mean[np.arange(last - first), labels[first:last]] = -np.inf
        other = mean.max(1, initial=-np.inf)
        comparable = np.isfinite(own) & np.isfinite(other)
        ratio = np.where(comparable, own - np.where(comparable, other, 0), np.inf)
        ratios[by_group[rows]] = ratio[groups - first]
        first = last
    return ratios


class _Articles:
    """The pictures and learned views of all articles."""

    def __init__(
        self,
        pictures: Gallery,
        learned: Floats,
        starts: NDArray[np.int64],
        labels: NDArray[np.int64],
        names: dict[str, int],
    ) -> None:
        """Sort pictures by article and learned views by label.

        Args:
            pictures: Certain views.
            learned: Learned views, garment by garment.
            starts: First row of each garment.
            labels: Article of each garment.
            names: Number of each article.
        """
        of_picture = np.array([names[sku] for sku in pictures.skus], np.int64)
        order = np.argsort(of_picture, kind="stable")
        self._pictures = pictures.embeddings[order]
        self._pictured, self._firsts = np.unique(of_picture[order], return_index=True)
        self._learned, self._starts = learned, starts
        self._by_label = np.argsort(labels, kind="stable")
        self._labelled, self._label_starts = np.unique(labels[self._by_label], return_index=True)
        self._count = len(names)

    def densities(self, views: Floats, groups: NDArray[np.int64]) -> NDArray[np.float64]:
        """Compute the density of each article at each view, without the view's own garment.

        Args:
            views: B×D unit vectors.
            groups: B, their garments.

        Returns:
            float64 B×A; 0 for an article without any other view.
        """
        density = np.zeros((len(views), self._count))
        if len(self._pictures):
            best = np.maximum.reduceat(views @ self._pictures.T, self._firsts, axis=1)
            density[:, self._pictured] = _kernel(best)
        near = _kernel(np.maximum.reduceat(views @ self._learned.T, self._starts, axis=1))
        near[np.arange(len(views)), groups] = 0
        summed = np.add.reduceat(near[:, self._by_label], self._label_starts, axis=1)
        density[:, self._labelled] += summed
        return density


def _kernel(similarity: Floats) -> NDArray[np.float64]:
    return np.asarray(np.exp((similarity.astype(np.float64) - 1) / _BANDWIDTH))
