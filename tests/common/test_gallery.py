"""Which views of a gallery disagree with their label, and which of many views differ most."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from common import gallery as module
from common.gallery import Gallery, farthest_rows, find_disagreeing


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


def slow(gallery: Gallery, embedding: NDArray[np.float32], sku: str) -> bool:
    """The definition, one view at a time."""
    own, other = [], []
    for row, name in zip(gallery.embeddings, gallery.skus, strict=True):
        similarity = float(row @ embedding)
        if name != sku:
            other.append(similarity)
        elif similarity < 1 - 2e-3:
            own.append(similarity)
    return bool(own and other) and max(other) - max(own) > 0.12


@pytest.mark.parametrize("batch", [5, 256])
def test_wrong_labels_are_found(
    views: tuple[Gallery, NDArray[np.float32]], batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BATCH", batch)
    gallery, embeddings = views
    labels = list(gallery.skus)
    assert not find_disagreeing(gallery, embeddings, labels).any()
    labels[4], labels[9] = "A0", "A2"
    found = find_disagreeing(gallery, embeddings, labels)
    assert np.flatnonzero(found).tolist() == [4, 9]
    assert found.tolist() == [slow(gallery, *both) for both in zip(embeddings, labels, strict=True)]


def test_without_another_view_nothing_disagrees(
    views: tuple[Gallery, NDArray[np.float32]],
) -> None:
    gallery, embeddings = views
    alone = Gallery(embeddings[:1], ("A0",), ("top",))
    assert not find_disagreeing(alone, embeddings[:1], ["A0"]).any()
    assert not find_disagreeing(gallery, embeddings[:1], ["unknown"]).any()
    assert find_disagreeing(gallery, embeddings[:0], []).shape == (0,)


def test_the_farthest_rows_come_first(views: tuple[Gallery, NDArray[np.float32]]) -> None:
    _, embeddings = views
    assert sorted(row // 3 for row in farthest_rows(embeddings, 4)) == [0, 1, 2, 3]
    assert farthest_rows(embeddings[:2], 5) == [0, 1]
    assert farthest_rows(embeddings[:0], 5) == []
