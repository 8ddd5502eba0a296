from __future__ import annotations

from datetime import date, timedelta

import pytest

from common.opening_hours import Hours
from services.insights.period import Period, day_state

DAY = date(2026, 5, 29)  # a Friday


@pytest.mark.parametrize(("days", "weeks"), [(1, 1), (7, 1), (8, 2), (28, 4)])
def test_the_period_before_has_the_same_weekdays(days: int, weeks: int) -> None:
    period = Period(DAY, DAY + timedelta(days=days - 1))
    before = period.before()
    assert period.first - before.first == timedelta(weeks=weeks)
    assert len(before.days) == len(period.days)
    assert before.last < period.first


def test_a_day_without_visits_has_a_reason() -> None:
    hours, first, today = Hours("Mo-Sa 10:00-20:00"), date(2026, 5, 20), date(2026, 6, 1)

    def state(day: date, visited: tuple[date, ...] = (), known: Hours | None = hours) -> str:
        return day_state(day, visited, known, first, today)

    assert state(DAY, (DAY,)) == "open"
    assert state(DAY) == "no visits"
    sunday = date(2026, 5, 31)
    assert state(sunday) == "closed"
    assert state(sunday, (sunday,)) == "open"  # whatever the opening hours say
    assert state(sunday, known=None) == "no visits"
    assert state(date(2026, 5, 19)) == "not recorded"
    assert state(date(2026, 6, 2)) == "not yet"
