"""A map on which similar articles are neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from common.image import Image
from services.evaluation.shop_map import draw_groups, draw_map

RED, BLUE = (40, 40, 220), (220, 40, 40)


def packshot(row: int) -> Image:
    return np.full((70, 50, 3), RED if row % 2 else BLUE, np.uint8)


def test_similar_articles_are_neighbours() -> None:
    rng = np.random.default_rng(0)
    directions = np.eye(2, 16)[np.arange(80) % 2] + rng.normal(0, 0.05, (80, 16))
    embeddings = (directions / np.linalg.norm(directions, axis=1)[:, None]).astype(np.float32)
    shop_map = draw_map(embeddings, packshot)
    reds = np.argwhere((shop_map == RED).all(2))
    blues = np.argwhere((shop_map == BLUE).all(2))
    assert len(reds) > 20 * 25 * 35
    assert len(blues) > 20 * 25 * 35
    between = np.linalg.norm(reds.mean(0) - blues.mean(0))
    assert between > 1.5 * max(reds.std(0).max(), blues.std(0).max())


@pytest.mark.parametrize("count", [2, 5])
def test_a_small_shop_has_a_map_too(count: int) -> None:
    embeddings = np.eye(count, 16, dtype=np.float32)
    assert ((draw_map(embeddings, packshot) != 255).any(2)).sum() >= 25 * 35


def test_groups_stand_beside_each_other() -> None:
    sheet = draw_groups([np.array([1, 3]), np.array([0, 2]), np.array([5])], packshot, width=350)
    assert sheet.shape == (2 * 105 + 20, 350, 3)
    assert (sheet[50, :150] == RED).all()
    assert (sheet[50, 150:170] == 255).all()
    assert (sheet[50, 170:320] == BLUE).all()
    assert (sheet[175, :75] == RED).all()


def test_a_group_wider_than_the_sheet_is_cut() -> None:
    sheet = draw_groups([np.ones(9, np.int64), np.zeros(2, np.int64)], packshot, width=250)
    assert sheet.shape == (2 * 105 + 20, 250, 3)
