"""Visits end by a steady clock, whatever becomes of the wall's."""

from __future__ import annotations

import pytest

from services.quiet import QuietVisits
from store import Site, claims, visits
from tests.crossings import cross, garment
from vision.clock import Clocks

HOURS_S = 3600.0
START = 1_800_000_000.0


class Time:
    """Two clocks that a test moves; `jump` moves the wall's alone."""

    def __init__(self) -> None:
        self.steady, self.wall = 77.0, START
        self.clocks = Clocks(lambda: self.steady, lambda: self.wall)

    def pass_by(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += seconds

    def jump(self, seconds: float) -> None:
        self.wall += seconds


@pytest.fixture
def time() -> Time:
    return Time()


def is_open(shop: Site, room: str = "1") -> bool:
    with shop.store.read() as session:
        return visits.current_visit(session, room) is not None


def quiet_s(shop: Site) -> float:
    return shop.settings.screen.quiet_minutes * 60


@pytest.mark.parametrize("jump", [-6 * HOURS_S, 6 * HOURS_S, 0.0])
def test_a_clock_that_jumps_ends_no_visit_and_keeps_none_open(
    shop: Site, time: Time, jump: float
) -> None:
    quiet = QuietVisits(shop, time.clocks)
    quiet.close()
    cross(shop, time.wall, "entry", garment("T1-S"))
    quiet.close()
    time.jump(jump)
    time.pass_by(quiet_s(shop) - 1)
    assert quiet.close() == 0
    time.pass_by(2)
    assert quiet.close() == 1
    assert not is_open(shop)


def test_a_visit_that_a_jump_hid_from_the_first_look_is_counted_from_then(
    shop: Site, time: Time
) -> None:
    quiet = QuietVisits(shop, time.clocks)
    quiet.close()
    cross(shop, time.wall, "entry", garment("T1-S"))
    time.jump(6 * HOURS_S)
    quiet.close()
    assert is_open(shop)


def test_every_change_starts_the_quiet_anew(shop: Site, time: Time) -> None:
    quiet = QuietVisits(shop, time.clocks)
    cross(shop, time.wall, "entry", garment("T1-S"))
    quiet.close()
    time.pass_by(quiet_s(shop) - 1)
    time.jump(-2 * HOURS_S)
    with shop.store.write() as session:
        visits.scan_item(session, "1", "K1", time.wall)
    quiet.close()
    time.pass_by(quiet_s(shop) - 1)
    assert quiet.close() == 0
    time.pass_by(2)
    assert quiet.close() == 1


def test_what_was_open_before_the_start_ends_by_the_wall_clock(shop: Site, time: Time) -> None:
    cross(shop, time.wall - quiet_s(shop) - 1, "entry", garment("T1-S"))
    assert QuietVisits(shop, time.clocks).close() == 1


def test_one_from_the_future_is_kept_no_longer_than_another(shop: Site, time: Time) -> None:
    cross(shop, time.wall + 6 * HOURS_S, "entry", garment("T1-S"))
    quiet = QuietVisits(shop, time.clocks)
    quiet.close()
    time.pass_by(quiet_s(shop) + 1)
    assert quiet.close() == 1


def test_garments_wait_to_be_claimed_by_the_steady_clock_too(shop: Site, time: Time) -> None:
    quiet = QuietVisits(shop, time.clocks)
    quiet.close()
    cross(shop, time.wall, "entry", garment("T1-S"), rooms=("1", "2"))
    quiet.close()
    time.jump(-5 * HOURS_S)
    time.pass_by(claims.WAITING_S - 1)
    assert quiet.close() == 0
    time.pass_by(2)
    assert quiet.close() == 1
