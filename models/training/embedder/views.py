"""Carried views of articles, for the training and the evaluation of the embedder."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.crops import stretch
from models.errors import ModelError
from models.simulation.cutout import Cutout, crop_to_article, read_image
from models.simulation.views import View, carried, cut_out_small
from models.taxonomy import GARMENTS
from models.training.data import HOLD_OUT, Article, held_out

#: Input height and width in pixels; crops are stretched to it.
INPUT_SIZE = (160, 128)


class CarriedViews:
    """Renders carried articles in front of photographed people and places."""

    def __init__(self, articles: Sequence[Article], photos: Sequence[Path]) -> None:
        """Render these articles, occluded by each other, in front of these photos."""
        self.articles, self._photos = articles, photos
        # Bags and shoes are in the gallery as negatives, but they are never queries.
        self.rows: NDArray[np.int64] = np.array(
            [n for n, a in enumerate(articles) if a.category in GARMENTS], np.int64
        )

    def view(self, article: Article, rng: np.random.Generator, track: int | None = None) -> View:
        """Render an article carried in front of a random photo; `track` as in `carried`."""
        cutout = small_cutout(article)
        if cutout is None:
            return View(packshot(article), 1.0, "")
        photo = _photo(self._photos[int(rng.integers(len(self._photos)))])

        def other() -> Cutout | None:
            return small_cutout(self.articles[int(rng.choice(self.rows))])

        return carried(cutout, photo, rng, other, track)


def prepare(image: Image) -> Image:
    """Resize a BGR crop to the network's input; uint8 H×W×3 RGB."""
    return stretch(image, *INPUT_SIZE)


_photo = cache(read_image)


@cache
def small_cutout(article: Article) -> Cutout | None:
    """Cut an article out at about its size in crops; None if it cannot be segmented."""
    try:
        return cut_out_small(read_image(article.image), article.sku, article.category)
    except ModelError:
        return None


@cache
def packshot(article: Article) -> Image:
    """Crop an article's packshot as the catalogue does, no larger than needed."""
    shot = crop_to_article(read_image(article.image))
    scale = min(1.0, 1.5 * INPUT_SIZE[0] / shot.shape[0])
    small = cv2.resize(shot, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def usable(articles: list[Article], validation: bool, one_in: int = HOLD_OUT) -> list[Article]:
    """Return one split by style, without jewellery, cosmetics and the like.

    Args:
        articles: Of one shop.
        validation: Return the validation split instead of the training split.
        one_in: One in this many styles is held out of training (`models.training.data.held_out`).
    """
    return [
        a
        for a in articles
        if a.category not in ("accessory", "other") and held_out(a.style, one_in) == validation
    ]
