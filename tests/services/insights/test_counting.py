"""Which visits count, and what was bought in them."""

from __future__ import annotations

import pytest

from services.insights.counting import count_visits
from tests.services.insights.conftest import NOON, asked, garment, observed, sold


def test_who_comes_out_at_once_was_no_shopper() -> None:
    staff, shopper = observed(1, minutes=0.2), observed(2, minutes=0.2, requests=(asked("done"),))
    assert [c.visit.id for c in count_visits([staff, shopper, observed(3)], ())] == [2, 3]


def test_a_visit_whose_beginning_or_end_was_inferred_is_uncertain() -> None:
    first = observed(1, reason="next", hidden=NOON + 900)
    following = observed(2, start=NOON + 900)
    counted = count_visits([first, following, observed(3, reason="quiet"), observed(4)], ())
    assert [c.uncertain for c in counted] == [True, True, True, False]
    assert [c.stay_min for c in counted] == [None, None, None, pytest.approx(6.0)]
    assert [c.merged for c in counted] == [1.0, None, 1.0, None]


def test_what_is_delivered_was_tried() -> None:
    (counted,) = count_visits([observed(1, garments=(), requests=(asked("done"),))], ())
    assert counted.tried == {1}


def test_a_piece_counts_for_the_visit_that_tried_it_last() -> None:
    visits = [observed(1), observed(2), observed(3, garments=(garment(2),))]
    counted = count_visits(visits, [sold(NOON + 3000)])
    assert [c.bought for c in counted] == [set(), {1}, set()]
    assert [c.purchases.perhaps for c in counted] == [{1}, {1}, set()]
    assert not any(c.purchases.surely for c in counted)
    both = count_visits(visits, [sold(NOON + 3000, quantity=2)])
    assert [c.bought for c in both] == [{1}, {1}, set()]
    assert both[0].purchases.surely == {1}


@pytest.mark.parametrize(("time", "bought"), [(-1, set()), (960 + 7100, {1}), (960 + 7300, set())])
def test_a_sale_counts_for_two_hours(time: float, bought: set[int]) -> None:
    (counted,) = count_visits([observed(1)], [sold(NOON + time)])
    assert counted.bought == bought
