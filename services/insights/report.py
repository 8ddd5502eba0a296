"""The figures of a period, with those of the period before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from common.opening_hours import Hours
from services.insights import articles
from services.insights.articles import Suggested, Together, Tried, Wanted
from services.insights.counting import Counted, count_visits
from services.insights.groups import (
    WEEKDAYS,
    Part,
    day_of,
    group,
    hour_of,
    measure_parts,
    pool,
    room_of,
    weekday_of,
)
from services.insights.measures import (
    LEAST,
    Measures,
    measure,
    seconds_to_delivery,
    seconds_to_response,
)
from services.insights.period import DayState, Period, day_state, opening_hours
from services.insights.rates import MEASURED, Rates
from store import Session, Site
from store.observations import Observations, Sold, first_visit, read_observations


@dataclass(frozen=True)
class DayRow:
    """A day: its figures, or why there are none (`too few`: fewer than five visits)."""

    day: date
    state: DayState | str
    measures: Measures | None


@dataclass(frozen=True)
class Report:
    """Everything about a period; `total` is None where there were fewer than five visits.

    Attributes:
        period: Its days.
        total: Its figures.
        before: Those of the period before; None where that has too few visits, or was not wholly
            recorded.
        daily: Visits of each day on which there were any, and `daily_before` of the period before.
        crossings: Crossings that cameras reported.
        days: Each day.
        weekdays: Each weekday, `hours` each hour of the day, `rooms` each room.
        categories: What was tried by category, and `tried` by article in a colour.
        sizes: What was asked for by size, and `refused` articles in sizes that were not delivered.
        together: Articles that were tried together.
        outfits: What became of suggestions.
        stays: Minutes of each visit in rising order.
        responses: Seconds until staff reacted to each request in rising order, and `deliveries`
            until each delivery.
        sales_known: Whether any sale was reported.
    """

    period: Period
    total: Measures | None = None
    before: Measures | None = None
    daily: tuple[float, ...] = ()
    daily_before: tuple[float, ...] = ()
    crossings: int = 0
    days: tuple[DayRow, ...] = ()
    weekdays: tuple[Part, ...] = ()
    hours: tuple[Part, ...] = ()
    rooms: tuple[Part, ...] = ()
    categories: tuple[Tried, ...] = ()
    tried: tuple[Tried, ...] = ()
    sizes: tuple[Wanted, ...] = ()
    refused: tuple[Wanted, ...] = ()
    together: tuple[Together, ...] = ()
    outfits: tuple[Suggested, ...] = ()
    stays: tuple[float, ...] = ()
    responses: tuple[float, ...] = ()
    deliveries: tuple[float, ...] = ()
    sales_known: bool = False


def read_report(
    session: Session, site: Site, period: Period, today: date, rates: Rates = MEASURED
) -> Report:
    """Read what was recorded of a period and of the one before, and compute the figures.

    Args:
        session: A read session.
        site: The shop.
        period: Which days.
        today: The day now.
        rates: How often cameras count right.
    """
    before = period.before()
    start = first_visit(session)
    first = datetime.fromtimestamp(start).date() if start is not None else None
    wholly = first is not None and first <= before.first
    earlier = read_observations(session, before.start, before.end) if wholly else None
    now = read_observations(session, period.start, period.end)
    calendar = Calendar(opening_hours(site.settings), first, today)
    return build_report(period, now, earlier, calendar, rates)


@dataclass(frozen=True)
class Calendar:
    """What is known of days: opening hours, the first day on record, and today."""

    hours: Hours | None
    first: date | None
    today: date


def build_report(
    period: Period,
    now: Observations,
    before: Observations | None,
    calendar: Calendar,
    rates: Rates = MEASURED,
) -> Report:
    """Compute the figures of what was observed in a period and in the one before."""
    visits = count_visits(now.visits, now.sales)
    days = tuple(_days(period, visits, calendar, rates))
    if len(visits) < LEAST:
        return Report(period, days=days)
    earlier = count_visits(before.visits, before.sales) if before else []
    sales = _in_period(now.sales, period)
    requests = [request for counted in visits for request in counted.visit.requests]
    return Report(
        period=period,
        total=measure(visits, rates),
        before=measure(earlier, rates) if len(earlier) >= LEAST else None,
        daily=_daily(visits),
        daily_before=_daily(earlier),
        crossings=now.crossings,
        days=days,
        weekdays=measure_parts(visits, weekday_of, lambda number: WEEKDAYS[number], rates),
        hours=measure_parts(visits, hour_of, lambda hour: f"{hour:02}", rates),
        rooms=measure_parts(visits, room_of, lambda room: room or "not claimed", rates),
        categories=tuple(articles.tried_categories(visits, sales, now.styles, rates)),
        tried=tuple(articles.tried_articles(visits, sales, rates)),
        sizes=tuple(articles.wanted_sizes(visits, now.styles)),
        refused=tuple(articles.refused_articles(visits, now.styles)),
        together=tuple(articles.tried_together(visits)),
        outfits=tuple(articles.suggested_outfits(visits)),
        stays=_enough(sorted(s for v in visits if (s := v.stay_min) is not None)),
        responses=_enough(sorted(seconds_to_response(requests))),
        deliveries=_enough(sorted(seconds_to_delivery(requests))),
        sales_known=bool(now.sales),
    )


def _days(
    period: Period, visits: Sequence[Counted], calendar: Calendar, rates: Rates
) -> list[DayRow]:
    by_day = group(visits, day_of)
    large = pool(by_day).groups if len(visits) >= LEAST else {}
    rows = []
    for day in period.days:
        state = day_state(day, by_day, calendar.hours, calendar.first, calendar.today)
        measures = measure(large[day], rates) if day in large else None
        too_few = state == "open" and measures is None
        rows.append(DayRow(day, "too few" if too_few else state, measures))
    return rows


def _daily(visits: Sequence[Counted]) -> tuple[float, ...]:
    return tuple(float(len(some)) for some in group(visits, day_of).values())


def _in_period(sales: Sequence[Sold], period: Period) -> list[Sold]:
    return [sale for sale in sales if sale.time < period.end]


def _enough(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(values) if len(values) >= LEAST else ()
