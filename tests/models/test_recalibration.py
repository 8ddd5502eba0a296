"""The correction of a camera's match probability."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from models.recalibration import LEAST, Recalibration, fit_recalibration


def outcomes(count: int, line: Recalibration, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Simulate matches whose probability is wrong by a line on the logit scale."""
    rng = np.random.default_rng(seed)
    probabilities = rng.uniform(0.05, 0.995, count)
    true = expit(line.slope * logit(probabilities) + line.intercept)
    return probabilities, rng.uniform(size=count) < true


def test_a_line_that_is_known_well_is_found() -> None:
    found = fit_recalibration(*outcomes(20_000, Recalibration(0.6, -1.2)))
    assert found is not None
    assert found == pytest.approx((0.6, -1.2), abs=0.08)


def test_what_is_calibrated_stays_nearly_so() -> None:
    found = fit_recalibration(*outcomes(200, Recalibration(1.0, 0.0)))
    assert found is not None
    corrected = [found.apply(p) for p in (0.1, 0.5, 0.9)]
    assert corrected == pytest.approx([0.1, 0.5, 0.9], abs=0.12)


def test_a_camera_that_is_too_sure_becomes_less_so() -> None:
    found = fit_recalibration(*outcomes(120, Recalibration(1.0, -2.0)))
    assert found is not None
    assert found.apply(0.9) < 0.7


def test_nothing_is_corrected_while_too_little_is_known() -> None:
    probabilities, correct = outcomes(LEAST, Recalibration(1.0, 0.0))
    assert fit_recalibration(probabilities, correct) is not None
    assert fit_recalibration(probabilities[1:], correct[1:]) is None
    assert fit_recalibration(np.full(500, 0.9), np.ones(500, bool)) is None
    assert fit_recalibration(np.zeros(0), np.zeros(0, bool)) is None


def test_the_order_of_probabilities_is_never_turned_around() -> None:
    probabilities = np.linspace(0.01, 0.99, 400)
    found = fit_recalibration(probabilities, probabilities < 0.5)
    assert found is not None
    assert found.slope > 0


def test_the_ends_stay_probabilities() -> None:
    line = Recalibration(3.0, 5.0)
    assert 0 < line.apply(0.0) < line.apply(1.0) <= 1
