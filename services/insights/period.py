"""A period of whole days, the one before it, and which of its days the shop was open."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from common.opening_hours import Hours
from common.settings import Settings

#: Most days of a period.
MOST_DAYS: Final = 400
_WEEK: Final = 7

#: Why a day has no figures, or `open` where it has: the shop is closed by its opening hours, there
#: was no visit although it is open, nothing was recorded yet, or it has not come.
DayState = Literal["open", "closed", "no visits", "not recorded", "not yet"]


@dataclass(frozen=True)
class Period:
    """Days from the first to the last one, both included, in this machine's time zone."""

    first: date
    last: date

    @property
    def start(self) -> float:
        """When it begins, in seconds since the epoch."""
        return _midnight(self.first)

    @property
    def end(self) -> float:
        """When it is over, in seconds since the epoch."""
        return _midnight(self.last + timedelta(days=1))

    @property
    def days(self) -> list[date]:
        """All its days."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def before(self) -> Period:
        """Return the period before: as many days, whole weeks earlier, with the same weekdays."""
        shift = timedelta(days=_WEEK * math.ceil(len(self.days) / _WEEK))
        return Period(self.first - shift, self.last - shift)


def _midnight(day: date) -> float:
    return datetime.combine(day, datetime.min.time()).timestamp()


def opening_hours(settings: Settings) -> Hours | None:
    """Return the shop's opening hours; None where its settings have none."""
    shop = settings.shop
    return Hours(shop.opening_hours, shop.country) if shop.opening_hours else None


def day_state(
    day: date, visited: Collection[date], hours: Hours | None, first: date | None, today: date
) -> DayState:
    """Say what kind of day it was; one with visits is open, whatever the opening hours say.

    Args:
        day: Which.
        visited: Days with a visit.
        hours: The shop's opening hours, if known.
        first: The day of the first visit on record.
        today: The day now.
    """
    if day in visited:
        return "open"
    if day > today:
        return "not yet"
    if hours is not None and not hours.is_open_on(day):
        return "closed"
    return "not recorded" if first is None or day < first else "no visits"
