"""The parser's data set: people, packshots, garments lying about, details, and nothing.

People are photographed anew each time (`models.training.parser.photographs`): before a plain
ground, closer, in other colours. Packshots teach what nobody wears.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from common.image import Image
from models.errors import ModelError
from models.parsers.protocol import CLASSES, PICTURE_CLASSES, PictureKind
from models.simulation.cutout import cut_out, read_image
from models.simulation.views import cut_out_small
from models.training.data import Article, held_out, load_articles, people_paths, read_labels
from models.training.parser.labels import IGNORED, read_class_table
from models.training.parser.photographs import (
    Labels,
    Rng,
    cut_window,
    develop,
    photograph,
    plain_ground,
    share_of,
)

#: How often each kind of example is drawn.
_SHARES: Final = {"person": 0.8, "packshot": 0.1, "detail": 0.02, "lying": 0.03, "nothing": 0.05}
#: A window with less of a person than this shows nothing; one that a single garment fills more
#: than this is a detail.
_LEAST, _FILLED = 0.04, 0.93
_NO_GARMENT: Final = ("Not sure", "Skip", "Other")


@dataclass(frozen=True)
class Example:
    """One example.

    Attributes:
        image: uint8 H×W×3 RGB.
        labels: uint8 H×W, numbers of `CLASSES` or `IGNORED`.
        kind: Number of `PICTURE_CLASSES`.
    """

    image: Image
    labels: Labels
    kind: int


def read_person(path: Path, table: np.ndarray) -> tuple[Image, Labels]:
    """Read a photo of a person and the classes of its pixels.

    Raises:
        ModelError: The photo or its mask is missing.
    """
    return read_image(path), np.asarray(table[read_labels(path)], np.uint8)


class ParserDataset:
    """Random examples of one split of a data folder; deterministic for a generator."""

    def __init__(self, root: Path, size: tuple[int, int], validation: bool = False) -> None:
        """List the pictures.

        Args:
            root: Data folder (layout in `models.training.data`).
            size: Height and width of the examples.
            validation: The held-out split.

        Raises:
            ModelError: People or articles are missing.
        """
        self._size, self._table = size, read_class_table(root)
        self._people = people_paths(root, validation)
        self._articles = [a for a in load_articles(root) if held_out(a.style) == validation]
        self._lying = _lying(root, validation)
        self._draw: dict[str, Callable[[Rng], Example | None]] = {
            "person": self._person,
            "packshot": self._packshot,
            "detail": self._detail,
            "lying": self._lying_about,
            "nothing": self._nothing,
        }

    def draw(self, rng: Rng) -> Example:
        """Draw a random example; retries what cannot be used, a blank mask say."""
        while True:
            name = str(rng.choice(list(_SHARES), p=list(_SHARES.values())))
            example = self._draw[name](rng)
            if example is not None:
                image = develop(example.image, rng)[..., ::-1]
                return Example(np.ascontiguousarray(image), example.labels, example.kind)

    def _person(self, rng: Rng) -> Example | None:
        path = self._people[int(rng.integers(len(self._people)))]
        photo, labels = read_person(path, self._table)
        if not labels.any():
            return None
        image, cut = photograph(photo, labels, self._size, rng)
        return Example(image, cut, PICTURE_CLASSES.index(kind_of(cut)))

    def _cutout(self, rng: Rng) -> tuple[Article, Image, Image] | None:
        """Choose an article; its packshot and its cutout (BGRA)."""
        article = self._articles[int(rng.integers(len(self._articles)))]
        try:
            shot = read_image(article.image)
            return article, shot, cut_out_small(shot, article.sku, article.category).image
        except ModelError:
            return None

    def _packshot(self, rng: Rng) -> Example | None:
        chosen = self._cutout(rng)
        if chosen is None:
            return None
        article, _, garment = chosen
        height, width = self._size
        ground = plain_ground(height, width, rng)
        scale = rng.uniform(0.45, 0.98) * min(height / garment.shape[0], width / garment.shape[1])
        layer = _scaled(garment, scale)
        y = int(rng.integers(height - layer.shape[0] + 1))
        x = int(rng.integers(width - layer.shape[1] + 1))
        labels = np.zeros(self._size, np.uint8)
        alpha = layer[..., 3:].astype(np.float32) / 255
        part = ground[y : y + layer.shape[0], x : x + layer.shape[1]]
        part[:] = part + alpha * (layer[..., :3].astype(np.float32) - part)
        inside = labels[y : y + layer.shape[0], x : x + layer.shape[1]]
        inside[alpha[..., 0] > 0.5] = _class_of(article)
        return Example(ground, labels, PICTURE_CLASSES.index(PictureKind.PACKSHOT))

    def _detail(self, rng: Rng) -> Example | None:
        """Show a close-up of a packshot."""
        article = self._articles[int(rng.integers(len(self._articles)))]
        try:
            garment = cut_out(read_image(article.image), article.sku, article.category).image
        except ModelError:
            return None
        labels = np.where(garment[..., 3] > 127, np.uint8(_class_of(article)), np.uint8(0))
        height = garment.shape[0] * rng.uniform(0.2, 0.5)
        width = height * self._size[1] / self._size[0]
        x = rng.uniform(0, max(1, garment.shape[1] - width))
        y = rng.uniform(0, garment.shape[0] - height)
        window = (x, y, x + width, y + height)
        image, cut = cut_window(garment[..., :3], labels, window, self._size, False)
        if (cut > 0).mean() < _FILLED:
            return None
        return Example(image, cut, PICTURE_CLASSES.index(PictureKind.DETAIL))

    def _lying_about(self, rng: Rng) -> Example | None:
        """Show a garment on a floor or a hanger, of which only is known that nobody wears it."""
        if not self._lying:
            return None
        photo = read_image(self._lying[int(rng.integers(len(self._lying)))])
        image = cv2.resize(photo, self._size[::-1], interpolation=cv2.INTER_AREA)
        labels = np.full(self._size, IGNORED, np.uint8)
        return Example(
            np.asarray(image, np.uint8), labels, PICTURE_CLASSES.index(PictureKind.PACKSHOT)
        )

    def _nothing(self, rng: Rng) -> Example | None:
        labels = np.zeros(self._size, np.uint8)
        image = plain_ground(*self._size, rng)
        if rng.random() < 0.55:
            path = self._people[int(rng.integers(len(self._people)))]
            photo, people = read_person(path, self._table)
            found = _empty_window(people, rng)
            if found is None:
                return None
            image, _ = cut_window(photo, people, found, self._size, bool(rng.random() < 0.5))
        elif rng.random() < 0.8:
            write_chart(image, rng)
        return Example(image, labels, PICTURE_CLASSES.index(PictureKind.NOTHING))


def kind_of(labels: Labels) -> PictureKind:
    """Classify a part of a photo of a person as worn, close-up or neither."""
    if ((labels > 0) & (labels != IGNORED)).mean() < _LEAST:
        return PictureKind.NOTHING
    if max(share_of(labels, name) for name in CLASSES[2:]) > _FILLED:
        return PictureKind.DETAIL
    return PictureKind.WORN


def _class_of(article: Article) -> int:
    return CLASSES.index(article.category) if article.category in CLASSES else IGNORED


def _lying(root: Path, validation: bool) -> Sequence[Path]:
    table = root / "data" / "garments.csv"
    if not table.is_file():
        return ()
    with table.open(newline="", encoding="utf-8") as file:
        return [
            root / "data" / "garments" / row["file"]
            for row in csv.DictReader(file)
            if row["label"] not in _NO_GARMENT
            and held_out(row["sender"]) == validation
            and (root / "data" / "garments" / row["file"]).is_file()
        ]


def _scaled(layer: Image, scale: float) -> Image:
    size = [max(2, round(side * scale)) for side in layer.shape[1::-1]]
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(layer, size, interpolation=method), np.uint8)


def _empty_window(people: Labels, rng: Rng) -> tuple[float, float, float, float] | None:
    height, width = people.shape
    for _ in range(8):
        side = int(rng.uniform(0.2, 0.5) * width)
        x, y = int(rng.integers(width - side)), int(rng.integers(height - side))
        if not people[y : y + side, x : x + side].any():
            return x, y, x + side, y + side
    return None


def write_chart(image: Image, rng: Rng) -> None:
    """Write rows of words and numbers over a picture, as size charts and labels have them."""
    colour = [float(n) for n in rng.integers(0, 120, 3)]
    scale = rng.uniform(0.3, 0.9)
    step = int(rng.uniform(14, 40))
    for y in range(int(rng.integers(10, 40)), image.shape[0], step):
        for x in range(int(rng.integers(2, 30)), image.shape[1], int(rng.uniform(30, 90))):
            word = str(rng.integers(20, 130)) if rng.random() < 0.6 else "SIZE"
            cv2.putText(
                image, word, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, colour, 1, cv2.LINE_AA
            )
        if rng.random() < 0.3:
            cv2.line(image, (0, y + 4), (image.shape[1], y + 4), colour, 1)
