"""Which of many views differ most, and which stand for the others."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from common.gallery import Gallery, farthest_rows, representative_rows


def normalised(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.fixture
def views() -> tuple[Gallery, NDArray[np.float32]]:
    """Four articles with three views each, near the article's own direction."""
    rng = np.random.default_rng(3)
    centres = np.repeat(np.eye(4, 8, dtype=np.float32), 3, axis=0)
    embeddings = normalised(centres + 0.1 * rng.standard_normal((12, 8)).astype(np.float32))
    skus = tuple(f"A{n // 3}" for n in range(12))
    return Gallery(embeddings, skus, ("top",) * 12), embeddings


def test_the_farthest_rows_come_first(views: tuple[Gallery, NDArray[np.float32]]) -> None:
    _, embeddings = views
    assert sorted(row // 3 for row in farthest_rows(embeddings, 4)) == [0, 1, 2, 3]
    assert farthest_rows(embeddings[:2], 5) == [0, 1]
    assert farthest_rows(embeddings[:0], 5) == []


def test_representative_rows_are_no_outliers(views: tuple[Gallery, NDArray[np.float32]]) -> None:
    _, embeddings = views
    outlier = np.zeros((1, 8), np.float32)
    outlier[0, 7] = 1
    everything = np.concatenate([outlier, embeddings])
    assert 0 in farthest_rows(everything, 4)
    chosen = representative_rows(everything, 4)
    assert sorted((row - 1) // 3 for row in chosen) == [0, 1, 2, 3]
    assert representative_rows(embeddings[:2], 5) == [0, 1]
    assert representative_rows(embeddings, 0) == []
    assert representative_rows(embeddings[:0], 5) == []
