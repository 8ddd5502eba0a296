from __future__ import annotations

import pytest

from services.waiting import estimate_wait, read_capacity
from store import Site
from tests.crossings import cross

STAYS = [300.0 + 10 * n for n in range(21)]  # 300 to 500 seconds, 400 in the middle


def test_one_room_is_free_at_the_median_of_the_stays() -> None:
    assert estimate_wait([0.0], STAYS) == 400
    assert estimate_wait([100.0], STAYS) == 300


def test_who_has_stayed_long_leaves_after_those_who_stayed_longer() -> None:
    assert estimate_wait([450.0], STAYS) == 30, "460 to 500 are left"
    assert estimate_wait([499.0], STAYS) == 1


def test_more_rooms_are_free_sooner() -> None:
    one, three = estimate_wait([0.0], STAYS), estimate_wait([0.0] * 3, STAYS)
    assert one is not None
    assert three is not None
    assert 300 < three < one
    assert estimate_wait([0.0, 490.0], STAYS) == 10


def test_little_is_known() -> None:
    assert estimate_wait([0.0], STAYS[:19]) is None
    assert estimate_wait([1000.0], STAYS) is None, "longer than anybody stayed"
    assert estimate_wait([0.0, 1000.0], STAYS) == 400


@pytest.mark.parametrize("seen_out", [True, False])
def test_the_rooms_of_a_shop(shop: Site, seen_out: bool) -> None:
    for day in range(25):
        cross(shop, 1000.0 * day, "entry")
        if seen_out:
            cross(shop, 1000.0 * day + 400, "exit")
    now = 25_000.0 + 100
    cross(shop, 25_000.0, "entry")
    with shop.store.read() as session:
        capacity = read_capacity(session, ["1"], {"1": 25_000.0}, now)
        both = read_capacity(session, ["1", "2"], {"1": 25_000.0}, now)
    assert capacity.free == {"1": False}
    assert capacity.free_at == (now + 300 if seen_out else None)
    assert (both.free, both.free_at) == ({"1": False, "2": True}, None)
    with shop.store.read() as session:
        assert read_capacity(session, [], {}, now).free_at is None
