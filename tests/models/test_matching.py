from __future__ import annotations

import numpy as np
import pytest

from models.manifest import MatchCalibration
from models.matching import (
    MatchScores,
    match_probability,
    maxsim,
    pool_similarities,
    quantize_descriptors,
    rank_candidates,
    rerank,
    score_best,
)

EYE = np.eye(4, dtype=np.float32)


def test_a_single_view_yields_its_cosine() -> None:
    view = np.array([[0.6, 0.8, 0, 0]], np.float32)
    assert np.allclose(pool_similarities(view @ EYE, view), [0.6, 0.8, 0, 0])


def test_occluded_views_are_left_out() -> None:
    views = EYE[[2, 2, 2, 0, 1]]
    scores = pool_similarities(views @ EYE, views)
    assert scores.argmax() == 2
    assert scores[2] == 1.0


def test_maxsim_ignores_positions() -> None:
    views = np.array([EYE[[0, 1]] * [[0.75], [0.25]], EYE[[2, 3]] * 0.5], np.float32)
    articles = quantize_descriptors(np.stack([EYE[[1, 0]], EYE[[0, 2]] * 7]))
    assert np.allclose(maxsim(views, articles), [[1, 0.75], [0, 0.5]])


def test_the_nearest_articles_are_reranked() -> None:
    view = EYE[:1]
    table = np.linspace(0.9, 0.1, 60, dtype=np.float32)[None]

    def maxsim_of(near: np.ndarray) -> np.ndarray:
        assert near.tolist() == list(range(20))  # of sixty, those with the best cosines
        return np.where(near == 7, 0.9, 0.3)[None].astype(np.float32)

    reranked = rerank(table, view, maxsim_of)
    assert reranked.argmax() == 7
    assert reranked[0, 7] == pytest.approx((table[0, 7] + 2 * 0.9) / 3)
    rest = np.delete(reranked[0], 7)
    assert (np.diff(rest) < 0).all()  # the others stay in their order
    assert (pool_similarities(reranked, view) == reranked[0]).all()


def test_match_scores_are_margins_and_votes() -> None:
    table = np.array([[0.9, 0.5, 0.1], [0.2, 0.6, 0.1], [0.8, 0.4, 0.3]], np.float32)
    found = score_best(table, np.array([0.7, 0.5, 0.1], np.float32))
    assert found == pytest.approx(MatchScores(0.7, 0.2, 0.4, 2 / 3))


def test_a_gallery_of_one_has_the_full_margin() -> None:
    found = score_best(np.array([[0.5]], np.float32), np.array([0.5], np.float32))
    assert found == pytest.approx((0.5, 0.5, 0.5, 1.0))


def test_the_probability_rises_with_the_scores_and_depends_on_the_category() -> None:
    calibration = MatchCalibration(
        weights=(1, 2, 0, 0), intercept=-1, category_offsets={"coat": 1}, threshold=0.5
    )
    weak, strong = MatchScores(0.2, 0.0, 0, 0), MatchScores(0.9, 0.3, 0, 0)
    assert (
        match_probability(weak, "top", calibration)
        < 0.5
        < match_probability(strong, "top", calibration)
    )
    assert match_probability(weak, "coat", calibration) > match_probability(
        weak, "top", calibration
    )
    assert match_probability(MatchScores(1e9, 0, 0, 0), "top", calibration) == pytest.approx(1)


def test_candidates_of_a_clear_category_come_first() -> None:
    scores = np.array([0.30, 0.56, 0.51, 0.26, 0.34], np.float32)
    categories = np.array(["trousers", "sweater", "hat", "sweater", "coat"])
    likely = {"sweater": 0.8, "hat": 0.15, "coat": 0.04, "trousers": 0.01}
    assert rank_candidates(scores, categories, likely).tolist() == [1, 3, 2, 4, 0]
    nearer = scores + np.array([0, 0, 0.2, 0, 0], np.float32)
    assert rank_candidates(nearer, categories, likely).tolist() == [2, 1, 3, 4, 0]
    unsure = {"sweater": 0.45, "hat": 0.4, "coat": 0.1, "trousers": 0.05}
    assert rank_candidates(scores, categories, unsure).tolist() == [1, 2, 4, 3, 0]
    missing = {"shoes": 0.9, "hat": 0.1}
    assert rank_candidates(scores, categories, missing)[0] == 2
