"""What is read of visits as the product records them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from store import (
    Site,
    Store,
    create_or_upgrade,
    feedback,
    hidden,
    journal,
    open_store,
    requests,
    visits,
)
from store.observations import Observations, first_visit, read_observations
from store.schema import Visit, VisitItem
from tests.crossings import cross, garment

NOON = datetime(2026, 5, 31, 12).timestamp()


def read(shop: Site, start: float = NOON - 60, end: float = NOON + 36_000) -> Observations:
    with shop.store.read() as session:
        return read_observations(session, start, end)


def test_a_visit_with_all_that_belongs_to_it(shop: Site) -> None:
    cross(shop, NOON, "entry", garment("T1-S", others=("T1b-S",)), garment(None))
    with shop.store.write() as session:
        visit = visits.require_visit(session, "1")
        number = requests.ask_article(session, visit, "T1-S", "M", NOON + 20)
        requests.change_request(session, number, "taken", NOON + 30)
        requests.change_request(session, number, "declined", NOON + 60, reason="not_found")
        item = session.query(VisitItem.id).order_by(VisitItem.id).first()
        assert item is not None
        visits.correct_item(session, "1", item[0], "T1b-S", NOON + 70)
    cross(shop, NOON + 300, "exit")
    found = read(shop)
    (seen,) = found.visits
    assert (seen.room, seen.opened_at, seen.closed_at) == ("1", NOON, NOON + 300)
    assert (seen.reason, seen.hidden_at, seen.left_at) == ("left", None, None)
    assert [g.corrected for g in seen.garments] == [True, False]
    assert seen.garments[0].colourway in found.styles
    assert seen.garments[1].colourway is None
    (asked,) = seen.requests
    assert (asked.state, asked.reason) == ("declined", "not_found")
    assert (asked.opened_at, asked.taken_at, asked.done_at) == (NOON + 20, NOON + 30, NOON + 60)
    style = found.styles[asked.colourway or 0]
    assert (style.code, style.sizes[asked.variant or 0]) == ("T1", "M")
    assert found.crossings == 2


def test_an_exit_after_a_quiet_end_is_read(shop: Site) -> None:
    for room, after in (("1", "exit"), ("2", "entry")):
        cross(shop, NOON, "entry", garment("T1-S"), room=room)
        with shop.store.write() as session:
            visits.close_quiet_visits(session, visits.last_changes(session), NOON + 1300)
        cross(shop, NOON + 1500, after, room=room)  # type: ignore[arg-type]
    first, second, *_ = read(shop).visits
    assert (first.reason, first.left_at) == ("quiet", NOON + 1500)
    assert (second.reason, second.left_at) == ("quiet", None)


def test_who_went_in_without_an_exit_may_be_the_next_shopper(shop: Site) -> None:
    cross(shop, NOON, "entry", garment("T1-S"))
    cross(shop, NOON + 400, "entry", garment("K1", "skirt"))
    with shop.store.write() as session:
        hidden.close_hidden_visits(session, hidden.hidden_since(session), NOON + 500)
    first, second = read(shop).visits
    assert (first.reason, first.hidden_at) == ("next", second.opened_at)
    assert 0 < first.next_probability < 1


def test_sales_go_on_after_the_period(shop: Site, tmp_path: Path) -> None:
    times = ("10:00", "12:30", "13:30", "16:00")
    rows = [f"{n},2026-05-31T{time},K1" for n, time in enumerate(times)]
    (tmp_path / "sales.csv").write_text("\n".join(["receipt,time,sku", *rows]))
    with shop.store.write() as session:
        feedback.import_sales(session, tmp_path / "sales.csv")
    found = read(shop, NOON, NOON + 3600)
    assert [sale.time for sale in found.sales] == [NOON + 1800, NOON + 5400]


def test_a_new_shop_has_nothing(shop: Site) -> None:
    with shop.store.read() as session:
        assert first_visit(session) is None
    assert read(shop) == Observations((), (), 0, {})


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "sqlite":
        site: Site = request.getfixturevalue("site")
        yield site.store
        return
    url: str = request.getfixturevalue("postgres_url")
    create_or_upgrade(url)
    opened = open_store(url)
    yield opened
    opened.close()


def test_both_databases_read_the_same(store: Store) -> None:
    with store.write() as session:
        visit = Visit(room="1", opened_at=NOON, touched_at=NOON, closed_at=NOON + 900)
        session.add(visit)
        session.flush()
        session.add(VisitItem(visit_id=visit.id, category="top", score=0.5))
        for kind, reason in (("changed", "first"), ("changed", "repeated"), ("closed", "quiet")):
            payload = {"visit": visit.id, "reason": reason}
            journal.append(session, NOON + 900, f"visit.{kind}", "1", payload)
        journal.append(session, NOON + 950, "crossing", "1", {"event": "exit"}, "summary/a/1")
    with store.read() as session:
        (seen,) = read_observations(session, NOON - 60, NOON + 60).visits
        assert [entry.time for entry in journal.with_prefix(session, "summary/a/")] == [NOON + 950]
        assert journal.with_prefix(session, "summary_a") == []
    assert (seen.two_cameras, seen.reason, seen.left_at) == (True, "quiet", NOON + 950)
    assert [garment.category for garment in seen.garments] == ["top"]
