from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from store import Site, requests, visits
from store.figures import LEAST, Figures, read_figures
from store.schema import Sale, Variant, VisitItem
from tests.crossings import cross, garment

NOON = datetime(2026, 5, 31, 12).timestamp()
DAY_S = 24 * 3600.0


def visit(
    shop: Site, start: float, minutes: float, *skus: str | None, seen_out: bool = True
) -> None:
    cross(shop, start, "entry", *(garment(sku) for sku in skus))
    if seen_out:
        cross(shop, start + 60 * minutes, "exit")
    else:
        with shop.store.write() as session:
            visits.close_quiet_visits(session, visits.last_changes(session), start + 7200)


def figures(shop: Site, days: int = 1) -> Figures:
    with shop.store.read() as session:
        return read_figures(session, NOON - DAY_S / 2, NOON + days * DAY_S)


def test_a_day_of_visits(shop: Site) -> None:
    for number in range(6):
        visit(shop, NOON + 600 * number, 5 + number, "T1-S", None)
    visit(shop, NOON + 6000, 0, "K1", seen_out=False)
    found = figures(shop)
    (day,) = found.days
    assert (day.name, day.visits, found.crossings) == ("2026-05-31", 7, 13)
    assert day.garments == pytest.approx(13 / 7)
    assert day.unknown == pytest.approx(6 / 13)
    assert day.dwell_min == pytest.approx(7.5)  # the visit that ended by itself says nothing
    assert found.dwells == (5, 6, 7, 8, 9, 10)
    (hour,) = found.hours
    assert (hour.name, hour.visits) == ("12", 6)  # a seventh, at one, stands alone


def test_small_groups_are_left_out(shop: Site) -> None:
    for number in range(LEAST - 1):
        visit(shop, NOON + 600 * number, 5, "T1-S", "K1")
    found = figures(shop)
    assert found == Figures(0, 0, None, (), (), (), (), (), ())


def test_tried_together_and_bought(shop: Site) -> None:
    for number in range(5):
        visit(shop, NOON + 600 * number, 5, "T1-S", "K1", "T1-S")
    visit(shop, NOON + 6000, 5, "C1")
    with shop.store.write() as session:
        variant = session.scalar(select(Variant.id).where(Variant.sku == "K1"))
        assert variant is not None
        session.add(Sale(receipt="1", time=NOON + 60, variant_id=variant, quantity=2))
        session.add(Sale(receipt="2", time=NOON - DAY_S, variant_id=variant, quantity=9))
    found = figures(shop)
    assert [(row.number, row.tried, row.bought) for row in found.tried] == [
        ("K1", 5, 2), ("T1", 5, 0),
    ]  # fmt: skip
    assert [(pair.visits, {pair.one, pair.other}) for pair in found.together] == [(5, {"T1", "K1"})]


def test_time_to_delivery_and_corrections(shop: Site) -> None:
    for number in range(5):
        start = NOON + 600 * number
        cross(shop, start, "entry", garment("T1-S", others=("T1b-S",)))
        with shop.store.write() as session:
            inside = visits.require_visit(session, "1")
            request = requests.ask_article(session, inside, "T1-S", "S", start + 10)
            requests.change_request(session, request, "done", start + 10 + 30 * (number + 1))
            if number == 0:
                item = session.scalars(select(VisitItem.id)).first()
                assert item is not None
                visits.correct_item(session, "1", item, "T1b-S", start + 20)
        cross(shop, start + 300, "exit")
    found = figures(shop)
    assert found.deliveries == (30, 60, 90, 120, 150)
    assert found.total is not None
    assert found.total.delivery_s == 90
    assert found.total.corrected == pytest.approx(1 / 5)


def test_declined_requests_are_counted_apart(shop: Site) -> None:
    for number in range(6):
        start = NOON + 600 * number
        cross(shop, start, "entry", garment("T1-S"))
        with shop.store.write() as session:
            inside = visits.require_visit(session, "1")
            for size, wait, state in (("M", 20, "declined"), ("S", 50, "done")):
                asked = requests.ask_article(session, inside, "T1-S", size, start + 10)
                reason = ("out_of_stock" if number else "not_found") if size == "M" else ""
                requests.change_request(session, asked, state, start + 10 + wait, reason=reason)
            if number == 0:  # one alone is not told
                other = requests.ask_article(session, inside, "K1", "", start + 12)
                requests.change_request(session, other, "declined", start + 13)
        cross(shop, start + 300, "exit")
    found = figures(shop)
    (day,) = found.days
    assert (day.requests, day.delivered, day.declined) == (13, 6, 7)
    assert (day.delivery_s, day.decline_s) == (50, 20)
    assert found.deliveries == (50,) * 6
    (refused,) = found.refused
    assert (refused.number, refused.size, refused.title) == ("T1-M", "M", "Crew-neck tee")
    assert (refused.declined, refused.requests) == (6, 6)
    assert (refused.out_of_stock, refused.not_found) == (5, 1)
