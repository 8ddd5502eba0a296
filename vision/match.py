"""From a garment's crops to an article, or to "unknown"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from common.crossing import Candidate, GarmentMatch, GarmentViews
from common.gallery import Gallery, farthest_rows
from common.stock import StockFigures
from models.embedders.protocol import GarmentEmbedder, GarmentFeatures
from models.matching import (
    GalleryFeatures,
    category_probabilities,
    is_clear,
    match_probability,
    maxsim,
    quantize_descriptors,
    rank_candidates,
    score_best,
    score_views,
)
from models.recalibration import Recalibration
from models.stock import stock_offsets
from vision.crop import Crop
from vision.garment import GarmentTrack

Floats = NDArray[np.float32]
CANDIDATES = 10
#: Views of a garment from which its article can be learned.
_LEARNED = 3
# Tracks of one person whose crops are this alike, and that may be one garment, are.
_SAME_GARMENT = 0.8


class Matcher:
    """Answers queries from one shop's gallery, exactly and in memory."""

    def __init__(
        self,
        embedder: GarmentEmbedder,
        gallery: Gallery,
        caution: float = 0.0,
        stock: StockFigures | None = None,
        recalibration: Recalibration | None = None,
    ) -> None:
        """Take the gallery's vectors and cells, made by the same embedder.

        Args:
            embedder: Embeds the queries.
            gallery: The shop's articles.
            caution: Added to the threshold of the match probability.
            stock: What the shop knows of its stock; None ranks all articles alike.
            recalibration: Correction of the probability for the camera, if one is known.
        """
        self.embedder, self._caution = embedder, caution
        self._recalibration = recalibration
        # An article may have several pictures; the most similar one counts.
        order = np.argsort(np.array(gallery.skus), kind="stable")
        self._vectors = gallery.embeddings[order]
        self._cells, self._order = (
            gallery.local_features,
            order,
        )  # left where they are: they are many
        self._skus, self._starts = np.unique(np.array(gallery.skus)[order], return_index=True)
        self._ends = np.append(self._starts[1:], len(order))
        self._categories = np.array(gallery.categories)[order][self._starts]
        prior = embedder.calibration.stock
        self._offsets: Floats | None = None
        if stock is not None and prior is not None:
            self._offsets = stock_offsets(stock.of([str(sku) for sku in self._skus]), prior)

    @property
    def model(self) -> str:
        """The embedder's short name."""
        return self.embedder.model

    def fuse(self, garments: Sequence[GarmentTrack]) -> list[GarmentFeatures]:
        """Describe a person's garments, tracks of the same one joined, in the order given."""
        fused: list[tuple[GarmentTrack, GarmentFeatures]] = []
        for garment in garments:
            views = self._describe(garment.best_crops())
            twin = next(
                (
                    n
                    for n, (other, theirs) in enumerate(fused)
                    if other.may_be_same_as(garment) and _alike(views.embeddings, theirs.embeddings)
                ),
                None,
            )
            if twin is None:
                fused.append((garment, views))
                continue
            other, theirs = fused[twin]
            longer = garment if garment.frames > other.frames else other
            fused[twin] = (longer, _joined(theirs, views))
        return [views for _, views in fused]

    def _describe(self, crops: Sequence[Crop]) -> GarmentFeatures:
        """Describe a garment's crops; a recording's come described, or not at all."""
        recorded = [crop.described for crop in crops if crop.described is not None]
        seen = self.embedder.embed_queries([crop.image for crop in crops if crop.image.size])
        for views in recorded:
            seen = _joined(seen, views)
        return seen

    def describe(self, images: Sequence[NDArray[np.uint8]]) -> GarmentFeatures:
        """Describe pictures of one garment, roughly cropped; uint8 H×W×3 BGR each."""
        return self.embedder.embed_queries(images)

    def index(self, image: NDArray[np.uint8]) -> GalleryFeatures:
        """Compute the gallery entry of a camera's view of one garment; uint8 H×W×3 BGR.

        The positions of its cells in the picture are dropped.
        """
        seen = self.embedder.embed_queries([image], local_features=None)
        return GalleryFeatures(seen.embeddings[0], quantize_descriptors(seen.local_features[0]))

    def match_image(self, image: NDArray[np.uint8]) -> GarmentMatch:
        """Match a picture that shows one garment, roughly cropped; uint8 H×W×3 BGR."""
        return self.match(self.describe([image]))

    def match(self, seen: GarmentFeatures) -> GarmentMatch:
        """Match one garment by all its views."""
        shown = self._shown(seen)
        if not len(self._skus) or not len(seen.embeddings):
            category = max(shown, key=lambda name: shown[name])
            return GarmentMatch(category, None, 0.0, category_certain=is_clear(shown))
        pictures = seen.embeddings @ self._vectors.T
        table = np.maximum.reduceat(pictures, self._starts, axis=1)
        local = len(self._cells) and seen.local_features.shape[1]
        maxsim_of = partial(self._maxsim, seen.local_features) if local else None
        table, scores = score_views(table, seen.embeddings, maxsim_of, self._offsets)
        shown_scores = scores if self._offsets is None else scores - self._offsets
        best = np.argsort(-scores, kind="stable")[:CANDIDATES]
        category = str(self._categories[best[0]])
        calibration = self.embedder.calibration
        base = match_probability(score_best(table, scores), category, calibration)
        probability = self._recalibration.apply(base) if self._recalibration else base
        accepted = probability >= calibration.threshold + self._caution
        likely = category_probabilities(shown, category, probability)
        return GarmentMatch(
            category if accepted else max(likely, key=lambda name: likely[name]),
            str(self._skus[best[0]]) if accepted else None,
            round(float(shown_scores[best[0]]), 4),
            round(probability, 4),
            self._candidates(best, shown_scores),
            self._candidates(
                rank_candidates(scores, self._categories, likely)[:CANDIDATES], shown_scores
            ),
            accepted or is_clear(likely),
            round(base, 4),
            self._views(seen),
        )

    def _views(self, seen: GarmentFeatures) -> GarmentViews:
        """Choose views that differ, in the form in which the gallery holds them."""
        rows = farthest_rows(seen.embeddings, _LEARNED)
        local = np.zeros((len(rows), *self.embedder.local_shape), np.int8)
        descriptors = quantize_descriptors(seen.local_features[rows])
        if descriptors.shape[1]:
            local[:, : descriptors.shape[1]] = descriptors
        return GarmentViews(self.model, seen.embeddings[rows], local)

    def _candidates(self, rows: NDArray[np.int64], scores: Floats) -> tuple[Candidate, ...]:
        return tuple(Candidate(str(self._skus[row]), round(float(scores[row]), 4)) for row in rows)

    def _maxsim(self, views: Floats, near: NDArray[np.int64]) -> Floats:
        """Compute MaxSim of views' local features (V×C×W) and some articles, V×K."""
        spans = [np.arange(self._starts[row], self._ends[row]) for row in near]
        pictures = maxsim(views, self._cells[self._order[np.concatenate(spans)]])
        starts = np.cumsum([0, *map(len, spans[:-1])])
        return np.asarray(np.maximum.reduceat(pictures, starts, axis=1), np.float32)

    def _shown(self, seen: GarmentFeatures) -> dict[str, float]:
        """Average the views' category probabilities; `other` without any view."""
        if not len(seen.category_probabilities):
            return {"other": 1.0}
        return dict(
            zip(self.embedder.categories, seen.category_probabilities.mean(0).tolist(), strict=True)
        )


def _alike(one: Floats, other: Floats) -> bool:
    if not len(one) or not len(other):
        return False
    return float(_unit(one.mean(0)) @ _unit(other.mean(0))) > _SAME_GARMENT


def _joined(one: GarmentFeatures, other: GarmentFeatures) -> GarmentFeatures:
    return GarmentFeatures(
        np.concatenate([one.embeddings, other.embeddings]),
        np.concatenate([one.category_probabilities, other.category_probabilities]),
        np.concatenate([one.local_features, other.local_features]),
    )


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)
