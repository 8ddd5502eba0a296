"""Simulate queries for the evaluation of retrieval: tracks of carried held-out articles."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from common.image import Image
from common.progress import progress
from models.appearance import Shot, embed_articles
from models.embedders.protocol import GarmentEmbedder, GarmentFeatures
from models.matching import GalleryFeatures
from models.simulation.cutout import read_image
from models.taxonomy import GARMENTS
from models.training.data import HOLD_OUT, Article, people_paths
from models.training.embedder.retrieval import Track
from models.training.embedder.views import CarriedViews, packshot, usable

Floats = NDArray[np.float32]

#: Number of tracks, and views of each.
QUERIES: Final = 1000
VIEWS: Final = 8


class QueryEmbedder(Protocol):
    """An embedder of queries: the project's, or a baseline."""

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories that it classifies."""

    def embed_queries(self, crops: Sequence[Image]) -> GarmentFeatures:
        """Embed crops and classify them."""


def embed_gallery(
    embedder: GarmentEmbedder, articles: Sequence[Article], cache: Path
) -> GalleryFeatures:
    """Embed all articles as a shop's catalogue does: packshots and simulated carried views.

    Args:
        embedder: The project's embedder.
        articles: Of a data folder.
        cache: File for the result, which takes 0.1 to 0.2 s per article; it is read if it
            was written for the same weights and articles.

    Returns:
        The features of all N articles.
    """
    names = hashlib.sha256("\n".join(a.sku for a in articles).encode()).hexdigest()
    cache_key = f"{embedder.model} {names}"
    if cache.is_file():
        with np.load(cache) as file:
            if str(file["made_of"]) == cache_key:
                return GalleryFeatures(file["vectors"], file["cells"])
    shown = progress(articles, desc="gallery", unit="article")
    shots = (Shot(read_image(a.image), a.category) for a in shown)
    vectors, cells = zip(*embed_articles(embedder, shots), strict=True)
    gallery = GalleryFeatures(np.stack(vectors), np.stack(cells))
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.savez(cache, vectors=gallery.embedding, cells=gallery.local_features, made_of=cache_key)
    return gallery


def embed_packshots(embedder: QueryEmbedder, articles: Sequence[Article]) -> GalleryFeatures:
    """Embed the packshots alone; local features are empty."""
    batches = [
        embedder.embed_queries([packshot(a) for a in articles[start : start + 64]]).embeddings
        for start in progress(range(0, len(articles), 64), desc="packshots", unit="batch")
    ]
    return GalleryFeatures(np.concatenate(batches), np.zeros((len(articles), 0, 0), np.int8))


def simulate_tracks(
    embedder: QueryEmbedder,
    root: Path,
    articles: Sequence[Article],
    queries: int = QUERIES,
    seed: int = 7,
    one_in: int = HOLD_OUT,
) -> list[Track]:
    """Simulate tracks of garments of held-out styles in front of held-out people.

    Args:
        embedder: Embeds the views.
        root: Data folder (layout in `models.training.data`) with the photos of people.
        articles: All articles; those of held-out styles are carried.
        queries: Maximum number of tracks.
        seed: Source of all randomness.
        one_in: One style in this many is held out (`models.training.data.held_out`).
    """
    held_out = [a for a in usable(list(articles), True, one_in) if a.category in GARMENTS]
    carried_views = CarriedViews(held_out, people_paths(root, validation=True))
    rng = np.random.default_rng(seed)
    carried = [held_out[int(n)] for n in rng.permutation(len(held_out))[:queries]]
    tracks = []
    for article in progress(carried, desc="queries", unit="track"):
        track_seed = int(rng.integers(2**62))
        views = [carried_views.view(article, rng, track_seed) for _ in range(VIEWS)]
        features = embedder.embed_queries([view.image for view in views])
        mean = features.category_probabilities.mean(0).tolist()
        categories = dict(zip(embedder.categories, mean, strict=True))
        visible = np.array([view.visible for view in views], np.float32)
        tracks.append(
            Track(article, features.embeddings, features.local_features, visible, categories)
        )
    return tracks
