"""Which day's summary is due."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from common.settings import Settings
from services.insights.period import opening_hours

#: The last shoppers leave, and their sales come in.
_AFTER_CLOSING: Final = timedelta(minutes=15)
#: When a day is over in a shop whose opening hours are not known.
_USUAL: Final = time(22)
#: A day that is over for longer than this is sent no more: a server that was off for a week does
#: not send a week's mail.
_LONGEST: Final = timedelta(hours=24)


def sent_at(day: date, settings: Settings) -> datetime | None:
    """Return when a day's summary is due, in this machine's time; None of a closed day."""
    hours = opening_hours(settings)
    if hours is None:
        return datetime.combine(day, _USUAL)
    closes = hours.closes(day)
    return closes + _AFTER_CLOSING if closes else None


def due_day(settings: Settings, now: float) -> date | None:
    """Return the last day whose summary is due at a time, in seconds since the epoch."""
    moment = datetime.fromtimestamp(now)
    for back in range(3):
        day = moment.date() - timedelta(days=back)
        due = sent_at(day, settings)
        if due is not None and due <= moment:
            return day if moment - due < _LONGEST else None
    return None
