"""Choose the threshold on scores that reaches a precision."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve


def lowest_score(
    scores: NDArray[Any],
    correct: NDArray[Any],
    precision: float,
    weight: NDArray[Any] | None = None,
) -> float | None:
    """Find the lowest threshold that reaches a precision; None if no threshold does.

    Args:
        scores: N, of the predictions; those of at least the threshold are accepted.
        correct: N, whether each prediction is correct.
        precision: Wanted precision of the accepted predictions.
        weight: N, sample weights; equal when not given.
    """
    if not len(scores) or not np.any(correct):
        return None
    reached, _, thresholds = precision_recall_curve(correct, scores, sample_weight=weight)
    enough = np.flatnonzero(reached[:-1] >= precision)  # the last has no threshold
    return float(thresholds[enough[0]]) if enough.size else None
