"""Simulated shops, and the prior that is fitted on them."""

from __future__ import annotations

import numpy as np
import pytest

from models.stock import presence
from services.evaluation.stock import WRONG, fit_prior, simulate_shop


def test_a_simulated_list_is_wrong_both_ways() -> None:
    figures, there = simulate_shop(4000, 1000, [1], stocked=7, unlisted=True)
    assert there.sum() == 1000
    assert there[7]
    assert not figures.listed[7]
    assert (figures.listed & ~there).sum() == round(WRONG * 1000)
    assert (there & ~figures.listed).sum() == pytest.approx(WRONG * 1000, abs=25)


def test_the_fitted_prior_is_calibrated_in_another_shop() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 1000, 40)
    scores = rng.normal(0.3, 0.1, (40, 1000)).astype(np.float32)
    scores[np.arange(40), truth] += 0.3
    prior = fit_prior(scores, truth, (100, 300))
    assert 0.003 < prior.temperature < 0.2
    figures, there = simulate_shop(1000, 200, [9])
    share = presence(figures, prior)
    assert share.sum() == pytest.approx(there.sum(), rel=0.1)
    assert share[there].mean() > 0.8
    assert fit_prior(scores, truth, (100, 300)) == prior
