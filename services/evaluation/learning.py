"""Measure what the gallery gains by views that were learned from confirmed garments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from common.crossing import GarmentMatch, GarmentViews
from common.gallery import Gallery
from common.labels import (
    TRUSTED,
    WRONG,
    LabelledViews,
    choose_views,
    label_probabilities,
)
from models.embedders.protocol import GarmentEmbedder, GarmentFeatures
from models.matching import GalleryFeatures
from models.taxonomy import GARMENTS
from models.training.data import Article, held_out
from models.training.embedder.queries import simulate_tracks
from models.training.embedder.retrieval import Track
from services.evaluation.job import Job
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
            learned, views = _learn(shop, visits[:count], wrong)
            figures = _score(Matcher(embedder, learned), queries)
            table[f"after_{count}_visits"] = figures | {"views": views}
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


@dataclass
class _Counts:
    """Views of garments with a right and with a wrong label, counted.

    Attributes:
        learned: All.
        removed: Those whose label was found to be wrong.
        waiting: Those whose label is doubtful at the end, and which are not used.
    """

    learned: int = 0
    removed: int = 0
    waiting: int = 0


def _learn(
    shop: Gallery, visits: Sequence[Sequence[_Visit]], wrong: float
) -> tuple[Gallery, dict[str, dict[str, int]]]:
    """Learn visits as a shop does, each round of them a day after whose end labels are checked.

    Returns:
        The gallery with the learned views, and counts of views with right and wrong labels.
    """
    rng = np.random.default_rng(1)
    counts = {True: _Counts(), False: _Counts()}
    kept: list[_Learned] = []
    trust: NDArray[np.float64] = np.zeros(0)
    for day in visits:
        for visit in day:
            label = visit.similar if rng.random() < wrong else visit.sku
            new = _Learned.of(visit, label, counts[True].learned + counts[False].learned)
            counts[label == visit.sku].learned += len(new)
            kept += new
        trust, chosen = _check(shop, kept)
        for probability, one in zip(trust, kept, strict=True):
            counts[one.right].removed += int(probability < WRONG)
        kept, trust = [kept[row] for row in chosen], trust[chosen]
    used = [one for one, probability in zip(kept, trust, strict=True) if probability >= TRUSTED]
    for one in kept:
        counts[one.right].waiting += 1
    for one in used:
        counts[one.right].waiting -= 1
    report = {name: vars(counts[right]) for name, right in (("right", True), ("wrong", False))}
    return _joined(shop, used), report


@dataclass(frozen=True)
class _Learned:
    """A learned view: its label, its garment, and whether the label is right."""

    sku: str
    garment: int
    right: bool
    embedding: NDArray[np.float32]
    local_features: NDArray[np.int8]

    @classmethod
    def of(cls, visit: _Visit, label: str, garment: int) -> list[_Learned]:
        views = zip(visit.views.embeddings, visit.views.local_features, strict=True)
        return [cls(label, garment, label == visit.sku, *view) for view in views]


def _check(shop: Gallery, views: Sequence[_Learned]) -> tuple[NDArray[np.float64], list[int]]:
    """Compute the labels' probabilities and choose what stays, as `store.learning` does."""
    if not views:
        return np.zeros(0), []
    embeddings = np.stack([one.embedding for one in views])
    skus = [one.sku for one in views]
    garments = np.array([one.garment for one in views], np.int64)
    trust = label_probabilities(shop, LabelledViews(embeddings, skus, garments))
    return trust, choose_views(embeddings, skus, trust, [0] * len(views))


def _joined(shop: Gallery, learned: Sequence[_Learned]) -> Gallery:
    """Return a gallery with learned views after its own rows."""
    if not learned:
        return shop
    category_of = dict(zip(shop.skus, shop.categories, strict=True))
    return Gallery(
        np.concatenate([shop.embeddings, np.stack([one.embedding for one in learned])]),
        (*shop.skus, *(one.sku for one in learned)),
        (*shop.categories, *(category_of[one.sku] for one in learned)),
        np.concatenate([shop.local_features, np.stack([one.local_features for one in learned])]),
    )


def _score(matcher: Matcher, queries: Sequence[Track]) -> dict[str, Any]:
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
