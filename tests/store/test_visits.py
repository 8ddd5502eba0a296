from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from common.crossing import GarmentMatch
from store import Site, StoreError, journal, requests, takealong, visits
from store.schema import JournalEntry, Request, VisitItem
from store.takealong import Entry
from tests.crossings import cross, garment


def inside(site: Site) -> list[tuple[str, str]] | None:
    with site.store.read() as session:
        visit = visits.current_visit(session, "1")
        return None if visit is None else [(i.category, i.state) for i in visit.items]


def test_an_entry_opens_a_visit_and_the_last_exit_closes_it(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"), garment(None, "dress"))
    assert inside(shop) == [("top", "in"), ("dress", "in")]
    cross(shop, 2, "entry", garment("K1", "skirt"))  # a friend brings more
    assert len(inside(shop) or []) == 3
    cross(shop, 3, "exit", garment("K1", "skirt"))
    assert inside(shop) == [("top", "in"), ("dress", "in"), ("skirt", "out")]
    cross(shop, 4, "exit")
    assert inside(shop) is None


def test_a_crossing_is_written_once(shop: Site) -> None:
    assert cross(shop, 1, "entry", garment("T1-S"), key="k")
    assert cross(shop, 1, "entry", garment("T1-S"), key="k") is None
    assert len(inside(shop) or []) == 1


def test_an_exit_from_an_empty_room_only_stands_in_the_journal(shop: Site) -> None:
    assert cross(shop, 1, "exit")
    assert inside(shop) is None


def test_crossing_and_visit_are_one_transaction(shop: Site) -> None:
    with pytest.raises(IntegrityError):
        cross(shop, 1, "entry", GarmentMatch(None, None, 0.0))  # type: ignore[arg-type]
    with shop.store.read() as session:
        kinds = session.scalars(select(JournalEntry.kind)).all()
    assert "crossing" not in kinds


def test_not_mine_and_corrections(shop: Site) -> None:
    cross(shop, 1, "entry", garment(None))
    with shop.store.write() as session:
        item = visits.current_visit(session, "1").items[0].id  # type: ignore[union-attr]
        visits.disown_item(session, "1", item, 2, mine=False)
    assert inside(shop) == [("top", "not_mine")]
    with shop.store.write() as session:
        visits.correct_item(session, "1", item, "T1b-S", 3)
    with shop.store.read() as session:
        corrected = visits.current_visit(session, "1").items[0]  # type: ignore[union-attr]
        assert corrected.colourway.sku == "T1b-S"  # type: ignore[union-attr]
        assert corrected.state == "in"


def test_a_garment_of_another_room_cannot_be_changed(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    with shop.store.write() as session, pytest.raises(StoreError, match="holds no garment"):
        visits.disown_item(session, "2", 1, 2, mine=False)


def ask(site: Site, size: str = "M", sku: str = "T1-S") -> int:
    with site.store.write() as session:
        return requests.ask_article(session, visits.require_visit(session, "1"), sku, size, 5)


def test_a_request_goes_its_way(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    number = ask(shop)
    assert ask(shop) == number  # tapped twice, asked once
    for state, answer in (("taken", ""), ("answered", "On my way"), ("done", "")):
        with shop.store.write() as session:
            requests.change_request(session, number, state, 6, answer)
    with shop.store.read() as session:
        assert not requests.open_requests(session)
        assert session.get_one(Request, number).answer == "On my way"


def test_two_people_cannot_take_the_same_request(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    number = ask(shop)
    with shop.store.write() as session:
        requests.change_request(session, number, "taken", 6, by="Anna")
    with shop.store.write() as session, pytest.raises(StoreError, match="Anna has taken"):
        requests.change_request(session, number, "taken", 7, by="Ben")


def test_asking_twice_for_a_person_is_one_request(shop: Site) -> None:
    cross(shop, 1, "entry")
    with shop.store.write() as session:
        visit = visits.require_visit(session, "1")
        number = requests.ask_person(session, visit, 2)
        assert requests.ask_person(session, visit, 3) == number
        requests.change_request(session, number, "done", 4)
        assert requests.ask_person(session, visit, 5) != number


@pytest.mark.parametrize(
    ("size", "sku", "said"),
    [("XXL", "T1-S", "no size 'XXL'"), ("", "NOPE", "No article 'NOPE'")],
)
def test_a_request_that_cannot_be(shop: Site, size: str, sku: str, said: str) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    with pytest.raises(StoreError, match=said):
        ask(shop, size, sku)


def test_nobody_in_the_room_nothing_to_ask(shop: Site) -> None:
    with pytest.raises(StoreError, match="no visit"):
        ask(shop)


def test_leaving_withdraws_open_requests(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    number = ask(shop)
    cross(shop, 9, "exit")
    with shop.store.read() as session:
        assert session.get_one(Request, number).state == "cancelled"


def test_quiet_visits_end(shop: Site) -> None:
    cross(shop, 100, "entry", garment("T1-S"))
    with shop.store.write() as session:
        changes = visits.last_changes(session)
        assert list(changes.values()) == [100]
        assert visits.close_quiet_visits(session, dict.fromkeys(changes, 99.0), 161) == 0
        assert visits.close_quiet_visits(session, changes, 161) == 1
    assert inside(shop) is None


def test_journal_ids_rise_and_resume(shop: Site) -> None:
    with shop.store.write() as session:
        first = journal.append(session, 1, "a", "", {})
        second = journal.append(session, 2, "b", "", {"x": 1})
        assert first is not None
        assert second is not None
        assert second.id > first.id
        assert [e.kind for e in journal.after(session, first.id)] == ["b"]
        assert journal.last_id(session) == second.id


@pytest.mark.parametrize(("state", "reason", "kept"), [("open", "out_of_stock", "out_of_stock"),
                                                       ("taken", "not_found", "not_found"),
                                                       ("answered", "", "other")])  # fmt: skip
def test_a_declined_request_is_not_a_delivered_one(
    shop: Site, state: str, reason: str, kept: str
) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    number = ask(shop)
    with shop.store.write() as session:
        if state != "open":
            requests.change_request(session, number, state, 6, "On my way", by="Anna")
        requests.change_request(session, number, "declined", 7, by="Anna", reason=reason)
    with shop.store.read() as session:
        declined = session.get_one(Request, number)
        assert (declined.state, declined.reason, declined.answer) == ("declined", kept, "")
        assert (declined.done_at, declined.taken_by) == (7, "Anna")
        assert not requests.open_requests(session)
        kinds = session.scalars(select(JournalEntry.kind)).all()
    assert "request.declined" in kinds
    assert "request.done" not in kinds
    assert ask(shop) != number  # she may ask again


def test_what_is_declined_stays_so_and_only_that_has_a_reason(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    number = ask(shop)
    with shop.store.write() as session:
        with pytest.raises(StoreError, match="for a reason: out_of_stock"):
            requests.change_request(session, number, "done", 6, reason="not_found")
        with pytest.raises(StoreError, match="for a reason: out_of_stock"):
            requests.change_request(session, number, "declined", 6, reason="bored")
        requests.change_request(session, number, "declined", 6)
        with pytest.raises(StoreError, match="is declined and cannot become done"):
            requests.change_request(session, number, "done", 7)
    cross(shop, 9, "exit")
    with shop.store.read() as session:
        assert session.get_one(Request, number).state == "declined"


def test_what_staff_could_not_bring_is_not_on_the_list_to_take_along(shop: Site) -> None:
    cross(shop, 1, "entry", garment("K1", "skirt"))
    with shop.store.write() as session:
        visit = visits.require_visit(session, "1")
        number = requests.ask_article(session, visit, "T1-S", "M", 2)
        requests.change_request(session, number, "declined", 3, by="Anna", reason="out_of_stock")
        wanted = [*visit.items, *requests.requests_of(session, visit)]
        assert [entry.sku for entry in takealong.list_entries(wanted)] == ["K1"]


def variant_of(site: Site, item: int) -> str | None:
    with site.store.read() as session:
        variant = session.get_one(VisitItem, item).variant
        return variant.sku if variant else None


def test_the_variant_that_was_scanned_is_kept(shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    with shop.store.write() as session:
        visit = visits.require_visit(session, "1")
        (seen,) = visit.items
        assert takealong.list_entries(visit.items) == [Entry("T1-S", False)]
        item = visits.scan_item(session, "1", "t1-m", 2)
        assert item == seen.id
        assert takealong.list_entries(visit.items) == [Entry("T1-M", True)]
    assert variant_of(shop, item) == "T1-M"


def test_a_colourways_own_number_on_a_tag_is_its_first_size(shop: Site) -> None:
    cross(shop, 1, "entry", garment(None))
    with shop.store.write() as session:
        (item,) = visits.require_visit(session, "1").items
        number = item.id
        visits.correct_by_tag(session, "1", number, "T1-S", 2)
    assert variant_of(shop, number) == "T1-S"
    with shop.store.write() as session:
        visits.correct_item(session, "1", number, "T1-S", 3)  # by its card: in which size?
    assert variant_of(shop, number) is None
    with shop.store.write() as session:
        visits.correct_item(session, "1", number, "K1", 4)  # comes in one size
    assert variant_of(shop, number) == "K1"


@pytest.mark.parametrize(("sku", "size", "wanted"), [
    ("T1-S", "M", "T1-M"), ("T1-M", "", "T1-M"), ("T1-S", "", None), ("K1", "", "K1"),
])  # fmt: skip
def test_a_request_names_the_variant(shop: Site, sku: str, size: str, wanted: str | None) -> None:
    cross(shop, 1, "entry")
    number = ask(shop, size, sku)
    with shop.store.read() as session:
        variant = session.get_one(Request, number).variant
        assert (variant.sku if variant else None) == wanted
