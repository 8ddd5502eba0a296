"""Evaluate the candidates that staff choose from when no match is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.manifest import MatchCalibration
from models.matching import (
    GalleryFeatures,
    category_probabilities,
    match_probability,
    rank_candidates,
    score_best,
)
from models.training.data import Article
from models.training.embedder.retrieval import Track, score_track

#: Candidates on a screen.
SHOWN: Final = 4


def evaluate_candidates(
    tracks: Sequence[Track],
    gallery: GalleryFeatures,
    articles: Sequence[Article],
    calibration: MatchCalibration,
) -> dict[str, Any]:
    """Compare candidates ranked by similarity with those ranked by category as well.

    Args:
        tracks: The queries; their articles are in the gallery.
        gallery: Features of `articles`.
        articles: The articles of the gallery.
        calibration: Of the embedder.

    Returns:
        For both rankings: `same_category`, the share of the shown candidates that are of the
        garment's category, and `recall`, the share of garments whose article is shown.
    """
    categories = np.array([article.category for article in articles])
    rows = {article.sku: n for n, article in enumerate(articles)}
    outcomes: dict[str, list[tuple[float, bool]]] = {"by_similarity": [], "with_category": []}
    for track in tracks:
        table, scores = score_track(track, None, gallery, np.arange(len(articles)))
        best = str(categories[scores.argmax()])
        probability = match_probability(score_best(table, scores), best, calibration)
        by_category = category_probabilities(track.category_probabilities, best, probability)
        orders: dict[str, NDArray[np.int64]] = {
            "by_similarity": np.argsort(-scores, kind="stable"),
            "with_category": rank_candidates(scores, categories, by_category),
        }
        for name, order in orders.items():
            shown = order[:SHOWN]
            same = float((categories[shown] == track.article.category).mean())
            outcomes[name].append((same, rows[track.article.sku] in shown))
    return {
        name: {
            "same_category": round(float(np.mean([same for same, _ in each])), 4),
            "recall": round(float(np.mean([hit for _, hit in each])), 4),
        }
        for name, each in outcomes.items()
    }
