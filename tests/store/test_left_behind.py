from __future__ import annotations

from store import Site, journal, left_behind
from store.left_behind import CHECKED_FOR_S
from tests.crossings import cross, garment


def rooms(shop: Site, now: float) -> list[tuple[str, str]]:
    with shop.store.read() as session:
        listed = left_behind.list_left_behind(session, now)
        return [(item.visit.room, item.category) for item in listed]


def test_what_did_not_come_out_is_listed_until_somebody_checked(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"), garment("K1", "skirt"), garment(None, "dress"))
    cross(shop, 50, "exit", garment("T1-S"))
    cross(shop, 60, "entry", garment("C1", "coat"), room="2")
    cross(shop, 70, "exit", room="2")
    assert rooms(shop, 80) == [("2", "coat"), ("1", "skirt")], "the newest first; no unknown ones"
    with shop.store.write() as session:
        coat, skirt = left_behind.list_left_behind(session, 80)
        assert left_behind.mark_checked(session, [skirt.id], 90, "Anna") == 1
        assert left_behind.mark_checked(session, [skirt.id, coat.id, 999], 91, "Ben") == 1
    assert rooms(shop, 95) == []
    with shop.store.read() as session:
        told = [e.payload for e in journal.after(session, 0) if e.kind == "items.checked"]
    assert [(t["by"], len(t["items"])) for t in told] == [("Anna", 1), ("Ben", 1)]


def test_what_is_in_a_room_now_cannot_be_checked_off(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    with shop.store.write() as session:
        assert left_behind.mark_checked(session, range(1, 10), 2) == 0


def test_after_three_hours_it_is_settled_and_open_pages_learn_of_it(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    cross(shop, 50, "exit")
    with shop.store.write() as session:
        before = journal.last_id(session)
        assert left_behind.expire(session, 50 + CHECKED_FOR_S) == 0
        assert journal.last_id(session) == before
        assert left_behind.expire(session, 51 + CHECKED_FOR_S) == 1
        assert [e.kind for e in journal.after(session, before)] == ["items.expired"]
        assert left_behind.expire(session, 52 + CHECKED_FOR_S) == 0
    assert rooms(shop, 60) == []


def test_the_next_shopper_carries_it_out(shop: Site) -> None:
    cross(shop, 1, "entry", garment("K1", "skirt"), garment("T1-S"))
    cross(shop, 50, "exit")
    cross(shop, 60, "entry", garment("C1", "coat"))
    cross(shop, 90, "exit", garment("C1", "coat"), garment("K1", "skirt"))
    assert rooms(shop, 95) == [("1", "top")], "her coat and the skirt came out"


def test_a_garment_of_her_own_settles_nothing_that_was_left(shop: Site) -> None:
    cross(shop, 1, "entry", garment("K1", "skirt"))
    cross(shop, 50, "exit")
    cross(shop, 60, "entry", garment("K1", "skirt"))
    cross(shop, 90, "exit", garment("K1", "skirt"))
    assert rooms(shop, 95) == [("1", "skirt")], "there are two of it, and one came out"


def test_somebody_whom_no_camera_saw_going_in_carries_it_out(shop: Site) -> None:
    cross(shop, 1, "entry", garment("K1", "skirt"))
    cross(shop, 50, "exit")
    cross(shop, 90, "exit", garment("K1", "skirt"))
    assert rooms(shop, 95) == []
