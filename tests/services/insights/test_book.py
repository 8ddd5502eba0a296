from __future__ import annotations

from datetime import date, datetime

import pytest

from services.insights import book
from services.insights.book import KEPT_S, ReportBook
from services.insights.period import Period
from store import Site
from tests.crossings import cross, garment

NOON = datetime(2026, 5, 29, 12).timestamp()
DAY = Period(date(2026, 5, 29), date(2026, 5, 29))


def test_a_report_is_computed_once_a_minute(shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    computed = []
    real = book.read_report
    monkeypatch.setattr(book, "read_report", lambda *a: computed.append(a[2]) or real(*a))
    steady = [0.0]
    reports = ReportBook(shop, lambda: NOON + 3600, lambda: steady[0])
    for _ in range(3):
        assert reports.read(DAY).report.total is None
    for number in range(5):
        cross(shop, NOON + 600 * number, "entry", garment("T1-S"))
        cross(shop, NOON + 600 * number + 300, "exit")
    assert reports.read(DAY).report.total is None  # the minute is not over
    steady[0] = KEPT_S + 1
    assert reports.read(DAY).report.total is not None
    assert reports.read(DAY).tables["tried"][0]["visits"] == 5
    assert computed == [DAY, DAY]
    reports.read(DAY.before())
    assert computed == [DAY, DAY, DAY.before()]
