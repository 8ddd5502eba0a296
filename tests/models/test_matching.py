from __future__ import annotations

import numpy as np
import pytest

from models.manifest import Certainty
from models.matching import Evidence, agreement, chance, evidence

EYE = np.eye(4, dtype=np.float32)


def test_one_view_agrees_as_its_cosine() -> None:
    view = np.array([[0.6, 0.8, 0, 0]], np.float32)
    assert np.allclose(agreement(view @ EYE, view), [0.6, 0.8, 0, 0])


def test_spoilt_views_are_left_out() -> None:
    views = EYE[[2, 2, 2, 0, 1]]
    scores = agreement(views @ EYE, views)
    assert scores.argmax() == 2
    assert scores[2] == 1.0


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
