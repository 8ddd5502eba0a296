"""Load stylists' looks for training: read, group near-duplicates, split."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from common.progress import progress
from models.colour import dominant_lab
from models.embedders.registry import open_embedder
from models.errors import ModelError
from models.simulation.cutout import read_image
from models.training.data import load_articles
from models.training.embedder.queries import embed_gallery

#: Looks with at least this Jaccard similarity are near-duplicates.
_SAME: Final = 0.5
#: One family of looks in this many is held out for validation.
_HOLD_OUT: Final = 7
_FEWEST: Final = 20


@dataclass(frozen=True)
class Collection:
    """A shop's articles with their features.

    Attributes:
        skus: N names.
        styles: N; colourways of one cut share it.
        categories: N of `models.taxonomy.CATEGORIES`.
        families: N, the shop's finer categories where given.
        vectors: float32 N×D of the embedder.
        colours: float32 N×3, CIE L*a*b*.
        model: The embedder's short name.
    """

    skus: tuple[str, ...]
    styles: tuple[str, ...]
    categories: tuple[str, ...]
    families: tuple[str, ...]
    vectors: NDArray[np.float32]
    colours: NDArray[np.float32]
    model: str


Look = tuple[int, ...]


def collect_articles(root: Path, cache: Path) -> Collection:
    """Compute embeddings and colours of the articles of a data folder.

    Args:
        root: Data folder (layout in `models.training.data`).
        cache: Folder for the results, which are computed once.
    """
    articles, embedder = load_articles(root), open_embedder()
    vectors = embed_gallery(embedder, articles, cache / "gallery.npz").embedding
    measured = cache / "colours.npy"
    colours = np.load(measured) if measured.is_file() else np.zeros((0, 3), np.float32)
    if len(colours) != len(articles):
        shots = progress(articles, desc="colours", unit="article")
        colours = np.array([dominant_lab(read_image(a.image)) for a in shots], np.float32)
        np.save(measured, colours)
    return Collection(
        tuple(a.sku for a in articles),
        tuple(a.style for a in articles),
        tuple(a.category for a in articles),
        tuple(a.family or a.category for a in articles),
        vectors,
        colours,
        embedder.model,
    )


def read_looks(path: Path, skus: Mapping[str, int]) -> list[Look]:
    """Read looks from a CSV `outfit,sku`, as rows of a collection.

    Articles outside the collection are dropped, and so are looks with fewer than two left.

    Raises:
        ModelError: The file cannot be read, lacks a column, or holds too few looks.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if missing := {"outfit", "sku"} - set(reader.fieldnames or ()):
                raise ModelError(f"{path}: lacks the column {min(missing)!r}.")
            rows = [(row["outfit"], row["sku"]) for row in reader]
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise ModelError(f"{path}: not UTF-8 ({error.reason}).") from error
    found: dict[str, dict[int, None]] = defaultdict(dict)
    for outfit, sku in rows:
        if sku in skus:
            found[outfit][skus[sku]] = None
    return check_looks((tuple(look) for look in found.values()), str(path))


def check_looks(looks: Iterable[Look], where: str) -> list[Look]:
    """Return the looks of two and more articles.

    Raises:
        ModelError: There are too few for training; `where` is their source.
    """
    kept = [look for look in looks if len(look) >= 2]
    if len(kept) < _FEWEST:
        raise ModelError(
            f"{where}: only {len(kept)} looks with articles of the catalogue; training needs "
            f"{_FEWEST}. Check that the SKUs are those of the catalogue."
        )
    return kept


def families_of_looks(looks: Sequence[Look]) -> list[int]:
    """Group near-duplicate looks transitively; return a family number for each.

    Two looks are near-duplicates if they share half of all their articles.
    """
    holding: dict[int, list[int]] = defaultdict(list)
    for number, look in enumerate(looks):
        for row in look:
            holding[row].append(number)
    parent = list(range(len(looks)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for number, look in enumerate(looks):
        common = Counter(m for row in look for m in holding[row] if m > number)
        for other, shared in common.items():
            if shared >= _SAME * (len(look) + len(looks[other]) - shared):
                parent[root(other)] = root(number)
    return [root(number) for number in range(len(looks))]


def split_looks(looks: Sequence[Look], skus: Sequence[str]) -> tuple[list[Look], list[Look]]:
    """Split looks into training and validation.

    Families of near-duplicates stay together. The split is by a hash of the first look of a
    family, so it is the same on every machine.
    """
    families = families_of_looks(looks)
    learned: list[Look] = []
    measured: list[Look] = []
    for look, family in zip(looks, families, strict=True):
        name = ",".join(sorted(skus[row] for row in looks[family]))
        number = int(hashlib.sha256(name.encode()).hexdigest(), 16)
        (measured if number % _HOLD_OUT == 0 else learned).append(look)
    return learned, measured
