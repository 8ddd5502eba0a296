"""Articles that a camera cannot tell apart."""

from __future__ import annotations

import numpy as np
import pytest

from models.lookalikes import group_lookalikes, mean_embeddings


def at(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)


def groups_of(degrees: list[float], apart: float) -> list[list[int]]:
    return [g.tolist() for g in group_lookalikes(at(*degrees), float(np.cos(np.radians(apart))))]


def test_groups_are_articles_that_all_resemble_each_other() -> None:
    assert groups_of([0, 60, 1, 61, 2, 170], 5) == [[0, 2, 4], [1, 3]]


def test_a_chain_is_no_group() -> None:
    chain = groups_of([0, 4, 8, 12], 5)
    assert sorted(row for group in chain for row in group) == [0, 1, 2, 3]
    assert [len(group) for group in chain] == [2, 2]


def test_articles_that_differ_are_in_no_group() -> None:
    assert groups_of([0, 20, 40], 5) == []
    assert groups_of([0], 5) == []
    assert group_lookalikes(np.zeros((0, 2), np.float32), 0.9) == []


def test_groups_reach_across_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.lookalikes._CHUNK", 2)
    assert groups_of([0, 60, 1, 61, 2, 170], 5) == [[0, 2, 4], [1, 3]]


def test_an_article_has_the_mean_of_its_pictures() -> None:
    means, skus = mean_embeddings(at(10, 50, 30), ("B", "A", "B"))
    assert skus == ("A", "B")
    assert means == pytest.approx(at(50, 20), abs=1e-6)
