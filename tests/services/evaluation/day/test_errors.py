"""What cameras report of a day, at each arrangement of gates."""

from __future__ import annotations

from services.evaluation.day.draw import draw_claims, draw_day
from services.evaluation.day.errors import Cameras, Report, draw_errors
from services.evaluation.day.habits import Habits
from services.evaluation.day.shop import draw_articles
from services.evaluation.day.simulate import Gates, views_of
from services.evaluation.day.world import STAFF, Day

ARTICLES = draw_articles(30)
DAY = draw_day(Habits(rooms=4, visits=30, moves=0.2), ARTICLES, 3)


def reports(day: Day, gates: Gates, badges: bool = False) -> list[Report]:
    views = views_of(day.rooms, False, gates)
    return Cameras(day, draw_errors("none", 0), ARTICLES, views, 3, badges).reports()


def test_a_gate_to_the_area_is_crossed_before_those_of_the_rooms_and_after_them() -> None:
    for report in reports(DAY, "area"):
        crossing, true = report.crossing, report.true_crossing
        if crossing.camera == "area":
            assert (crossing.room, crossing.rooms) == ("", DAY.rooms)
            assert (crossing.time < true.time) is (true.event == "entry")
        else:
            assert crossing.room == true.room


def test_who_walks_from_room_to_room_stays_behind_the_gate_to_the_area() -> None:
    outer = [r for r in reports(DAY, "area") if r.crossing.camera == "area"]
    crossed = [true for true in DAY.true_crossings if true.crosses]
    assert 0 < len(crossed) - len(outer) < len(crossed) / 4


def test_rooms_behind_a_hall_have_no_gates_and_their_shoppers_claim_garments() -> None:
    hall = views_of(DAY.rooms, False, "hall")["hall"]
    for report in reports(DAY, "hall"):
        shared = report.true_crossing.room in hall
        assert bool(report.crossing.rooms) is shared
        assert bool(report.crossing.room) is not shared
    claims = draw_claims(DAY, Habits(claims=1.0), hall, 3)
    assert claims == draw_claims(DAY, Habits(claims=1.0), hall, 3)
    assert {action.room for action in claims} == set(hall)


def test_badges_of_staff_are_read_on_most_crossings_and_no_shopper_has_one() -> None:
    found = reports(DAY, "room", badges=True)
    assert not any(r.crossing.staff for r in found if r.true_crossing.party != STAFF)
    read = [r.crossing.staff for r in found if r.true_crossing.party == STAFF]
    assert 0.5 < sum(read) / len(read) < 1.0
    assert not any(r.crossing.staff for r in reports(DAY, "room"))
