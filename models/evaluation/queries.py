"""Queries to measure retrieval with: articles of unseen styles, carried past a camera."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from models.data import Article, people_paths
from models.evaluation.retrieval import Track
from models.runtime import Described
from models.scenes.cutout import Image
from models.taxonomy import GARMENTS
from models.training.embedder import EmbedderRecipe, Views, packshot, usable

Floats = NDArray[np.float32]

#: How many tracks are filmed, and views of each.
QUERIES: Final = 1000
VIEWS: Final = 8


class Describes(Protocol):
    """An embedder: ours, or one to compare it with."""

    @property
    def categories(self) -> tuple[str, ...]:
        """What it tells apart."""

    def embed(self, crops: Sequence[Image]) -> Floats:
        """Embed crops; N×D unit vectors."""

    def describe(self, crops: Sequence[Image]) -> Described:
        """Embed crops and tell their kind."""


def embed_gallery(embedder: Describes, articles: Sequence[Article]) -> Floats:
    """Embed the packshots of all articles; N×D unit vectors."""
    batches = [
        embedder.embed([packshot(a) for a in articles[start : start + 64]])
        for start in tqdm(range(0, len(articles), 64), desc="gallery", unit="batch")
    ]
    return np.concatenate(batches)


def film_tracks(
    embedder: Describes,
    root: Path,
    articles: Sequence[Article],
    queries: int = QUERIES,
    seed: int = 7,
) -> list[Track]:
    """Carry garments of unseen styles past a camera, in front of unseen people.

    Args:
        embedder: Embeds the views.
        root: Data folder (layout in `models.data`).
        articles: All articles; those of held-out styles are carried.
        queries: How many tracks at most.
        seed: Source of all randomness.
    """
    cv2.setNumThreads(1)
    unseen = [a for a in usable(list(articles), validation=True) if a.category in GARMENTS]
    maker = Views(unseen, people_paths(root, validation=True), EmbedderRecipe())
    rng = np.random.default_rng(seed)
    chosen = [unseen[int(n)] for n in rng.permutation(len(unseen))[:queries]]
    tracks = []
    for article in tqdm(chosen, desc="queries", unit="track"):
        passage = int(rng.integers(2**62))
        views = [maker.view(article, rng, passage) for _ in range(VIEWS)]
        seen = embedder.describe([view.image for view in views])
        kind = embedder.categories[int(seen.kinds.mean(0).argmax())]
        visible = np.array([view.visible for view in views], np.float32)
        tracks.append(Track(article, seen.vectors, visible, kind))
    return tracks
