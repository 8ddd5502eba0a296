"""How an article looks when people carry it, which is what the shop's cameras compare with.

A packshot shows an article flat and from the front. Over an arm, folded, half covered and
in poor light it looks another way, and each article in a way of its own: a print breaks
up, a pale lining turns out. So an article's vector is made of its packshot and of views
that simulate how it is carried, the same ones that the embedder is trained with.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Final

import numpy as np

from common.image import Image
from models.embedders.protocol import Described, GarmentEmbedder
from models.errors import ModelError
from models.matching import Indexed, directions
from models.simulation.cutout import crop_to_article
from models.simulation.drape import lay
from models.simulation.figure import draw_figure, random_look
from models.simulation.rooms import draw_room
from models.simulation.views import carried, cut_out_small
from models.taxonomy import GARMENTS

#: Simulated views of an article, and what their mean weighs beside the packshot's vector.
VIEWS: Final = 16
_WEIGHT: Final = 1.0
_PLACES: Final = 32
_PLACE_SIDE: Final = 256
_BATCH: Final = 16


@dataclass(frozen=True)
class Shot:
    """A picture of one article.

    Attributes:
        image: uint8 H×W×3 BGR, all of it.
        category: A name of `models.taxonomy`.
    """

    image: Image
    category: str


@cache
def _places() -> tuple[Image, ...]:
    """Draw shop corners with somebody close by: what is seen behind a carried garment."""
    rng = np.random.default_rng(11)
    places = []
    for _ in range(_PLACES):
        place = draw_room(_PLACE_SIDE, _PLACE_SIDE, rng)
        figure = draw_figure(random_look(rng), 400, rng.uniform(0, 2 * np.pi), rng).image
        x = (_PLACE_SIDE - figure.shape[1]) / 2 + rng.uniform(-0.3, 0.3) * figure.shape[1]
        lay(place, figure, x, rng.uniform(-200, 0))
        places.append(place)
    return tuple(places)


def appearances(shot: Shot) -> list[Image]:
    """Show an article as its picture does and as a camera would see it carried.

    Args:
        shot: The picture.

    Returns:
        uint8 H×W×3 BGR each: the picture cropped to the article, then `VIEWS` simulated
        views. The crop alone where nobody carries such an article past a camera that looks
        for it (`models.taxonomy.GARMENTS`), or nothing stands out from the ground. The same
        picture always gives the same ones.
    """
    crop = crop_to_article(shot.image)
    if shot.category not in GARMENTS:
        return [crop]
    try:
        cutout = cut_out_small(shot.image, "", shot.category)
    except ModelError:
        return [crop]
    rng = np.random.default_rng(zlib.crc32(cutout.image.tobytes()))
    places = _places()
    seen = [carried(cutout, places[int(rng.integers(_PLACES))], rng).image for _ in range(VIEWS)]
    return [crop, *seen]


def _fuse(seen: Described, start: int, end: int) -> Indexed:
    """Make one unit vector of a packshot's and of its views', and take the packshot's cells."""
    packshot, views = seen.vectors[start], seen.vectors[start + 1 : end]
    whole = packshot + _WEIGHT * views.mean(0) if len(views) else packshot
    return Indexed(
        np.asarray(whole / np.linalg.norm(whole), np.float32), directions(seen.cells[start])
    )


def embed_articles(embedder: GarmentEmbedder, shots: Iterable[Shot]) -> Iterator[Indexed]:
    """Embed articles as packshots and carried, in batches, on all cores.

    Args:
        embedder: Embeds the crops.
        shots: Pictures, read as they are needed.

    Yields:
        What is kept of each, in their order.
    """
    source = iter(shots)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        while batch := list(islice(source, _BATCH)):
            shown = list(pool.map(appearances, batch))
            seen = embedder.embed([image for images in shown for image in images])
            ends = np.cumsum([len(images) for images in shown])
            for start, end in zip([0, *ends[:-1]], ends, strict=True):
                yield _fuse(seen, int(start), int(end))
