from __future__ import annotations

from store import Site, hidden, journal, visits
from tests.crossings import cross, garment


def test_a_hidden_visit_goes_on_with_what_was_brought(shop: Site) -> None:
    cross(shop, 0, "entry", garment("T1-S"))
    cross(shop, 600, "entry", garment("K1", "skirt"))
    with shop.store.write() as session:
        first, brief = hidden.hidden_visit(session, "1"), visits.require_visit(session, "1")
        assert first is not None
        assert hidden.hidden_since(session) == {first.id: 600}
        hidden.resume_visit(session, first, brief, 610)
        items = visits.items_on_screen(visits.current_visit(session, "1"))
        assert [item.category for item in items] == ["top", "skirt"]


def test_only_visits_that_are_still_hidden_end(shop: Site) -> None:
    cross(shop, 0, "entry", garment("T1-S"))
    cross(shop, 600, "entry", garment("K1", "skirt"))
    with shop.store.write() as session:
        since = hidden.hidden_since(session)
        assert hidden.close_hidden_visits(session, dict.fromkeys(since, 1.0), 640) == 0
        assert hidden.close_hidden_visits(session, since, 640) == 1
        assert [p["reason"] for p in journal.payloads(session, "visit.closed")] == ["next"]


def test_the_number_of_a_deleted_visit_is_not_used_again(shop: Site) -> None:
    numbers = []
    for time in (1, 2):
        cross(shop, time, "entry", garment("T1-S"))
        with shop.store.write() as session:
            visit = visits.require_visit(session, "1")
            numbers.append(visit.id)
            hidden.forget_visit(session, visit.id, time)
    assert numbers[1] > numbers[0], "the journal and figures name the first one still"
