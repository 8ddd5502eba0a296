"""Correct a camera's match probability by matches that people confirmed or put right."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

#: Matches that must be known at least, and of the right and of the wrong ones each.
LEAST: Final = 60
LEAST_OF_EACH: Final = 8
#: Standard deviations of the prior of slope and intercept around 1 and 0.
_PRIOR: Final = (0.5, 1.0)
#: Slopes below it would turn the order of probabilities around.
_FLATTEST: Final = 0.1
_SMALLEST: Final = 1e-6


class Recalibration(NamedTuple):
    """A correction of probabilities: a line on the scale of their logits."""

    slope: float
    intercept: float

    def apply(self, probability: float) -> float:
        """Correct a probability, 0 to 1."""
        clipped = min(max(probability, _SMALLEST), 1 - _SMALLEST)
        scale = self.slope * math.log(clipped / (1 - clipped)) + self.intercept
        return 1 / (1 + math.exp(-scale))


def fit_recalibration(
    probabilities: NDArray[np.float64], correct: NDArray[np.bool_]
) -> Recalibration | None:
    """Fit a correction, with a prior that there is nothing to correct.

    Platt scaling of a probability that is calibrated already: Kull, Silva Filho and Flach,
    "Beta calibration", AISTATS 2017, compare such maps.

    Args:
        probabilities: N, of matches, before any correction.
        correct: N, whether the match was right.

    Returns:
        The correction, or None while too little is known.
    """
    right = int(np.sum(correct))
    if len(correct) < LEAST or min(right, len(correct) - right) < LEAST_OF_EACH:
        return None
    scale = logit(np.clip(probabilities, _SMALLEST, 1 - _SMALLEST))
    target = np.asarray(correct, np.float64)

    def loss(line: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slope, intercept = line
        predicted = expit(slope * scale + intercept)
        errors = predicted - target
        away = np.array([(slope - 1) / _PRIOR[0] ** 2, intercept / _PRIOR[1] ** 2])
        value = -np.log(np.maximum(np.where(correct, predicted, 1 - predicted), 1e-300)).sum()
        value += 0.5 * (away * (line - np.array([1.0, 0.0]))).sum()
        return float(value), np.array([errors @ scale, errors.sum()]) + away

    start = np.array([1.0, 0.0])
    found = minimize(loss, start, jac=True, bounds=[(_FLATTEST, None), (None, None)])
    return Recalibration(*(round(float(value), 4) for value in found.x))
