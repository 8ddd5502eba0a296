"""Staff with a badge open no visit and end none, whatever they carry."""

from __future__ import annotations

from store import Site, journal, left_behind, requests, staff_trips, visits
from tests.crossings import cross, garment


def inside(site: Site, room: str = "1") -> list[tuple[str, str]] | None:
    with site.store.read() as session:
        visit = visits.current_visit(session, room)
        return None if visit is None else [(i.category, i.state) for i in visit.items]


def left(site: Site, now: float) -> list[str]:
    with site.store.read() as session:
        return [item.category for item in left_behind.list_left_behind(session, now)]


def test_staff_with_an_armful_open_no_visit(shop: Site) -> None:
    assert cross(shop, 1, "entry", *[garment("T1-S")] * 10, staff=True)
    assert inside(shop) is None
    assert cross(shop, 9, "exit", staff=True)


def test_staff_who_come_and_go_leave_the_visit_as_it_is(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    cross(shop, 2, "entry", garment("K1", "skirt"), staff=True)
    assert inside(shop) == [("top", "in")], "nobody asked for the skirt"
    cross(shop, 3, "exit", staff=True)
    assert inside(shop) == [("top", "in")]
    cross(shop, 4, "exit", garment("T1-S"))
    assert inside(shop) is None


def test_what_a_shopper_asked_for_is_hers_when_staff_bring_it(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    with shop.store.write() as session:
        requests.ask_article(session, visits.require_visit(session, "1"), "K1", "", 2)
    cross(shop, 3, "entry", garment("K1", "skirt"), garment("K1", "skirt"), staff=True)
    assert inside(shop) == [("top", "in"), ("skirt", "in")], "one skirt was asked for"


def test_what_staff_carry_out_is_no_longer_in_the_room(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"), garment("K1", "skirt"))
    cross(shop, 1.5, "entry", staff=True)
    cross(shop, 2, "exit", garment("K1", "skirt"), garment(None, "top"), staff=True)
    assert inside(shop) == [("top", "in"), ("skirt", "out")], "an unknown top is nobody's"


def test_what_was_left_behind_comes_out_with_staff(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"), garment("K1", "skirt"))
    cross(shop, 50, "exit")
    cross(shop, 60, "entry", garment("T1-S"))
    assert sorted(left(shop, 70)) == ["skirt", "top"]
    cross(shop, 70, "entry", staff=True)
    cross(shop, 80, "exit", garment("T1-S"), staff=True)
    assert left(shop, 90) == ["skirt"]
    assert inside(shop) == [("top", "in")], "the next shopper's own top stays"


def clear(site: Site, time: float, room: str = "1") -> None:
    with site.store.write() as session:
        staff_trips.begin_clearing(session, room, time, "Anna")


def test_who_clears_a_room_ends_its_visit_and_opens_none(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"), garment("K1", "skirt"))
    clear(shop, 100)
    assert inside(shop) is None
    cross(shop, 110, "entry")
    assert inside(shop) is None
    cross(shop, 120, "exit", garment("T1-S"))
    assert left(shop, 130) == ["skirt"], "the top was carried out"
    with shop.store.read() as session:
        ended = [e.payload for e in journal.after(session, 0) if e.kind == "visit.closed"]
    assert [end["reason"] for end in ended] == ["cleared"]


def test_after_staff_came_out_the_next_one_is_a_shopper(shop: Site) -> None:
    clear(shop, 100)
    cross(shop, 110, "entry")
    cross(shop, 120, "exit")
    cross(shop, 125, "entry", garment("T1-S"))
    assert inside(shop) == [("top", "in")]


def test_nobody_came_to_clear(shop: Site) -> None:
    clear(shop, 100)
    cross(shop, 100 + staff_trips.CLEARING_S + 1, "entry", garment("T1-S"))
    assert inside(shop) == [("top", "in")]


def test_another_room_is_another_room(shop: Site) -> None:
    clear(shop, 100, room="2")
    cross(shop, 110, "entry", garment("T1-S"))
    assert inside(shop) == [("top", "in")]
