"""Estimates with 95 % intervals: shares, quantiles, true counts, and differences.

Each says what its interval covers. The methods are SciPy's; `difference` is MOVER (Zou and Donner
2008), which combines the intervals of two estimates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

CONFIDENCE: Final = 0.95
_DRAWS: Final = 2000


@dataclass(frozen=True)
class Estimate:
    """A figure.

    Attributes:
        value: The best estimate.
        low: Lower end of the 95 % interval; None where too few values bound it.
        high: Upper end.
        of: How many values stand behind it.
    """

    value: float
    low: float | None
    high: float | None
    of: int


@dataclass(frozen=True)
class Rate:
    """A rate that was measured: `hits` of `of` trials; of no trials it is 1, exactly."""

    hits: float
    of: float

    @property
    def value(self) -> float:
        """The rate, 0 to 1."""
        return self.hits / self.of if self.of else 1.0


#: What is always right.
ALWAYS: Final = Rate(0, 0)


def exact(value: float, of: int = 0) -> Estimate:
    """Return what was counted and cannot be wrong."""
    return Estimate(value, value, value, of or round(value))


def share(
    hits: int, of: int, surely: int | None = None, perhaps: int | None = None
) -> Estimate | None:
    """Estimate a share with Wilson's interval; None of nothing.

    Args:
        hits: How many of them are, by the best estimate.
        of: How many there are.
        surely: How many are at the least, where that is not certain: the interval begins at that
            share's.
        perhaps: How many are at the most: the interval ends at that share's.
    """
    if not of:
        return None
    least, most = (hits if n is None else n for n in (surely, perhaps))
    return Estimate(hits / of, _wilson(least, of)[0], _wilson(min(of, most), of)[1], of)


@lru_cache(4096)
def _wilson(hits: int, of: int) -> tuple[float, float]:
    found = stats.binomtest(hits, of).proportion_ci(CONFIDENCE, "wilson")
    return float(found.low), float(found.high)


def between(least: int, value: int, most: int, of: int) -> Estimate:
    """Return a count of which only bounds are certain."""
    return Estimate(value, min(least, value), max(most, value), of)


def quantile(values: Sequence[float], q: float) -> Estimate | None:
    """Estimate a quantile with the distribution-free interval of order statistics; None of nothing.

    An end is None where there are too few values: the 90 % quantile needs 36 for an upper one.
    """
    if not values:
        return None
    found = stats.quantile_test(values, p=q).confidence_interval(CONFIDENCE)
    low, high = (None if math.isnan(end) else float(end) for end in (found.low, found.high))
    return Estimate(float(np.quantile(values, q)), low, high, len(values))


def true_count(
    seen: int,
    recalls: Sequence[Rate],
    precisions: Sequence[Rate] = (),
    merged: Sequence[float] = (),
    twice: int = 0,
    surely: int = 0,
) -> Estimate:
    """Estimate how many there really were of what cameras count.

    The rates are drawn from their posterior (Jeffreys' prior); given those, what is false among
    the counted is binomial and what was missed is negative binomial. The interval covers the true
    count of the period, not that of other periods.

    Args:
        seen: How many were counted by one camera.
        recalls: Shares of the real ones that each step of counting finds.
        precisions: Shares of the counted that are real.
        merged: For those that may be a part of another one, the probability that they are not. The
            interval reaches to both extremes.
        twice: How many more were counted where two cameras look: either may find one, or be wrong.
        surely: How many more are certain, as people said so.
    """
    rng = np.random.default_rng([seen, twice, len(merged)])
    expected = seen - sum(1.0 - probability for probability in merged)
    recall, precision = (math.prod(r.value for r in rates) for rates in (recalls, precisions))
    both = _of_two(np.array(recall), np.array(precision))
    value = surely + expected * precision / recall + twice * float(both[1] / both[0])
    drawn = _draw(tuple(recalls), 1), _draw(tuple(precisions), 2)
    second = _real(rng, twice, *_of_two(*drawn))
    least, most = (
        _real(rng, max(0, counted), *drawn) + second for counted in (seen - len(merged), seen)
    )
    low = surely + np.percentile(least, 100 * (1 - CONFIDENCE) / 2, method="lower")
    high = surely + np.percentile(most, 100 * (1 + CONFIDENCE) / 2, method="higher")
    counted = seen + twice + surely
    return Estimate(value, min(float(low), value), max(float(high), value), counted)


Draws = NDArray[np.float64]


def _real(rng: np.random.Generator, counted: int, recall: Draws, precision: Draws) -> Draws:
    """Draw how many there were where so many were counted."""
    if not counted:
        return np.zeros(_DRAWS)
    real = rng.binomial(counted, precision)
    return np.asarray(real + rng.negative_binomial(real + 1, recall), np.float64)


def _of_two(recall: Draws, precision: Draws) -> tuple[Draws, Draws]:
    """Compute recall and precision of two cameras of which either may report."""
    either = 1 - (1 - recall) ** 2
    invented = 2 * recall * (1 - precision) / precision
    return either, either / (either + invented)


@lru_cache
def _draw(rates: tuple[Rate, ...], seed: int) -> Draws:
    rng = np.random.default_rng(seed)
    drawn = np.ones(_DRAWS)
    for rate in rates:
        if rate.of:
            drawn *= rng.beta(rate.hits + 0.5, rate.of - rate.hits + 0.5, _DRAWS)
    return drawn


def difference(now: Estimate, before: Estimate) -> Estimate | None:
    """Estimate a difference of two independent estimates; None where an interval is open."""
    if now.low is None or now.high is None or before.low is None or before.high is None:
        return None
    value = now.value - before.value
    low = value - math.hypot(now.value - now.low, before.high - before.value)
    high = value + math.hypot(now.high - now.value, before.value - before.low)
    return Estimate(value, low, high, now.of + before.of)


def mean_difference(now: Sequence[float], before: Sequence[float]) -> Estimate | None:
    """Estimate a difference of means (Welch); None of fewer than two values on a side."""
    if min(len(now), len(before)) < 2:
        return None
    value = float(np.mean(now) - np.mean(before))
    if np.ptp(now) == np.ptp(before) == 0:
        return Estimate(value, value, value, len(now) + len(before))
    found = stats.ttest_ind(now, before, equal_var=False).confidence_interval(CONFIDENCE)
    return Estimate(value, float(found.low), float(found.high), len(now) + len(before))
