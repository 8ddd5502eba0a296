"""The prior of an article by the shop's stock."""

from __future__ import annotations

import numpy as np
import pytest

from common.stock import StockFigures
from models.manifest import StockPrior
from models.stock import presence, stock_offsets

PRIOR = StockPrior(weights=(1.0, 0.5, 1.0, 1.0), intercept=0.0, wrong=0.05, temperature=0.02)
NAN = float("nan")


def figures(
    listed: list[bool],
    count: list[float] | None = None,
    sold: list[float] | None = None,
    seen: list[float] | None = None,
) -> StockFigures:
    unknown = [NAN] * len(listed)
    columns = (np.array(one or unknown, float) for one in (count, sold, seen))
    return StockFigures(tuple(map(str, range(len(listed)))), np.array(listed), *columns)


def test_an_article_is_there_as_often_as_the_list_is_right() -> None:
    # 20 listed, of which one is missing; one of the 80 others is there
    share = presence(figures([True] * 20 + [False] * 80), PRIOR)
    assert share[0] == pytest.approx(0.95)
    assert share[-1] == pytest.approx(1 / 80)


def test_the_prior_is_bayes_in_units_of_similarity() -> None:
    offsets = stock_offsets(figures([True] * 20 + [False] * 80), PRIOR)
    assert offsets is not None
    assert offsets[0] == 0
    assert offsets[-1] == pytest.approx(0.02 * np.log(1 / 80 / 0.95), rel=1e-5)


def test_pieces_sales_and_visits_to_a_room_make_an_article_likelier() -> None:
    share = presence(
        figures([True] * 4, [1, 9, 1, 1], [90, 90, 2, 90], [NAN, NAN, NAN, 1.0]), PRIOR
    )
    assert min(share[1:]) > share[0]


def test_an_unlisted_article_that_was_seen_lately_is_likelier_than_others() -> None:
    listed = [True] * 20 + [False] * 80
    share = presence(figures(listed, seen=[20.0] * 20 + [NAN] * 79 + [0.5]), PRIOR)
    assert share[-1] > 1.5 * share[-2]


def test_what_is_not_known_changes_nothing() -> None:
    assert stock_offsets(figures([False] * 5), PRIOR) is None
    assert stock_offsets(figures([True] * 5), PRIOR) is None
    listed = [True, True, False]
    plain = presence(figures(listed), PRIOR)
    assert (presence(figures(listed, [3, 3, NAN]), PRIOR) == plain).all()


def test_figures_follow_the_gallery() -> None:
    one = figures([True, False], [4, NAN]).of(["1", "9", "0"])
    assert one.listed.tolist() == [False, False, True]
    assert one.count[2] == 4
    assert np.isnan(one.count[:2]).all()
