from __future__ import annotations

from services.insights import articles
from services.insights.counting import count_visits
from services.insights.rates import MEASURED, PERFECT
from tests.services.insights.conftest import NOON, STYLES, asked, garment, observed, sold


def test_tried_and_bought() -> None:
    visits = [observed(n, garments=(garment(1), garment(1), garment(2))) for n in range(6)]
    sales = [sold(NOON + 600 * n + 500) for n in (0, 3)]
    counted = count_visits([*visits, observed(9, garments=(garment(2),))], sales)
    two, one = articles.tried_articles(counted, sales, PERFECT)
    assert (two.key, two.visits, two.bought, two.sold) == (2, 7, 0, 0)
    assert (one.key, one.visits, one.bought, one.sold) == (1, 6, 2, 2)
    assert one.conversion is not None
    assert round(one.conversion.value, 3) == 0.333
    category = articles.tried_categories(counted, sales, STYLES, PERFECT)
    assert [(row.key, row.visits) for row in category] == [("skirt", 7), ("top", 6)]
    assert articles.tried_articles(counted, sales, MEASURED)[0].estimated.value > 7


def test_four_visits_are_too_few() -> None:
    visits = [observed(n, requests=(asked("declined"),)) for n in range(4)]
    counted = count_visits(visits, [sold(NOON + 900)])
    assert articles.tried_articles(counted, (), PERFECT) == []
    assert articles.refused_articles(counted, STYLES) == []
    assert articles.wanted_sizes(counted, STYLES) == []
    assert articles.tried_together(counted) == []


def test_a_size_is_lost_where_the_visit_went_without_the_article() -> None:
    refused = [observed(n, garments=(), requests=(asked("declined"),)) for n in range(5)]
    other = (asked("declined"), asked("done", variant=11))
    visits = [*refused, observed(6, garments=(), requests=other)]
    visits.append(observed(7, garments=(), requests=(asked("cancelled"),)))
    counted = count_visits(visits, ())
    (row,) = articles.refused_articles(counted, STYLES)
    assert (row.size, row.visits, row.asked, row.declined, row.unanswered) == ("S", 7, 7, 6, 1)
    assert (row.out_of_stock, row.not_found, row.delivered, row.lost) == (6, 0, 0, 6)
    (small,) = articles.wanted_sizes(counted, STYLES)
    assert (small.size, small.asked, small.lost) == ("S", 7, 6)


def test_outfits() -> None:
    shown, opened = ("1-2", "shown"), ("1-2", "opened")
    visits = [observed(n, reactions=(shown, opened) if n < 2 else (shown,)) for n in range(5)]
    counted = count_visits(visits, [sold(NOON + 300)])
    (row,) = articles.suggested_outfits(counted)
    assert (row.colourways, row.shown, row.opened, row.bought) == ((1, 2), 5, 2, 1)
