"""Plots: drawn for phones and for dark pages, with a reason where a day has no figures."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from services.insights.period import Period
from services.insights.rates import PERFECT
from services.insights.report import Calendar, DayRow, Report, build_report
from tests.services.insights.conftest import asked, observations, observed
from web.plots import PLOTS, Look, draw

WEEK = Period(date(2026, 5, 25), date(2026, 5, 31))


@pytest.fixture(scope="module")
def report() -> Report:
    visits = [observed(n, 4 + n % 5, requests=(asked("done", 30 + n),)) for n in range(40)]
    calendar = Calendar(None, date(2026, 5, 27), date(2026, 5, 31))
    return build_report(WEEK, observations(*visits), None, calendar, PERFECT)


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_fits_phones_and_dark_pages(report: Report, name: str) -> None:
    wide, narrow = (draw(PLOTS[name], report, Look(narrow=n)).decode() for n in (False, True))
    width = [float(re.search(r'width="([\d.]+)pt"', svg)[1]) for svg in (wide, narrow)]  # type: ignore[index]
    assert width[0] > 1.5 * width[1]
    dark = draw(PLOTS[name], report, Look(dark=True)).decode()
    assert "#f4f1ec" in dark
    assert "#1d1b18" not in dark


def test_a_day_without_figures_is_named(report: Report) -> None:
    states = [row.state for row in report.days]
    assert states == ["not recorded"] * 2 + ["no visits"] * 2 + ["open"] * 1 + ["no visits"] * 2
    svg = draw(PLOTS["days"], report, Look()).decode()
    assert svg.count("<!-- not recorded -->") == 1  # once for both days
    assert svg.count("<!-- no visits -->") == 2
    closed = Report(WEEK, report.total, days=(*report.days, DayRow(WEEK.last, "closed", None)))
    assert "<!-- closed -->" in draw(PLOTS["days"], closed, Look()).decode()


def test_plots_of_long_periods_label_the_same_days(report: Report) -> None:
    days = [date(2026, 3, 2) + timedelta(n) for n in range(60)]
    rows = tuple(DayRow(day, "open", report.total) for day in days)
    long = Report(Period(days[0], days[-1]), report.total, days=rows)
    labels = [
        re.findall(r"<!-- (\d\d \w{3}) -->", draw(PLOTS[name], long, Look()).decode())
        for name in ("days", "recognised")
    ]
    assert labels[0] == labels[1]
    assert labels[0][:2] == ["02 Mar", "09 Mar"]
