from __future__ import annotations

import numpy as np
import pytest

from models.manifest import Certainty
from models.matching import (
    Evidence,
    agreement,
    chance,
    directions,
    evidence,
    likeness,
    refine,
)

EYE = np.eye(4, dtype=np.float32)


def test_one_view_agrees_as_its_cosine() -> None:
    view = np.array([[0.6, 0.8, 0, 0]], np.float32)
    assert np.allclose(agreement(view @ EYE, view), [0.6, 0.8, 0, 0])


def test_spoilt_views_are_left_out() -> None:
    views = EYE[[2, 2, 2, 0, 1]]
    scores = agreement(views @ EYE, views)
    assert scores.argmax() == 2
    assert scores[2] == 1.0


def test_cells_are_found_wherever_they_are() -> None:
    views = np.array([EYE[[0, 1]] * [[0.75], [0.25]], EYE[[2, 3]] * 0.5], np.float32)
    articles = directions(np.stack([EYE[[1, 0]], EYE[[0, 2]] * 7]))
    assert np.allclose(likeness(views, articles), [[1, 0.75], [0, 0.5]])


def test_the_nearest_articles_are_told_apart_by_their_cells() -> None:
    view = EYE[:1]
    table = np.linspace(0.9, 0.1, 60, dtype=np.float32)[None]

    def likeness_of(near: np.ndarray) -> np.ndarray:
        assert near.tolist() == list(range(20))  # of sixty, those with the best cosines
        return np.where(near == 7, 0.9, 0.3)[None].astype(np.float32)

    refined = refine(table, view, likeness_of)
    assert refined.argmax() == 7
    assert refined[0, 7] == pytest.approx((table[0, 7] + 2 * 0.9) / 3)
    rest = np.delete(refined[0], 7)
    assert (np.diff(rest) < 0).all()  # the others stay in their order
    assert (agreement(refined, view) == refined[0]).all()


def test_evidence_counts_lead_and_votes() -> None:
    table = np.array([[0.9, 0.5, 0.1], [0.2, 0.6, 0.1], [0.8, 0.4, 0.3]], np.float32)
    found = evidence(table, np.array([0.7, 0.5, 0.1], np.float32))
    assert found == pytest.approx(Evidence(0.7, 0.2, 0.4, 2 / 3))


def test_a_gallery_of_one_leads_by_all_it_has() -> None:
    found = evidence(np.array([[0.5]], np.float32), np.array([0.5], np.float32))
    assert found == pytest.approx((0.5, 0.5, 0.5, 1.0))


def test_chance_rises_with_the_evidence_and_knows_categories() -> None:
    certainty = Certainty(weights=(1, 2, 0, 0), intercept=-1, categories={"coat": 1}, floor=0.5)
    weak, strong = Evidence(0.2, 0.0, 0, 0), Evidence(0.9, 0.3, 0, 0)
    assert chance(weak, "top", certainty) < 0.5 < chance(strong, "top", certainty)
    assert chance(weak, "coat", certainty) > chance(weak, "top", certainty)
    assert chance(Evidence(1e9, 0, 0, 0), "top", certainty) == pytest.approx(1)
