"""Staff are asked to check for what is probably in a room, not for all that no camera saw."""

from __future__ import annotations

import pytest

from services.prompts import RETURNS_S, THRESHOLD, Signs, list_prompts, probability
from store import Site
from tests.crossings import cross, garment

THREE = (garment("T1-S"), garment("K1", "skirt"), garment("C1", "coat"))


def listed(site: Site, now: float) -> list[str]:
    with site.store.read() as session:
        return [item.category for item in list_prompts(session, now)]


def test_a_shopper_who_carries_nothing_out_has_left_her_garments(shop: Site) -> None:
    cross(shop, 0, "entry", *THREE)
    cross(shop, 600, "exit")
    assert listed(shop, 600 + RETURNS_S - 1) == [], "she may come back"
    assert listed(shop, 600 + RETURNS_S) == ["top", "skirt", "coat"]


def test_one_garment_of_three_was_missed_by_the_camera(shop: Site) -> None:
    cross(shop, 0, "entry", *THREE)
    cross(shop, 600, "exit", *THREE[:2])
    assert listed(shop, 1000) == []


def test_an_occupied_room_is_not_checked(shop: Site) -> None:
    cross(shop, 0, "entry", *THREE)
    cross(shop, 600, "exit")
    cross(shop, 950, "entry", garment("B1", "bag"))
    assert listed(shop, 1000) == []
    cross(shop, 1200, "exit", garment("B1", "bag"))
    assert listed(shop, 1300) == ["top", "skirt", "coat"]


def test_a_visit_whose_end_no_camera_saw_says_nothing_of_its_garments(shop: Site) -> None:
    cross(shop, 0, "entry", *THREE)
    cross(shop, 600, "entry", garment("B1", "bag"))
    cross(shop, 900, "exit", garment("B1", "bag"))
    assert listed(shop, 1300) == []


def test_a_garment_that_was_counted_twice_is_out(shop: Site) -> None:
    twice = Signs(True, False, 0.7, 0.0, True, False)
    assert probability(twice) < 0.05 < THRESHOLD
    assert probability(Signs(True, True, 1.1, 1.1, False, False)) == pytest.approx(0.406, abs=0.01)
