from __future__ import annotations

import numpy as np
import pytest

from services.insights.estimates import (
    ALWAYS,
    Estimate,
    Rate,
    difference,
    mean_difference,
    quantile,
    share,
    true_count,
)


def test_wilsons_interval_of_a_share() -> None:
    found = share(5, 20)
    assert found is not None
    assert (found.value, found.of) == (0.25, 20)
    # Wilson 1927 by hand: (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)
    assert found.low == pytest.approx(0.1119, abs=1e-4)
    assert found.high == pytest.approx(0.4687, abs=1e-4)
    assert share(0, 0) is None


def test_what_is_not_certain_widens_a_share() -> None:
    sure, unsure = share(5, 20), share(5, 20, surely=3, perhaps=9)
    assert sure is not None
    assert unsure is not None
    assert sure.low is not None
    assert unsure.low is not None
    assert unsure.low < sure.low
    assert sure.high is not None
    assert unsure.high is not None
    assert unsure.high > sure.high
    assert unsure.value == sure.value


def test_the_interval_of_a_quantile_is_open_where_values_are_too_few() -> None:
    few, many = quantile([1.0, 2.0, 3.0], 0.5), quantile([float(n) for n in range(1, 41)], 0.9)
    assert few is not None
    assert many is not None
    assert (few.value, few.low, few.high) == (2.0, None, None)
    assert many.low is not None
    assert many.high is not None
    assert many.low < many.value < many.high <= 40
    assert quantile([], 0.5) is None


def test_the_interval_of_a_median_covers_it() -> None:
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(200):
        found = quantile(rng.lognormal(0.0, 0.6, 30).tolist(), 0.5)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 1.0 <= found.high
    assert hits >= 186  # 95 % of 200, less two standard deviations


def test_a_true_count_is_what_was_counted_where_nothing_is_missed() -> None:
    assert true_count(31, [ALWAYS], [ALWAYS]) == Estimate(31.0, 31.0, 31.0, 31)


def test_the_interval_of_a_true_count_covers_it() -> None:
    rng, recall = np.random.default_rng(1), Rate(730, 960)
    hits = 0
    for _ in range(200):
        seen = int(rng.binomial(300, recall.value))
        found = true_count(seen, [recall])
        hits += (found.low or 0) <= 300 <= (found.high or 0)
    assert hits >= 186


def test_what_may_be_one_visit_with_another_is_within_the_interval() -> None:
    found = true_count(20, [ALWAYS], merged=[0.25, 0.25])
    assert (found.low, found.value, found.high) == (18, 18.5, 20)


def test_differences() -> None:
    now, before = share(60, 100), share(30, 100)
    assert now is not None
    assert before is not None
    found = difference(now, before)
    # Newcombe 1998, method 10.
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert found.value == pytest.approx(0.3)
    assert found.low == pytest.approx(0.1623, abs=2e-3)
    assert found.high == pytest.approx(0.4204, abs=2e-3)
    assert difference(now, Estimate(0.2, None, 0.4, 3)) is None
    same = mean_difference([5.0, 5.0], [3.0, 3.0])
    assert same == Estimate(2.0, 2.0, 2.0, 4)
    assert mean_difference([5.0], [3.0, 4.0]) is None
