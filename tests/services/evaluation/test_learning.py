"""What the evaluation of learning counts, on made-up garments."""

from __future__ import annotations

import json

import numpy as np
import pytest

from common.crossing import GarmentViews
from common.gallery import Gallery
from services.evaluation.learning import _learn, _Visit

ARTICLES, SIZE, DAYS = 12, 64, 6


def unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.fixture
def shop(rng: np.random.Generator) -> Gallery:
    """Pairs of articles that look alike."""
    pairs = np.repeat(rng.standard_normal((ARTICLES // 2, SIZE)), 2, axis=0)
    centres = unit(pairs + 0.9 * rng.standard_normal((ARTICLES, SIZE)))
    names = tuple(f"A{n}" for n in range(ARTICLES))
    features = np.zeros((ARTICLES, 2, 3), np.int8)
    return Gallery(centres, names, ("top",) * ARTICLES, features)


@pytest.fixture
def visits(shop: Gallery, rng: np.random.Generator) -> list[list[_Visit]]:
    """A garment of every article each day; the most similar article is the other of its pair."""

    def visit(number: int) -> _Visit:
        seen = shop.embeddings[number] + 0.3 * unit(rng.standard_normal((3, SIZE)))
        views = GarmentViews("m", unit(seen), np.zeros((3, 2, 3), np.int8))
        return _Visit(f"A{number}", views, f"A{number ^ 1}")

    return [[visit(number) for number in range(ARTICLES)] for _ in range(DAYS)]


def test_nothing_is_learned_without_visits(shop: Gallery) -> None:
    gallery, views = _learn(shop, [], 0.0)
    assert gallery.skus == shop.skus
    assert views["right"] == {"learned": 0, "removed": 0, "waiting": 0}


def test_right_labels_stay(shop: Gallery, visits: list[list[_Visit]]) -> None:
    gallery, views = _learn(shop, visits, 0.0)
    assert views["right"]["learned"] == 3 * ARTICLES * DAYS
    assert views["right"]["removed"] == 0
    assert views["wrong"]["learned"] == 0
    assert len(gallery.skus) == ARTICLES + 10 * ARTICLES  # ten views of each


def test_wrong_labels_are_not_used(shop: Gallery, visits: list[list[_Visit]]) -> None:
    gallery, views = _learn(shop, visits, 0.1)
    assert json.loads(json.dumps(views)) == views  # the report is JSON
    wrong = views["wrong"]
    assert wrong["learned"] > 10
    assert wrong["removed"] + wrong["waiting"] >= 0.8 * wrong["learned"]
    assert views["right"]["removed"] < 0.05 * views["right"]["learned"]
    learned = gallery.embeddings[ARTICLES:]
    nearest = [shop.skus[int(row)] for row in (learned @ shop.embeddings.T).argmax(1)]
    used_wrong = sum(one != sku for one, sku in zip(nearest, gallery.skus[ARTICLES:], strict=True))
    assert used_wrong < 0.05 * len(learned)
