"""How good the candidates are that people choose from where a match is not sure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.manifest import Certainty
from models.matching import Indexed, category_probabilities, chance, evidence, rank_candidates
from models.training.data import Article
from models.training.embedder.retrieval import Track, compare

#: So many stand on a screen.
SHOWN: Final = 4


def measure_candidates(
    tracks: Sequence[Track], gallery: Indexed, articles: Sequence[Article], certainty: Certainty
) -> dict[str, Any]:
    """Compare candidates ranked by similarity with those ranked by their category as well.

    Args:
        tracks: The queries; their articles are in the gallery.
        gallery: Of `articles`.
        articles: The gallery's articles.
        certainty: The embedder's.

    Returns:
        For both rankings: `same_category`, the share of the shown candidates that are of the
        garment's category, and `right_shown`, the share of garments whose article is among them.
    """
    categories = np.array([article.category for article in articles])
    rows = {article.sku: n for n, article in enumerate(articles)}
    found: dict[str, list[tuple[float, bool]]] = {"by_similarity": [], "with_category": []}
    for track in tracks:
        table, scores = compare(track, None, gallery, np.arange(len(articles)))
        best = str(categories[scores.argmax()])
        sure = chance(evidence(table, scores), best, certainty)
        likely = category_probabilities(track.kinds, best, sure)
        orders: dict[str, NDArray[np.int64]] = {
            "by_similarity": np.argsort(-scores, kind="stable"),
            "with_category": rank_candidates(scores, categories, likely),
        }
        for name, order in orders.items():
            shown = order[:SHOWN]
            same = float((categories[shown] == track.article.category).mean())
            found[name].append((same, rows[track.article.sku] in shown))
    return {
        name: {
            "same_category": round(float(np.mean([same for same, _ in each])), 4),
            "right_shown": round(float(np.mean([right for _, right in each])), 4),
        }
        for name, each in found.items()
    }
