"""Simulated shops, and the prior that is fitted on them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from cli.evaluate import evaluate
from models.manifest import WEIGHTS, StockPrior, load_manifest
from models.stock import presence
from services.evaluation.stock import WRONG, fit_prior, save_prior, simulate_shop


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


def test_a_fitted_prior_is_written_where_it_is_read(tmp_path: Path) -> None:
    shutil.copy(WEIGHTS / "manifest.json", tmp_path)
    prior = StockPrior(weights=(1, 2, 3, 4), intercept=0.5, wrong=0.05, temperature=0.02)
    save_prior(prior, tmp_path)
    before, after = load_manifest(), load_manifest(tmp_path)
    assert after.embedder.calibration.stock == prior
    assert after.embedder.calibration.weights == before.embedder.calibration.weights
    assert after.detector == before.detector


def test_no_prior_is_written_into_weights_that_nobody_named(tmp_path: Path) -> None:
    found = CliRunner().invoke(evaluate, ["--data", str(tmp_path), "--save-stock"])
    assert found.exit_code == 2
    assert "--save-stock needs --weights" in found.output
