"""Figures with those of the period before."""

from __future__ import annotations

from datetime import date, timedelta

from services.insights.headlines import LABELS, read_headlines
from services.insights.period import Period
from services.insights.rates import PERFECT
from services.insights.report import Calendar, Report, build_report
from tests.services.insights.conftest import asked, observations, observed, sold

DAY_S = 24 * 3600.0
WEEK = Period(date(2026, 5, 25), date(2026, 5, 31))


def week(period: Period, visits: int, delivered: int = 0, sales: bool = False) -> Report:
    """A week of as many visits each day, with one request each, delivered in some."""

    def one(period: Period, count: int, done: int) -> object:
        found = []
        for n in range(7 * count):
            start = period.start + DAY_S * (n % 7) + 36_000 + 600 * (n // 7) + n % 3
            state = "done" if n < done else "declined"
            found.append(observed(n, start=start, requests=(asked(state, at=start + 30),)))
        return observations(*found, sales=(sold(period.start),) if sales else ())

    calendar = Calendar(None, period.before().first, period.last + timedelta(days=1))
    now, before = one(period, visits, delivered), one(period.before(), 6, 5)
    return build_report(period, now, before, calendar, PERFECT)  # type: ignore[arg-type]


def test_a_clear_change_and_one_by_chance() -> None:
    found = {h.key: h for h in read_headlines(week(WEEK, 12, 60))}
    assert set(found) == set(LABELS)
    assert found["visits"].now is not None
    assert found["visits"].now.value == 84
    assert found["visits"].before is not None
    assert found["visits"].before.value == 42
    assert found["visits"].verdict == "more"
    assert found["delivered_share"].verdict == "more"
    assert found["stay_min"].verdict == "no clear change"
    # Counts of what shoppers did say nothing of other weeks by themselves.
    assert found["requests"].verdict == ""


def test_what_was_bought_is_not_known_without_sales() -> None:
    found = {h.key: h.now for h in read_headlines(week(WEEK, 6))}
    assert found["conversion"] is found["bought"] is found["outfits_bought"] is None
    sales = {h.key: h.now for h in read_headlines(week(WEEK, 6, sales=True))}
    assert sales["conversion"] is not None
    assert sales["conversion"].value == 0.0


def test_too_few_visits_have_no_figures() -> None:
    assert read_headlines(Report(WEEK)) == []
