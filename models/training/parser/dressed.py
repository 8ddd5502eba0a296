"""Dress photographed people in articles: the cloth of a packshot on what they wear.

Shops that show their articles on models only have no packshots to compare with. Here the
packshot is known, and the photo is made of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.errors import ModelError
from models.parsers.protocol import CLASSES
from models.simulation.cutout import cut_out, read_image
from models.taxonomy import GARMENTS, PARTS
from models.training.data import Article, people_paths
from models.training.parser.dataset import read_person
from models.training.parser.labels import read_class_table
from models.training.parser.photographs import Labels, Rng, cut_window, to_studio

#: Share of a photo that a garment must fill to be replaced.
_LEAST: Final = 0.015
#: Height of the photos, pixels.
_HEIGHT: Final = 480


@dataclass(frozen=True)
class Dressed:
    """A photo of somebody who wears an article.

    Attributes:
        image: uint8 H×W×3 BGR.
        alpha: uint8 H×W, 255 where the article truly is.
    """

    image: Image
    alpha: Image


class Models:
    """Held-out people by what they wear."""

    def __init__(self, root: Path) -> None:
        """Read the held-out people of a data folder.

        Raises:
            ModelError: There are none.
        """
        table = read_class_table(root)
        self._people: dict[str, list[tuple[Image, Labels, NDArray[np.bool_]]]] = defaultdict(list)
        for path in people_paths(root, validation=True):
            photo, labels = read_person(path, table)
            for category in GARMENTS:
                mask = labels == CLASSES.index(category)
                if mask.mean() >= _LEAST:
                    self._people[category].append((photo, labels, mask))

    def dress(self, article: Article, rng: Rng) -> Dressed | None:
        """Dress somebody in an article; None where nobody wears such, or it cannot be cut out.

        Args:
            article: A garment.
            rng: Chooses person, ground and window.
        """
        wearers = self._people[article.category] or [
            person
            for category, people in self._people.items()
            if PARTS[category] == PARTS[article.category]
            for person in people
        ]
        if not wearers:
            return None
        photo, labels, mask = wearers[int(rng.integers(len(wearers)))]
        try:
            garment = cut_out(read_image(article.image), article.sku, article.category).image
        except ModelError:
            return None
        image = put_on(photo, mask, garment)
        if rng.random() < 0.7:
            image = to_studio(image, labels, rng)
        window = _window(labels, mask, rng)
        height = window[3] - window[1]
        size = _HEIGHT, round(_HEIGHT * (window[2] - window[0]) / height)
        shown, cut = cut_window(image, np.where(mask, np.uint8(255), np.uint8(0)), window, size,
                                bool(rng.random() < 0.5))  # fmt: skip
        return Dressed(shown, cut)


def put_on(photo: Image, mask: NDArray[np.bool_], garment: Image) -> Image:
    """Replace what somebody wears by the cloth of another garment, in the light of the photo.

    Args:
        photo: uint8 H×W×3 BGR.
        mask: bool H×W, the garment to replace.
        garment: uint8 h×w×4 BGRA, cropped to the other one.

    Returns:
        uint8 H×W×3 BGR.
    """
    ys, xs = np.nonzero(mask)
    box = np.s_[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    inside = mask[box]
    size = inside.shape[1::-1]
    cloth = _spread(np.asarray(cv2.resize(garment, size, interpolation=cv2.INTER_AREA), np.uint8))
    grey = cv2.cvtColor(photo[box], cv2.COLOR_BGR2GRAY).astype(np.float32) + 12
    typical = float(np.median(grey[inside]))
    smooth = cv2.GaussianBlur(grey / typical, (0, 0), 1.5)
    lit = cloth.astype(np.float32) * np.clip(0.45 + 0.55 * smooth, 0.6, 1.3)[..., None]
    alpha = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 0.8)[..., None]
    worn = photo.copy()
    worn[box] = np.clip(photo[box] + alpha * (lit - photo[box]), 0, 255)
    return worn


def _spread(cloth: Image) -> Image:
    """Continue cloth beyond its outline by its nearest pixel; BGRA in, BGR out."""
    outside = (cloth[..., 3] < 200).astype(np.uint8)
    if not outside.any() or outside.all():
        return cloth[..., :3]
    _, nearest = cv2.distanceTransformWithLabels(
        outside, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    order = np.zeros(int(nearest.max()) + 1, np.int64)
    flat = np.flatnonzero(outside.ravel() == 0)
    order[nearest.ravel()[flat]] = flat
    return np.asarray(cloth[..., :3].reshape(-1, 3)[order[nearest]], np.uint8)


def _window(labels: Labels, mask: NDArray[np.bool_], rng: Rng) -> tuple[float, float, float, float]:
    """Choose what a shop shows: the whole person, or the article with a part of her."""
    ys, xs = np.nonzero(labels if rng.random() < 0.4 else mask)
    height = (ys.max() + 1 - ys.min()) * rng.uniform(1.05, 1.5)
    width = max(height * rng.uniform(0.6, 0.8), (xs.max() + 1 - xs.min()) * 1.05)
    height = max(height, width / 0.85)
    x, y = (xs.min() + xs.max()) / 2, (ys.min() + ys.max()) / 2
    y += rng.uniform(-0.1, 0.1) * height
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def dress_all(models: Models, articles: Sequence[Article], seed: int) -> dict[str, Dressed]:
    """Dress people in articles, by SKU; those that cannot be worn are left out."""
    found = {}
    for number, article in enumerate(articles):
        dressed = models.dress(article, np.random.default_rng([seed, number]))
        if dressed is not None:
            found[article.sku] = dressed
    return found
