"""Small days, played to the product."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.evaluation.day.draw import draw_day
from services.evaluation.day.errors import Cameras, draw_errors
from services.evaluation.day.habits import Habits
from services.evaluation.day.play import Player
from services.evaluation.day.shop import draw_articles, make_shop
from services.evaluation.day.simulate import (
    Figures,
    Gates,
    Scenario,
    simulate_day,
    simulate_days,
    views_of,
)
from services.outfits.recommend import Recommender
from store import Site
from store.journal import last_id
from web.snapshots import room_snapshot

ARTICLES = draw_articles(30)
PLAIN = Habits(rooms=3, visits=12, companion=0, second_trip=0, moves=0, leaves=0, requests=0,
               finishes=0, armful=0)  # fmt: skip


@pytest.fixture
def day_shop(tmp_path: Path) -> Site:
    return make_shop(tmp_path / "shop", ARTICLES)


def simulate(site: Site, habits: Habits, seed: int = 1, **more: object) -> Figures:
    scenario = Scenario(habits, overlap=False, errors=draw_errors("none", 0), articles=30, **more)  # type: ignore[arg-type]
    return simulate_day(site, scenario, seed)


def test_without_errors_a_plain_day_is_shown_right(day_shop: Site) -> None:
    figures = simulate(day_shop, PLAIN)
    assert figures["exact"] > 0.995  # but for half a second until a crossing is reported
    assert figures["article"] == 1.0
    assert figures["earlier_s"] == 0.0
    assert figures["ended"] == {"left": 12}


def test_requests_are_counted(day_shop: Site) -> None:
    figures = simulate(day_shop, Habits(rooms=3, visits=12, requests=1.0, companion=0))
    assert figures["requests"] > 0.7


def test_the_page_shows_what_is_scored(day_shop: Site) -> None:
    day = draw_day(PLAIN, ARTICLES, 5)
    cameras = Cameras(day, draw_errors("none", 0), ARTICLES, views_of(day.rooms, False), 5)
    half = [report for report in cameras.reports() if report.time < day.true_crossings[7].time + 1]
    player = Player(day_shop, day, cameras.sources)
    for report in half:
        player.happen(report.time, report)
    with day_shop.store.read() as session:
        for room in day.rooms:
            recommender = Recommender(day_shop, lambda: day.opens)
            page = room_snapshot(session, day_shop, room, last_id(session), recommender)
            skus = [item["article"]["sku"] for item in page["items"]]
            assert skus == [card.sku for card in player.played.screens[room][-1][1]]


def test_each_seed_is_a_day_in_a_shop_of_its_own(tmp_path: Path) -> None:
    days = list(simulate_days(Scenario(PLAIN, articles=30), (0, 1, 0), tmp_path))
    assert days[0] == days[2] != days[1]


@pytest.mark.parametrize("gates", ["area", "hall"])
def test_other_gates_show_no_earlier_visitor_who_was_seen_to_leave(
    tmp_path: Path, gates: Gates
) -> None:
    scenario = Scenario(Habits(rooms=4, visits=30, moves=0), articles=30, gates=gates)
    (figures,) = simulate_days(scenario, [1], tmp_path)
    assert figures["earlier_seen_s"] == 0.0
    assert figures["exact"] > 0.1


@pytest.mark.slow
def test_two_gates_in_a_row_miss_fewer_garments(tmp_path: Path) -> None:
    habits = Habits(rooms=4, visits=30)
    missing = [
        next(simulate_days(Scenario(habits, articles=30, gates=gates), [1], tmp_path / gates))
        for gates in ("room", "area")
    ]
    assert missing[1]["missing"] < missing[0]["missing"]
