"""The figures of an embedder, as its training and `fittingroom evaluate` tell them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from models.matching import Indexed
from models.training.data import Article
from models.training.embedder.calibration import acceptance, kind_right
from models.training.embedder.retrieval import Answers, Track, ask, by_visibility, figures

#: Share of the accepted matches that is to be right.
MATCH_PRECISION: Final = 0.97
#: Articles of the shops that certainty is fitted in, beside one that has all.
_SHOPS: Final = (100, 300, 1000, 3000)


def report_retrieval(
    tracks: Sequence[Track], gallery: Indexed, articles: Sequence[Article]
) -> tuple[dict[str, Any], dict[str, Answers]]:
    """Ask for every track by one view and by all, and tell how well that goes.

    Args:
        tracks: The queries.
        gallery: Of `articles`.
        articles: The gallery's articles.

    Returns:
        The figures, and the answers to whole tracks by how many articles a shop has, the
        whole gallery last.
    """
    single = ask(tracks, gallery, articles, views=1)
    sizes = [size for size in _SHOPS if size < len(articles)] + [len(articles)]
    shops = {str(size): ask(tracks, gallery, articles, size=size) for size in sizes}
    fused = shops[str(len(articles))]
    first_seen = np.array([track.visible[0] for track in tracks])
    report = {
        "single_view": figures(single),
        "track": figures(fused),
        "single_view_by_visible_share": by_visibility(single, first_seen),
        "unknown": acceptance(shops, MATCH_PRECISION),
        "kind_right": kind_right(list(shops.values()), tracks),
    }
    return report, shops
