from __future__ import annotations

from services.evaluation.day.draw import draw_day
from services.evaluation.day.habits import Habits
from services.evaluation.day.shop import draw_articles
from services.evaluation.day.trade import Habit, draw_trade, write_sales
from services.evaluation.day.world import Truth

ARTICLES = draw_articles(30)


def test_trade_leaves_the_day_as_it_is_and_is_the_same_again() -> None:
    plain, day, again = (draw_day(Habits(visits=30), ARTICLES, 3) for _ in range(3))
    sales = draw_trade(day, ARTICLES, 3)
    assert sales == draw_trade(again, ARTICLES, 3)
    assert day == again
    assert day.true_crossings == plain.true_crossings
    assert {a.kind for a in day.actions} >= {"show", "open", "request", "take", "deliver"}


def test_nobody_taps_or_is_answered_who_is_not_there() -> None:
    day = draw_day(Habits(visits=60), ARTICLES, 4)
    draw_trade(day, ARTICLES, 4)
    truth = Truth(day)
    for action in day.actions:
        if action.kind != "check":
            assert truth.at(action.room, action.time).party == action.party


def test_sales_are_of_what_was_carried_out_or_of_walk_ins() -> None:
    day = draw_day(Habits(visits=30), ARTICLES, 5)
    sales = draw_trade(day, ARTICLES, 5, Habit(walk_ins=7, buys=1.0))
    assert sum(sale.party is None for sale in sales) == 7
    receipts = [(s.receipt, s.sku) for s in sales if s.party is not None]
    assert len(receipts) == len(set(receipts)) > 30
    assert write_sales(sales).count("\n") == len(sales) + 1
