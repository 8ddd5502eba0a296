"""A gate to several rooms: whose exit it is, and what the next shopper may see."""

from __future__ import annotations

from store import Site, claims, crossings, journal, visits
from store.schema import Visit
from tests.crossings import cross, garment

HALL = ("1", "2", "3")


def enter(site: Site, time: float, room: str, *skus: str) -> None:
    """Let a shopper go in who says on her room's screen which garments are hers."""
    cross(site, time, "entry", *(garment(sku) for sku in skus), rooms=HALL)
    with site.store.write() as session:
        (waiting,) = claims.waiting_for(session, [room])
        claims.claim(session, room, waiting.id, time + 10)


def open_rooms(site: Site) -> set[str]:
    with site.store.read() as session:
        return {visit.room for visit in visits.open_visits(session, HALL)}


def test_an_exit_whose_visit_is_not_certain_ends_all_with_the_next_entry(shop: Site) -> None:
    enter(shop, 0, "1", "T1-S")
    enter(shop, 60, "2", "K1")
    cross(shop, 300, "exit", rooms=HALL)
    assert open_rooms(shop) == {"1", "2"}, "one of them is over, and the room is empty"
    cross(shop, 400, "entry", garment("C1", "coat"), rooms=HALL)
    assert open_rooms(shop) == set()
    with shop.store.read() as session:
        ended = journal.payloads(session, "visit.closed")
        assert [payload["reason"] for payload in ended] == ["next", "next"]
        assert session.query(Visit).filter(Visit.closed_at.is_(None)).count() == 1


def test_an_exit_with_an_article_of_one_visit_doubts_no_other(shop: Site) -> None:
    enter(shop, 0, "1", "T1-S")
    enter(shop, 60, "2", "K1")
    cross(shop, 300, "exit", garment("T1-S"), rooms=HALL)
    cross(shop, 400, "entry", garment("C1", "coat"), rooms=HALL)
    assert open_rooms(shop) == {"2"}


def test_a_visit_that_began_after_an_uncertain_exit_is_certain(shop: Site) -> None:
    enter(shop, 0, "1", "T1-S")
    enter(shop, 60, "2", "K1")
    cross(shop, 300, "exit", rooms=HALL)
    enter(shop, 400, "3", "C1")
    cross(shop, 500, "entry", garment("B1", "bag"), rooms=HALL)
    assert open_rooms(shop) == {"3"}


def test_entries_and_exits_are_counted(shop: Site) -> None:
    cross(shop, 1, "entry")
    cross(shop, 5, "entry", rooms=HALL)
    cross(shop, 9, "exit")
    with shop.store.read() as session:
        assert crossings.count_crossings(session, 0, 9) == {"entry": 2}
        assert crossings.count_crossings(session, 2, 10) == {"entry": 1, "exit": 1}
