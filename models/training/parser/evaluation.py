"""Measure a parser: where it finds garments on people, and what it takes packshots for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.parsers.garment import find_article
from models.parsers.protocol import CLASSES, GarmentParser, PictureKind
from models.simulation.cutout import read_image
from models.taxonomy import EMBEDDER_CATEGORIES
from models.training.data import Article, people_paths
from models.training.parser.dataset import read_person
from models.training.parser.labels import IGNORED, read_class_table
from models.training.parser.photographs import Labels, to_studio

#: Share of a photo that a garment must fill to be looked for.
_LEAST: Final = 0.004
#: Resamples of the bootstrap.
_RESAMPLES: Final = 1000


@dataclass
class Overlaps:
    """IoU of every garment that was looked for, by category.

    Attributes:
        by_category: 0 where it was not found.
        taken_for: What the photos were taken for.
        shown: The photo, truth and mask of some garments with their category and IoU.
    """

    by_category: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    taken_for: Counter[str] = field(default_factory=Counter)
    shown: list[tuple[str, float, Image, NDArray[np.bool_], NDArray[np.bool_]]] = field(
        default_factory=list
    )

    def figures(self) -> dict[str, Any]:
        """Return the mean IoU by category and of all garments, with 95 % intervals."""
        everything = [value for values in self.by_category.values() for value in values]
        table = {name: summarise(self.by_category[name]) for name in EMBEDDER_CATEGORIES
                 if self.by_category.get(name)}  # fmt: skip
        return {
            "all": summarise(everything),
            "by_category": table,
            "taken_for": dict(self.taken_for),
        }


def summarise(values: Sequence[float], seed: int = 0) -> dict[str, Any]:
    """Return count, mean, the mean's 95 % interval by bootstrap, and the share above a half."""
    found = np.asarray(values, np.float64)
    if not len(found):
        return {"garments": 0}
    draws = np.random.default_rng(seed).integers(len(found), size=(_RESAMPLES, len(found)))
    low, high = np.percentile(found[draws].mean(1), [2.5, 97.5])
    return {
        "garments": len(found),
        "iou": round(float(found.mean()), 3),
        "interval": [round(float(low), 3), round(float(high), 3)],
        "above_half": round(float((found > 0.5).mean()), 3),
    }


def measure_overlap(
    parser: GarmentParser,
    root: Path,
    studio: bool,
    progress: Callable[[Sequence[Path]], Iterable[Path]] = lambda paths: paths,
) -> Overlaps:
    """Look for every garment that held-out people wear, by its category.

    Args:
        parser: The parser.
        root: Data folder (layout in `models.training.data`).
        studio: Set people before a plain ground; otherwise as they were photographed.
        progress: Wraps the photos.

    Raises:
        ModelError: There are no photos of people.
    """
    table, found = read_class_table(root), Overlaps()
    for path in progress(people_paths(root, validation=True)):
        photo, labels = read_person(path, table)
        rng = np.random.default_rng(int(path.stem) if path.stem.isdigit() else 0)
        shown = to_studio(photo, labels, rng) if studio else photo
        for category in EMBEDDER_CATEGORIES:
            _compare(parser, shown, labels, category, found)
    return found


def _compare(
    parser: GarmentParser, photo: Image, labels: Labels, category: str, found: Overlaps
) -> None:
    truth = labels == CLASSES.index(category)
    if truth.mean() < _LEAST:
        return
    finding = find_article(parser, photo, category)
    found.taken_for[finding.kind] += 1
    alpha = finding.alpha if finding.alpha is not None else np.zeros(labels.shape, np.uint8)
    mask = (alpha > 127) & (labels != IGNORED)
    overlap = float((mask & truth).sum() / max(int((mask | truth).sum()), 1))
    found.by_category[category].append(overlap)
    found.shown.append((category, overlap, photo, truth, mask))


def measure_packshots(
    parser: GarmentParser,
    articles: Sequence[Article],
    progress: Callable[[Sequence[Article]], Iterable[Article]] = lambda articles: articles,
) -> tuple[dict[str, Any], list[tuple[str, Image]]]:
    """Count what a parser takes packshots for.

    Returns:
        The share of each kind, and the pictures that were not taken for packshots, with the kind.
    """
    taken_for, wrong = Counter[str](), list[tuple[str, Image]]()
    for article in progress(articles):
        image = read_image(article.image)
        kind = find_article(parser, image, article.category).kind
        taken_for[kind] += 1
        if kind is not PictureKind.PACKSHOT:
            wrong.append((f"{article.sku} ({article.category}): {kind}", image))
    total = max(sum(taken_for.values()), 1)
    shares = {kind: round(count / total, 4) for kind, count in taken_for.most_common()}
    return {"packshots": total, "taken_for": shares}, wrong
