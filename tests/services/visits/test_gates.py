"""A person who crosses two gates in a row counts once."""

from __future__ import annotations

import pytest

from common.crossing import Crossing, Event
from services.visits.gates import Waiting, find_waiting, was_seen_before
from services.visits.parameters import Parameters
from services.visits.recording import record_crossing
from store import Site, claims, requests, visits
from tests.crossings import cross, garment

KNOWN = Parameters()
AREA = ("1", "2")


def outer(time: float, event: Event = "entry") -> Crossing:
    return Crossing(time, event, "area", "area", "", rooms=AREA)


def inner(time: float, event: Event = "entry", room: str = "1", camera: str = "left") -> Crossing:
    return Crossing(time, event, camera, "gate", room)


def test_who_goes_in_carried_what_waits_since_shortly_before() -> None:
    hers = Waiting(7, 95.0, agreeing=2, articles=1)
    found = find_waiting([hers], [outer(95)], inner(100), KNOWN)
    assert found is not None
    assert (found.visit, found.whole) == (7, True)
    late = inner(95 + KNOWN.between_gates_s + 1)
    assert find_waiting([hers], [outer(95)], late, KNOWN) is None


def test_of_two_people_each_has_what_agrees() -> None:
    hers, other = Waiting(7, 95.0, 1, 1), Waiting(8, 97.0, 0, 0)
    found = find_waiting([hers, other], [outer(95), outer(97)], inner(100), KNOWN)
    assert found is not None
    assert (found.visit, found.whole) == (7, False), "what she was not seen with may be the other's"
    assert find_waiting([other, other], [outer(95), outer(97)], inner(100), KNOWN) is None


@pytest.mark.parametrize(("earlier", "seen"), [
    ([inner(100, "exit")], True),
    ([inner(100, "exit"), outer(103, "exit")], False),  # two people, one of whom was seen inside
    ([inner(100, "exit"), inner(100.2, "exit", camera="right"), outer(103, "exit")], False),
    ([inner(100, "exit"), inner(101, "exit", "2"), outer(103, "exit")], True),
    ([inner(60, "exit")], False),
    ([], False),
])  # fmt: skip
def test_an_exit_counts_once(earlier: list[Crossing], seen: bool) -> None:
    assert was_seen_before(earlier, outer(105, "exit"), KNOWN) is seen


def on_screen(site: Site, room: str) -> list[str | None]:
    with site.store.read() as session:
        items = visits.items_on_screen(visits.current_visit(session, room))
        return [item.colourway.sku if item.colourway else None for item in items]


def test_two_gates_show_what_either_camera_saw(shop: Site) -> None:
    cross(shop, 95, "entry", garment("T1-S"), garment("K1", "skirt"), rooms=AREA)
    cross(shop, 100, "entry", garment("T1-S"), garment(None, "coat"))
    assert sorted(map(str, on_screen(shop, "1"))) == ["K1", "None", "T1-S"]
    with shop.store.read() as session:
        assert claims.waiting_for(session, AREA) == [], "no other screen asks whose they are"


def test_the_second_gate_on_the_way_out_ends_no_other_visit(shop: Site) -> None:
    cross(shop, 95, "entry", garment("T1-S"), room="1")
    cross(shop, 95, "entry", garment("T1-S"), room="2")
    cross(shop, 300, "exit", garment("T1-S"), room="1")
    cross(shop, 305, "exit", garment("T1-S"), rooms=AREA)
    assert on_screen(shop, "1") == []
    assert on_screen(shop, "2") == ["T1-S"]


def test_two_cameras_at_a_shared_gate_see_one_person(shop: Site) -> None:
    for camera in ("area", "other"):
        crossing = Crossing(95, "entry", camera, "area", "", 0, (garment("T1-S"),), AREA)
        with shop.store.write() as session:
            record_crossing(session, crossing, camera)
    with shop.store.read() as session:
        assert len(claims.waiting_for(session, AREA)) == 1


def test_staff_bring_one_garment_through_two_gates(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    with shop.store.write() as session:
        requests.ask_article(session, visits.require_visit(session, "1"), "K1", "", 2)
    cross(shop, 300, "entry", garment("K1", "skirt"), rooms=AREA, staff=True)
    cross(shop, 305, "entry", garment("K1", "skirt"), staff=True)
    assert on_screen(shop, "1") == ["T1-S", "K1"]
    cross(shop, 315, "exit", staff=True)
    cross(shop, 320, "exit", rooms=AREA)
    assert on_screen(shop, "1") == ["T1-S", "K1"], "her badge was not read at the second gate"
