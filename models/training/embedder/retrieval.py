"""Evaluate retrieval: which article a gallery returns for a track, with and without the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.matching import (
    GalleryFeatures,
    MatchScores,
    maxsim,
    score_best,
    score_views,
)
from models.training.data import Article

Floats = NDArray[np.float32]

#: Gallery sizes that metrics are computed for, beside the whole gallery.
SIZES: Final = (100, 1000)
#: Assumed share of queries whose article is not in the gallery.
UNKNOWN_SHARE: Final = 0.2


@dataclass(frozen=True)
class Track:
    """The views of one garment in one simulated crossing.

    Attributes:
        article: The ground truth.
        embeddings: V×D unit vectors, in temporal order.
        local_features: V×C×W (`models.embedders.protocol.GarmentFeatures`).
        visible: V, share of the garment that is not occluded.
        category_probabilities: By category, averaged over all views.
    """

    article: Article
    embeddings: Floats
    local_features: Floats
    visible: Floats
    category_probabilities: Mapping[str, float]


@dataclass(frozen=True)
class QueryResults:
    """Results of Q queries, with the true article in the gallery and without it.

    Attributes:
        truth: Row of the true article, Q.
        scores: Similarity to every article, Q×N; -1 for those outside the shop's gallery.
        known: Match scores of the best candidate, Q×4 (`models.matching.MatchScores`).
        unknown: The same with the true article removed from the gallery, Q×4.
        best: Row of the best candidate, Q.
        best_unknown: The same with the true article removed.
        categories: Of the articles, N.
        styles: Of the articles, N.
    """

    truth: NDArray[np.int64]
    scores: Floats
    known: Floats
    unknown: Floats
    best: NDArray[np.int64]
    best_unknown: NDArray[np.int64]
    categories: NDArray[np.str_]
    styles: NDArray[np.str_]

    def rank(self, rows: NDArray[np.int64] | slice = slice(None)) -> NDArray[np.int64]:
        """Compute the rank of the true article among some rows of the gallery, from 0."""
        hit = self.scores[np.arange(len(self.truth)), self.truth]
        return np.asarray((self.scores[:, rows] > hit[:, None]).sum(1), np.int64)


def query_gallery(
    tracks: Sequence[Track],
    gallery: GalleryFeatures,
    articles: Sequence[Article],
    views: int | None = None,
    size: int | None = None,
) -> QueryResults:
    """Query a gallery with tracks.

    Args:
        tracks: The queries; their articles are in the gallery.
        gallery: Features of `articles`.
        articles: The articles of the gallery.
        views: Use the first so many views of each track; all by default.
        size: Size of a gallery sampled for each query; the whole gallery by default.
    """
    rows = {article.sku: n for n, article in enumerate(articles)}
    truth = np.array([rows[track.article.sku] for track in tracks])
    scores, known, unknown, best, best_unknown = [], [], [], [], []
    for number, (track, true_row) in enumerate(zip(tracks, truth, strict=True)):
        shop = _sample_shop(len(articles), int(true_row), size, number)
        table, score = score_track(track, views, gallery, shop)
        all_scores = np.full(len(articles), -1, np.float32)
        all_scores[shop] = score
        scores.append(all_scores)
        known.append(score_best(table, score))
        best.append(shop[score.argmax()])
        others = shop[shop != true_row]
        table, score = score_track(track, views, gallery, others)
        unknown.append(score_best(table, score))
        best_unknown.append(others[score.argmax()])
    return QueryResults(
        truth,
        np.stack(scores),
        _stack(known),
        _stack(unknown),
        np.array(best),
        np.array(best_unknown),
        np.array([a.category for a in articles]),
        np.array([a.style for a in articles]),
    )


def score_track(
    track: Track,
    views: int | None,
    gallery: GalleryFeatures,
    shop: NDArray[np.int64],
    offsets: Floats | None = None,
) -> tuple[Floats, Floats]:
    """Score the articles of a shop for a track, as `vision.match.Matcher` does.

    Args:
        track: The query.
        views: Use the first so many views; all if None.
        gallery: Features of all articles.
        shop: Rows of the gallery that the shop stocks, N.
        offsets: Prior of these rows, N (`models.stock.stock_offsets`).

    Returns:
        Similarities of each view to each article, V×N, and pooled over the views, N.
    """
    embeddings, local_features = track.embeddings[:views], track.local_features[:views]
    table = embeddings @ gallery.embedding[shop].T

    def maxsim_of(near: NDArray[np.int64]) -> Floats:
        return maxsim(local_features, gallery.local_features[shop[near]])

    return score_views(table, embeddings, maxsim_of if local_features.shape[1] else None, offsets)


def _sample_shop(count: int, true_row: int, size: int | None, seed: int) -> NDArray[np.int64]:
    """Sample the rows of a shop that stocks the true article."""
    rows = np.arange(count)
    if size is None or size >= count:
        return rows
    others = np.random.default_rng([seed, size]).choice(rows[rows != true_row], size - 1, False)
    return np.sort(np.append(others, true_row))


def _stack(scores: Sequence[MatchScores]) -> Floats:
    return np.array(scores, np.float32).reshape(-1, len(MatchScores._fields))


def _metrics(rank: NDArray[np.int64]) -> dict[str, Any]:
    return {
        "queries": len(rank),
        "top1": round(float((rank == 0).mean()), 4) if len(rank) else None,
        "top5": round(float((rank < 5).mean()), 4) if len(rank) else None,
        "top10": round(float((rank < 10).mean()), 4) if len(rank) else None,
        # With one relevant article per query, mAP equals the mean reciprocal rank.
        "map": round(float((1 / (rank + 1)).mean()), 4) if len(rank) else None,
    }


def compute_metrics(results: QueryResults, seed: int = 0) -> dict[str, Any]:
    """Compute top-k accuracy and mAP by gallery size, and the accuracy of style and colourway."""
    order = np.random.default_rng(seed).permutation(results.scores.shape[1])
    report: dict[str, Any] = {
        str(size): _metrics(results.rank(order[:size]))
        for size in SIZES
        if size < results.scores.shape[1]
    }
    rank = results.rank()
    report[str(results.scores.shape[1])] = _metrics(rank)
    style = results.styles[results.best] == results.styles[results.truth]
    report["style_accuracy"] = round(float(style.mean()), 4)
    report["colourway_accuracy_given_style"] = (
        round(float((rank[style] == 0).mean()), 4) if style.any() else None
    )
    return report


def metrics_by_visibility(results: QueryResults, visible: Floats) -> dict[str, Any]:
    """Compute the metrics by the share of the garment that is not occluded."""
    rank = results.rank()
    bins = {"under half": (0, 0.5), "half to most": (0.5, 0.9), "nearly all": (0.9, 1.01)}
    return {
        name: _metrics(rank[(visible >= low) & (visible < high)])
        for name, (low, high) in bins.items()
    }
