"""The figures of `/insights` against the truth of simulated days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from services.evaluation.day.habits import Habits
from services.evaluation.day.insights import (
    Compared,
    InsightsScenario,
    compare,
    compare_days,
    play_day,
    report_of_day,
)
from services.evaluation.day.shop import draw_articles, make_shop
from services.evaluation.day.trade import SIZES, Habit
from services.insights.articles import Tried
from services.insights.groups import Part
from services.insights.headlines import LABELS
from services.insights.measures import LEAST
from store.catalogue import colourways_by_sku

OPENS = datetime(2026, 5, 29, 9).timestamp()
#: What cameras at a gate can tell apart: nobody joins later or goes out for more, and staff hand
#: in what they bring.
PLAIN = InsightsScenario(
    Habits(rooms=4, visits=60, late=0, second_trip=0, moves=0.1, leaves=0.2, requests=0.5,
           finishes=0.2, handed_in=1.0, armful=3),
    Habit(walk_ins=0), "none", overlap=False, articles=40,
)  # fmt: skip
#: Receipts name no room: which of two visits bought an article is not certain.
BOUNDS_ALONE = ("outfits_bought",)


def agrees(parts: tuple[Part, ...], truth: Mapping[str, int]) -> None:
    """Check the visits of each part, small ones together."""
    named = {part.name: part.measures.visits.value for part in parts if part.name}
    assert named == {name: truth[name] for name in named}
    rest = sum(part.measures.visits.value for part in parts if not part.name)
    assert rest in (0, sum(n for name, n in truth.items() if name not in named))


def counts(rows: tuple[Tried, ...]) -> dict[int | str, int]:
    return {row.key: row.visits for row in rows}


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))]
)
def test_with_perfect_cameras_every_figure_is_the_truth(tmp_path: Path, seed: int) -> None:
    articles = draw_articles(PLAIN.articles)
    site = make_shop(tmp_path / "shop", articles, SIZES)
    truths = play_day(site, PLAIN, articles, seed, OPENS)
    report = report_of_day(site, PLAIN, OPENS)
    found = compare(report, truths)
    assert {one.name for one in found} == set(LABELS) - {"corrected", "uncertain"}
    wrong = [one for one in found if one.value != pytest.approx(one.truth)]
    assert {one.name for one in wrong} <= set(BOUNDS_ALONE), wrong
    assert all(one.covered for one in found)
    agrees(report.rooms, truths["by_room"])
    agrees(report.hours, truths["by_hour"])
    assert counts(report.categories) == least(truths["by_category"])
    with site.store.read() as session:
        keys = colourways_by_sku(session, [article.sku for article in articles])
    assert counts(report.tried) == least({keys[k]: n for k, n in truths["by_article"].items()})
    for row in report.sizes:
        states = truths["by_size"][row.size]
        assert row.asked == states["asked"]
        assert row.delivered == states.get("delivered", 0)
        assert row.declined == states.get("declined", 0)
        assert row.unanswered == states.get("unanswered", 0)
    site.store.close()


def least(truth: Mapping[int | str, int]) -> dict[int | str, int]:
    return {key: count for key, count in truth.items() if count >= LEAST}


def test_an_open_end_bounds_nothing() -> None:
    assert Compared("stay_p90_min", 90.0, 20.0, 12.0, None).covered
    assert not Compared("stay_p90_min", 90.0, 20.0, 12.0, 40.0).covered


#: Figures that state an interval for what cameras missed, or for chance.
INTERVALS = (
    "visits", "garments", "tried", "bought", "conversion", "stay_min", "stay_p90_min",
    "delivered_share", "response_s", "delivery_s",
)  # fmt: skip


@pytest.mark.slow
def test_with_measured_errors_the_truth_is_within_the_intervals(tmp_path: Path) -> None:
    days = list(compare_days(InsightsScenario(Habits(visits=60)), range(4), tmp_path))
    stated = [one for day in days for one in day if one.name in INTERVALS]
    assert len(stated) == 4 * len(INTERVALS)
    outside = [one for one in stated if not one.covered]
    # Of forty 95 % intervals two leave the truth out in the mean, and seldom more than five.
    assert len(outside) <= 5, outside
