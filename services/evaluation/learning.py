"""Measure what the gallery gains by views that were learned from confirmed garments."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from common.crossing import GarmentMatch, GarmentViews
from common.gallery import Gallery, farthest_rows, find_disagreeing
from models.embedders.protocol import GarmentEmbedder, GarmentFeatures
from models.matching import GalleryFeatures
from models.taxonomy import GARMENTS
from models.training.data import Article, held_out
from models.training.embedder.queries import simulate_tracks
from models.training.embedder.retrieval import Track
from services.evaluation.job import Job
from store.learning import MOST_VIEWS
from vision.match import Matcher

#: Confirmed visits of an article after which it is looked for again.
VISITS: Final = (0, 1, 3, 10)
#: Share of the visits with a wrong label.
_WRONG: Final = 0.1
#: Articles that are learned, and tracks of each that are looked for.
_ARTICLES: Final = 120
_QUERIES: Final = 2


def measure_learning(
    job: Job, embedder: GarmentEmbedder, gallery: GalleryFeatures, articles: Sequence[Article]
) -> dict[str, Any]:
    """Look for garments after 0, 1, 3 and 10 confirmed visits of their articles.

    Each visit is another simulated track in front of other people; the garments looked for are
    tracks that nothing was learned from. In the second table one label in ten is another
    article's, the most similar one, and views that disagree are removed as a shop does.

    Raises:
        ModelError: Data are missing.
    """
    known = [a for a in articles if a.category in GARMENTS and held_out(a.style, job.one_in)]
    order = np.random.default_rng(0).permutation(len(known))[:_ARTICLES]
    chosen = [known[int(n)] for n in order]
    people = job.people or job.data
    rounds = [
        {
            track.article.sku: track
            for track in simulate_tracks(
                embedder, people, chosen, len(chosen), seed=100 + number, one_in=job.one_in
            )
        }
        for number in range(max(VISITS) + _QUERIES)
    ]
    shop = Gallery(
        gallery.embedding,
        tuple(article.sku for article in articles),
        tuple(article.category for article in articles),
        gallery.local_features,
    )
    plain = Matcher(embedder, shop)
    visits = [
        [_Visit.of(sku, plain.match(_features(track))) for sku, track in one.items()]
        for one in rounds[: max(VISITS)]
    ]
    queries = [track for one in rounds[max(VISITS) :] for track in one.values()]
    report: dict[str, Any] = {"articles": len(chosen), "queries": len(queries)}
    for name, wrong in (("all_labels_right", 0.0), ("one_label_in_ten_wrong", _WRONG)):
        table = {}
        for count in VISITS:
            learned, removed = _learn(shop, visits[:count], wrong)
            figures = _score(Matcher(embedder, learned), queries)
            table[f"after_{count}_visits"] = figures | {"views_removed": removed}
        report[name] = table
    return report


@dataclass(frozen=True)
class _Visit:
    """A confirmed garment: its article, its views, and the other article it resembles most."""

    sku: str
    views: GarmentViews
    similar: str

    @classmethod
    def of(cls, sku: str, match: GarmentMatch) -> _Visit:
        assert match.views is not None
        similar = next(c.sku for c in match.nearest if c.sku != sku)
        return cls(sku, match.views, similar)


def _learn(shop: Gallery, visits: Sequence[Sequence[_Visit]], wrong: float) -> tuple[Gallery, int]:
    """Add the views of visits to a gallery as a shop does; returns how many were removed, too."""
    rng = np.random.default_rng(1)
    views: dict[str, list[GarmentViews]] = {}
    for visit in itertools.chain.from_iterable(visits):
        label = visit.similar if rng.random() < wrong else visit.sku
        views.setdefault(label, []).append(visit.views)
    category_of = dict(zip(shop.skus, shop.categories, strict=True))
    skus: list[str] = []
    embeddings, descriptors = [shop.embeddings[:0]], [shop.local_features[:0]]
    for sku, some in views.items():
        embedded = np.concatenate([one.embeddings for one in some[::-1]])
        chosen = farthest_rows(embedded, MOST_VIEWS)
        embeddings.append(embedded[chosen])
        descriptors.append(np.concatenate([one.local_features for one in some[::-1]])[chosen])
        skus += [sku] * len(chosen)
    added = Gallery(
        np.concatenate(embeddings), tuple(skus), tuple(category_of[sku] for sku in skus),
        np.concatenate(descriptors),
    )  # fmt: skip
    everything = np.ones(len(skus), bool)
    wrong_views = find_disagreeing(_joined(shop, added, everything), added.embeddings, skus)
    return _joined(shop, added, ~wrong_views), int(wrong_views.sum())


def _joined(shop: Gallery, added: Gallery, chosen: NDArray[np.bool_]) -> Gallery:
    """Return a gallery with the chosen rows of another after its own."""
    rows = np.flatnonzero(chosen)
    return Gallery(
        np.concatenate([shop.embeddings, added.embeddings[rows]]),
        (*shop.skus, *(added.skus[row] for row in rows)),
        (*shop.categories, *(added.categories[row] for row in rows)),
        np.concatenate([shop.local_features, added.local_features[rows]]),
    )


def _score(matcher: Matcher, queries: Sequence[Track]) -> dict[str, float]:
    matches = [(track.article.sku, matcher.match(_features(track))) for track in queries]
    accepted = [(sku, match) for sku, match in matches if match.sku]
    return {
        "top1": _share(match.nearest[0].sku == sku for sku, match in matches),
        "top5": _share(sku in [c.sku for c in match.nearest[:5]] for sku, match in matches),
        "accepted": round(len(accepted) / len(matches), 4),
        "precision_of_accepted": _share(match.sku == sku for sku, match in accepted),
    }


def _share(hits: Iterable[bool]) -> float:
    found = list(hits)
    return round(sum(found) / max(len(found), 1), 4)


def _features(track: Track) -> GarmentFeatures:
    names = track.category_probabilities
    row = np.array([list(names.values())], np.float32)
    probabilities = np.repeat(row, len(track.embeddings), 0)
    return GarmentFeatures(track.embeddings, probabilities, track.local_features)
