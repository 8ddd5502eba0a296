"""From which score on answers are right often enough."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def lowest_score(
    scores: NDArray[Any], right: NDArray[Any], precision: float, weight: NDArray[Any] | None = None
) -> float | None:
    """Find the lowest score from which on answers are right this often; None if there is none.

    Args:
        scores: N, of each answer.
        right: N, whether it is right.
        precision: Share of those kept that is to be right.
        weight: N, what each answer counts; all the same when not given.
    """
    counts = np.ones(len(scores)) if weight is None else weight
    order = np.argsort(-scores)
    share = np.cumsum((right * counts)[order]) / np.cumsum(counts[order])
    enough = np.flatnonzero(share >= precision)
    return float(scores[order[enough[-1]]]) if enough.size else None
