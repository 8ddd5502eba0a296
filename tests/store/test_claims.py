"""A gate that leads to several rooms: garments wait for the screen that claims them."""

from __future__ import annotations

import pytest

from common.crossing import Event, GarmentMatch
from store import Site, StoreError, claims, journal, left_behind, visits
from tests import crossings
from tests.crossings import garment

ROOMS = ("1", "2")


def cross(site: Site, time: float, event: Event, *garments: GarmentMatch) -> None:
    crossings.cross(site, time, event, *garments, rooms=ROOMS)


def waiting(site: Site, room: str) -> list[int]:
    with site.store.read() as session:
        return [visit.id for visit in claims.waiting_for(session, [room])]


def inside(site: Site, room: str) -> list[tuple[str, str]] | None:
    with site.store.read() as session:
        visit = visits.current_visit(session, room)
        return None if visit is None else [(i.category, i.state) for i in visit.items]


def claim(site: Site, room: str, number: int, time: float = 10.0) -> None:
    with site.store.write() as session:
        claims.claim(session, room, number, time)


def test_the_first_room_that_claims_gets_them(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"), garment("K1", "skirt"))
    [number] = waiting(shop, "1")
    assert waiting(shop, "2") == [number]
    assert waiting(shop, "3") == []
    assert inside(shop, "1") is None
    claim(shop, "2", number)
    assert inside(shop, "2") == [("top", "in"), ("skirt", "in")]
    assert waiting(shop, "1") == waiting(shop, "2") == []
    with pytest.raises(StoreError, match="do not wait"):
        claim(shop, "1", number)
    with shop.store.read() as session:
        told = {e.room for e in journal.after(session, 0) if e.kind == "visit.changed"}
    assert told == {"1", "2"}


def test_two_who_come_in_wait_apart(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    cross(shop, 2, "entry", garment("K1", "skirt"))
    first, second = waiting(shop, "1")
    claim(shop, "2", first)
    claim(shop, "1", second)
    assert inside(shop, "1") == [("skirt", "in")]
    assert inside(shop, "2") == [("top", "in")]


def test_more_garments_join_a_visit(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    claim(shop, "1", waiting(shop, "1")[0])
    cross(shop, 2, "entry", garment("K1", "skirt"))
    claim(shop, "1", waiting(shop, "1")[0])
    assert inside(shop, "1") == [("top", "in"), ("skirt", "in")]
    with shop.store.read() as session:
        visit = visits.require_visit(session, "1")
        assert visit.people == 2


def test_who_uses_the_screen_before_she_claims_her_garments_counts_once(shop: Site) -> None:
    cross(shop, 0, "entry", garment("T1-S"))
    (number,) = waiting(shop, "1")
    with shop.store.write() as session:
        visits.scan_item(session, "1", "K1", 5.0)
    claim(shop, "1", number)
    cross(shop, 400, "exit", garment("T1-S"))
    assert inside(shop, "1") is None


def test_nobodys_garments_end(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    [number] = waiting(shop, "1")
    with shop.store.write() as session:
        claims.refuse(session, "1", number, 2.0)
    assert waiting(shop, "1") == []
    assert waiting(shop, "2") == [number]
    with shop.store.write() as session:
        claims.refuse(session, "2", number, 3.0)
    assert waiting(shop, "2") == []
    with shop.store.read() as session:
        # Nobody can be sent to look in a room that nobody knows.
        assert not left_behind.list_left_behind(session, 0)


def test_they_are_asked_about_for_a_while_only(shop: Site) -> None:
    cross(shop, 1000, "entry", garment("T1-S"))
    with shop.store.write() as session:
        changes = claims.last_changes(session)
        assert list(changes.values()) == [1000]
        assert claims.close_unclaimed(session, list(changes), 1300) == 1
    assert waiting(shop, "1") == []


def test_empty_hands_claim_nothing(shop: Site) -> None:
    cross(shop, 1, "entry")
    assert waiting(shop, "1") == []


def test_what_comes_out_tells_who_leaves(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    claim(shop, "1", waiting(shop, "1")[0])
    cross(shop, 2, "entry", garment("K1", "skirt"))
    claim(shop, "2", waiting(shop, "2")[0])
    cross(shop, 3, "exit")  # of two, nobody knows which
    assert inside(shop, "1") is not None
    cross(shop, 4, "exit", garment("K1", "skirt"))
    assert inside(shop, "2") is None
    cross(shop, 5, "exit")  # the only one left
    assert inside(shop, "1") is None


def test_who_goes_out_again_unclaimed_is_gone(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    cross(shop, 2, "exit", garment("T1-S"))
    assert waiting(shop, "1") == []
