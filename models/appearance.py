"""Embed articles for the gallery by their packshot and by simulated carried views.

A packshot shows an article flat and from the front. Over an arm, folded, half occluded and in
poor light it looks different, and each article in its own way: a print breaks up, a pale
lining turns out. So an article's embedding combines its packshot with simulated carried views
of the kind that the embedder is trained on.
"""

from __future__ import annotations

import os
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from common.image import Image
from models.embedders.protocol import GarmentEmbedder, GarmentFeatures
from models.errors import ModelError
from models.matching import GalleryFeatures, quantize_descriptors
from models.simulation.cutout import Cutout, crop_to_article
from models.simulation.drape import lay
from models.simulation.figure import draw_figure, random_look
from models.simulation.rooms import draw_room
from models.simulation.views import carried, cut_out_small
from models.simulation.worn import cut_worn, show_on_ground
from models.taxonomy import GARMENTS

#: Simulated views of an article, and the weight of their mean beside the packshot.
VIEWS: Final = 16
_WEIGHT: Final = 1.0
_BACKGROUNDS: Final = 32
_BACKGROUND_SIDE: Final = 256
#: Articles per core that are read before they are needed.
_AHEAD: Final = 3


@dataclass(frozen=True)
class Shot:
    """A picture of one article.

    Attributes:
        image: uint8 H×W×3 BGR, uncropped.
        category: A name of `models.taxonomy`.
        alpha: uint8 H×W, 255 where somebody wears the article; None for a packshot.
    """

    image: Image
    category: str
    alpha: Image | None = None


@cache
def _backgrounds() -> tuple[Image, ...]:
    """Draw backgrounds: corners of a shop with a person close by."""
    rng = np.random.default_rng(11)
    backgrounds = []
    for _ in range(_BACKGROUNDS):
        background = draw_room(_BACKGROUND_SIDE, _BACKGROUND_SIDE, rng)
        figure = draw_figure(random_look(rng), 400, rng.uniform(0, 2 * np.pi), rng).image
        x = (_BACKGROUND_SIDE - figure.shape[1]) / 2 + rng.uniform(-0.3, 0.3) * figure.shape[1]
        lay(background, figure, x, rng.uniform(-200, 0))
        backgrounds.append(background)
    return tuple(backgrounds)


def appearances(shot: Shot) -> list[Image]:
    """Crop a picture to its article and simulate carried views of it.

    Args:
        shot: The picture.

    Returns:
        uint8 H×W×3 BGR each: the crop, then `VIEWS` simulated views. The crop alone for
        categories that are not detected (`models.taxonomy.GARMENTS`), or if the article cannot
        be segmented. Deterministic for a picture.
    """
    crop, cutout = _crop(shot)
    if cutout is None or shot.category not in GARMENTS:
        return [crop]
    rng = np.random.default_rng(zlib.crc32(cutout.image.tobytes()))
    backgrounds = _backgrounds()
    views = [
        carried(cutout, backgrounds[int(rng.integers(_BACKGROUNDS))], rng).image
        for _ in range(VIEWS)
    ]
    return [crop, *views]


def _crop(shot: Shot) -> tuple[Image, Cutout | None]:
    """Crop a picture to its article and cut the article out; None where it cannot be."""
    try:
        if shot.alpha is not None:
            cutout = cut_worn(shot.image, shot.alpha, "", shot.category)
            return show_on_ground(cutout), cutout
        crop = crop_to_article(shot.image)
        wanted = shot.category in GARMENTS
        return crop, cut_out_small(shot.image, "", shot.category) if wanted else None
    except ModelError:
        return crop_to_article(shot.image), None


def _fuse(features: GarmentFeatures) -> GalleryFeatures:
    """Combine the embeddings of packshot and views; take the packshot's local features."""
    packshot, views = features.embeddings[0], features.embeddings[1:]
    combined = packshot + _WEIGHT * views.mean(0) if len(views) else packshot
    return GalleryFeatures(
        np.asarray(combined / np.linalg.norm(combined), np.float32),
        quantize_descriptors(features.local_features[0]),
    )


def embed_articles(embedder: GarmentEmbedder, shots: Iterable[Shot]) -> Iterator[GalleryFeatures]:
    """Embed articles by packshot and simulated views, several at a time.

    Args:
        embedder: Embeds the crops; one that runs several calls at a time uses all cores
            (`models.embedders.registry.open_shared_embedder`).
        shots: Packshots, consumed lazily and only a few ahead.

    Yields:
        The gallery features of each article, in the same order.
    """
    waiting: deque[Future[GalleryFeatures]] = deque()
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        try:
            for shot in shots:
                if shot.category in GARMENTS:
                    _backgrounds()  # drawn once, and here: a signal interrupts no pool thread
                waiting.append(pool.submit(_embed, embedder, shot))
                if len(waiting) > _AHEAD * cores:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _embed(embedder: GarmentEmbedder, shot: Shot) -> GalleryFeatures:
    return _fuse(embedder.embed(appearances(shot)))
