"""From a garment's crops to an article, or to "unknown"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models import Embedder
from models.manifest import MatchThreshold
from store.catalogue import Gallery
from vision.carry import GarmentTrack

Floats = NDArray[np.float32]
CANDIDATES = 10
# Tracks of one person whose crops are this alike and never met are one garment seen twice.
_SAME_GARMENT = 0.8


@dataclass(frozen=True)
class Match:
    """What a garment is.

    Attributes:
        category: Agreed between detector and gallery.
        sku: The article's colourway, None where no answer is certain enough.
        score: Agreement of the views on the best candidate, on a cosine's scale; 0 in an
            empty gallery.
        candidates: The nearest colourways, best first, with their similarity.
    """

    category: str
    sku: str | None
    score: float
    candidates: tuple[tuple[str, float], ...]

    def as_json(self) -> dict[str, object]:
        """Return the plain form that events and commands print."""
        return {
            "category": self.category,
            "sku": self.sku,
            "score": self.score,
            "candidates": [{"sku": sku, "score": score} for sku, score in self.candidates],
        }


class Matcher:
    """Answers queries from one shop's gallery, exactly and in memory."""

    def __init__(self, embedder: Embedder, gallery: Gallery, caution: float = 0.0) -> None:
        """Take the gallery's vectors, made by the same embedder.

        Args:
            embedder: Embeds the queries.
            gallery: The shop's articles.
            caution: Added to every similarity threshold.
        """
        self._embedder, self._caution = embedder, caution
        self._vectors = gallery.vectors
        self._skus = np.array(gallery.skus)
        self._categories = np.array(gallery.categories)

    def fuse(self, garments: Sequence[GarmentTrack]) -> list[tuple[GarmentTrack, Floats]]:
        """Embed a person's garments and join tracks of the same one.

        Returns:
            Each garment with its views, float32 V×D unit vectors, in the order given.
        """
        fused: list[tuple[GarmentTrack, Floats]] = []
        for garment in garments:
            views = self._embedder.embed([crop.image for crop in garment.best_crops()])
            twin = next(
                (
                    n
                    for n, (other, theirs) in enumerate(fused)
                    if _apart(other, garment) and _alike(views, theirs)
                ),
                None,
            )
            if twin is None:
                fused.append((garment, views))
                continue
            other, theirs = fused[twin]
            longer = garment if garment.frames > other.frames else other
            fused[twin] = (longer, np.concatenate([theirs, views]))
        return fused

    def match_track(self, garment: GarmentTrack, views: Floats) -> Match:
        """Match a tracked garment by its views, V×D unit vectors."""
        return self._match(views, garment.category)

    def match_image(self, image: NDArray[np.uint8]) -> Match:
        """Match a picture that shows one garment, roughly cropped; uint8 H×W×3 BGR."""
        return self._match(self._embedder.embed([image]), None)

    def _match(self, views: Floats, seen_as: str | None) -> Match:
        if not len(self._skus):
            return Match(seen_as or "accessory", None, 0.0, ())
        similarity = _agreement(views, self._vectors)
        order = np.argsort(-similarity, kind="stable")[: CANDIDATES * 8]
        best: dict[str, float] = {}
        for row in order:
            best.setdefault(str(self._skus[row]), float(similarity[row]))
            if len(best) == CANDIDATES:
                break
        candidates = tuple((sku, round(score, 4)) for sku, score in best.items())
        nearest = str(self._categories[order[0]])
        accepted = self._accept(nearest, candidates)
        category = nearest if accepted or seen_as is None else seen_as
        return Match(category, candidates[0][0] if accepted else None, candidates[0][1], candidates)

    def _accept(self, category: str, candidates: Sequence[tuple[str, float]]) -> bool:
        thresholds = self._embedder.entry.thresholds
        needed: MatchThreshold = thresholds.get(category) or thresholds["default"]
        lead = candidates[0][1] - (candidates[1][1] if len(candidates) > 1 else -1.0)
        return (candidates[0][1] >= needed.similarity + self._caution) and lead >= needed.margin


def _apart(one: GarmentTrack, other: GarmentTrack) -> bool:
    """Tell whether two tracks were never in the picture together."""
    return one.last < other.first or other.last < one.first


def _alike(one: Floats, other: Floats) -> bool:
    return float(_unit(one.mean(0)) @ _unit(other.mean(0))) > _SAME_GARMENT


def _agreement(views: Floats, gallery: Floats) -> Floats:
    """Score every article by the half of the views that speak for it most.

    A fold or an arm spoils some views for every article; the right article is the one
    that the others agree on. Over the length of the mean view, so that the scale is that
    of a cosine and one view gives its cosine.

    Args:
        views: V×D unit vectors of one garment.
        gallery: N×D unit vectors.

    Returns:
        float32 N.
    """
    half = (len(views) + 1) // 2
    table = views @ gallery.T
    best = np.partition(table, len(views) - half, axis=0)[len(views) - half :]
    length = max(float(np.linalg.norm(views.mean(0))), 1e-6)
    return np.asarray(np.clip(best.mean(0) / length, -1, 1), np.float32)


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)
