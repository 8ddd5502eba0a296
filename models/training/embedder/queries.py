"""Queries to measure retrieval with: articles of unseen styles, carried past a camera."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image
from common.progress import progress
from models.appearance import Shot, embed_articles
from models.embedders.protocol import Described, GarmentEmbedder
from models.matching import Indexed
from models.simulation.cutout import read_image
from models.taxonomy import GARMENTS
from models.training.data import HOLD_OUT, Article, people_paths
from models.training.embedder.retrieval import Track
from models.training.embedder.views import CarriedViews, packshot, usable

Floats = NDArray[np.float32]

#: How many tracks are filmed, and views of each.
QUERIES: Final = 1000
VIEWS: Final = 8


class Describes(Protocol):
    """An embedder: ours, or one to compare it with."""

    @property
    def categories(self) -> tuple[str, ...]:
        """What it tells apart."""

    def describe(self, crops: Sequence[Image]) -> Described:
        """Embed crops and tell their kind."""


def embed_gallery(embedder: GarmentEmbedder, articles: Sequence[Article], kept: Path) -> Indexed:
    """Embed all articles as a shop's catalogue does, as packshots and carried.

    Args:
        embedder: Ours.
        articles: A data folder's.
        kept: File that keeps the result, as it takes 0.1 to 0.2 s an article; it is read
            instead where it is of these weights and articles.

    Returns:
        What is kept of all N articles.
    """
    names = hashlib.sha256("\n".join(a.sku for a in articles).encode()).hexdigest()
    made_of = f"{embedder.model} {names}"
    if kept.is_file():
        with np.load(kept) as file:
            if str(file["made_of"]) == made_of:
                return Indexed(file["vectors"], file["cells"])
    shown = progress(articles, desc="gallery", unit="article")
    shots = (Shot(read_image(a.image), a.category) for a in shown)
    vectors, cells = zip(*embed_articles(embedder, shots), strict=True)
    gallery = Indexed(np.stack(vectors), np.stack(cells))
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.savez(kept, vectors=gallery.vector, cells=gallery.cells, made_of=made_of)
    return gallery


def embed_packshots(embedder: Describes, articles: Sequence[Article]) -> Indexed:
    """Embed the packshots of all articles alone, by their vectors."""
    batches = [
        embedder.describe([packshot(a) for a in articles[start : start + 64]]).vectors
        for start in progress(range(0, len(articles), 64), desc="packshots", unit="batch")
    ]
    return Indexed(np.concatenate(batches), np.zeros((len(articles), 0, 0), np.int8))


def film_tracks(
    embedder: Describes,
    root: Path,
    articles: Sequence[Article],
    queries: int = QUERIES,
    seed: int = 7,
    one_in: int = HOLD_OUT,
) -> list[Track]:
    """Carry garments of unseen styles past a camera, in front of unseen people.

    Args:
        embedder: Embeds the views.
        root: Data folder (layout in `models.training.data`) of the people.
        articles: All articles; those of held-out styles are carried.
        queries: How many tracks at most.
        seed: Source of all randomness.
        one_in: One style in this many is held out (`models.training.data.held_out`).
    """
    cv2.setNumThreads(1)
    unseen = [a for a in usable(list(articles), True, one_in) if a.category in GARMENTS]
    maker = CarriedViews(unseen, people_paths(root, validation=True))
    rng = np.random.default_rng(seed)
    chosen = [unseen[int(n)] for n in rng.permutation(len(unseen))[:queries]]
    tracks = []
    for article in progress(chosen, desc="queries", unit="track"):
        passage = int(rng.integers(2**62))
        views = [maker.view(article, rng, passage) for _ in range(VIEWS)]
        seen = embedder.describe([view.image for view in views])
        kinds = dict(zip(embedder.categories, seen.kinds.mean(0).tolist(), strict=True))
        visible = np.array([view.visible for view in views], np.float32)
        tracks.append(Track(article, seen.vectors, seen.cells, visible, kinds))
    return tracks
