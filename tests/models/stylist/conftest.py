"""A made-up shop whose stylist likes what lies near in one direction of the vectors."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.stylist import Assortment, Shop
from models.stylist.features import VECTOR

#: Articles a category in the made-up shop.
EACH = 12
CATEGORIES = ("top", "sweater", "skirt", "trousers", "dress", "coat", "shoes", "bag", "accessory")


class FakeStylist:
    """Scores two articles by how well their vectors agree; what it is asked is counted."""

    entry = SimpleNamespace(threshold=-0.5, dimensions=8, embedder="fake")

    def __init__(self) -> None:
        self.asked = 0

    def encode(self, rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        vectors = np.asarray(rows[:, :8] / 4, np.float32)
        return vectors, vectors

    def query(self, worn: Sequence[NDArray[np.float32]], wants: Sequence[str]) -> Any:
        self.asked += len(worn)
        if not worn:
            return np.zeros((0, 8), np.float32)
        return np.stack([tokens.mean(0) for tokens in worn])


def assortment(looks: tuple[tuple[int, ...], ...] = (), **changes: Any) -> Assortment:
    rng = np.random.default_rng(0)
    categories = tuple(category for category in CATEGORIES for _ in range(EACH))
    count = len(categories)
    vectors = np.zeros((count, VECTOR), np.float32)
    vectors[:, :8] = rng.standard_normal((count, 8)) + np.array([2, 0, 0, 0, 0, 0, 0, 0])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    given: dict[str, Any] = {
        "keys": np.arange(count) + 100,
        "styles": tuple(f"style-{n}" for n in range(count)),
        "categories": categories,
        "vectors": vectors,
        "colours": rng.uniform(0, 90, (count, 3)).astype(np.float32),
        "prices": np.full(count, np.nan, np.float32),
        "audiences": ("female/adult",) * count,
        "looks": looks,
    }
    return Assortment(**given | changes)


@pytest.fixture
def shop() -> Shop:
    return Shop(FakeStylist(), assortment())  # type: ignore[arg-type]


def first(category: str) -> int:
    """Give the first row of a category."""
    return CATEGORIES.index(category) * EACH
