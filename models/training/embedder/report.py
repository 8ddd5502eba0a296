"""The metrics of an embedder that its training and `fittingroom evaluate` report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from models.matching import GalleryFeatures
from models.training.data import Article
from models.training.embedder.calibration import category_accuracy, evaluate_open_set
from models.training.embedder.retrieval import (
    QueryResults,
    Track,
    compute_metrics,
    metrics_by_visibility,
    query_gallery,
)

#: Wanted precision of accepted matches.
MATCH_PRECISION: Final = 0.97
#: Gallery sizes that the calibration is fitted on, beside the whole gallery.
_SHOPS: Final = (100, 300, 1000, 3000)


def evaluate_retrieval(
    tracks: Sequence[Track], gallery: GalleryFeatures, articles: Sequence[Article]
) -> tuple[dict[str, Any], dict[str, QueryResults]]:
    """Evaluate retrieval by a single view and by whole tracks.

    Args:
        tracks: The queries.
        gallery: Features of `articles`.
        articles: The articles of the gallery.

    Returns:
        The metrics, and the results of whole tracks by gallery size, the whole gallery last.
    """
    single = query_gallery(tracks, gallery, articles, views=1)
    sizes = [size for size in _SHOPS if size < len(articles)] + [len(articles)]
    shops = {str(size): query_gallery(tracks, gallery, articles, size=size) for size in sizes}
    fused = shops[str(len(articles))]
    visible = np.array([track.visible[0] for track in tracks])
    report = {
        "single_view": compute_metrics(single),
        "track": compute_metrics(fused),
        "single_view_by_visible_share": metrics_by_visibility(single, visible),
        "open_set": evaluate_open_set(shops, MATCH_PRECISION),
        "category_accuracy": category_accuracy(list(shops.values()), tracks),
    }
    return report, shops
