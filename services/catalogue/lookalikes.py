"""Articles of a shop that look alike to its cameras."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from common.gallery import Gallery
from models.errors import ModelError
from models.lookalikes import group_lookalikes, mean_embeddings
from models.manifest import MatchCalibration
from models.taxonomy import GARMENTS


@dataclass(frozen=True)
class Lookalikes:
    """A group of articles that no camera can tell apart.

    Attributes:
        category: Of the first one.
        skus: Of the colourways, two and more.
    """

    category: str
    skus: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what `catalogue lookalikes --json` prints."""
        return {"category": self.category, "skus": list(self.skus)}


def find_lookalikes(gallery: Gallery, calibration: MatchCalibration) -> list[Lookalikes]:
    """Group the garments of a gallery that are mistaken for one another, the largest group first.

    Args:
        gallery: Of the shop; local features are not used.
        calibration: Of the embedder that embedded it.

    Raises:
        ModelError: It was not measured which articles are mistaken with these weights.
    """
    least = calibration.lookalike
    if least is None:
        raise ModelError(
            "manifest.json: embedder.calibration.lookalike is missing: it was not measured which "
            "articles these weights mistake for one another. Export them again."
        )
    categories = dict(zip(gallery.skus, gallery.categories, strict=True))
    carried = [n for n, category in enumerate(gallery.categories) if category in GARMENTS]
    if not carried:
        return []
    names = [gallery.skus[n] for n in carried]
    embeddings, skus = mean_embeddings(gallery.embeddings[carried], names)
    return [
        Lookalikes(categories[skus[group[0]]], tuple(skus[n] for n in group))
        for group in group_lookalikes(embeddings, least)
    ]
