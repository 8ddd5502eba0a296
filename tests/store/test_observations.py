"""What is read of visits as the product records them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from store import Site, feedback, hidden, requests, visits
from store.observations import Observations, first_visit, read_observations
from store.schema import VisitItem
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
