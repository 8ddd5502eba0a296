"""When a shop is open, by OpenStreetMap's notation: `Mo-Sa 10:00-20:00; PH off`."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from opening_hours import OpeningHours, State

_DAY: Final = timedelta(days=1)


class Hours:
    """The opening hours of a shop, in its own time zone."""

    def __init__(self, text: str, country: str = "") -> None:
        """Parse opening hours.

        Args:
            text: OpenStreetMap's `opening_hours`.
            country: ISO code of the country whose public holidays `PH` means.

        Raises:
            ValueError: It is none.
        """
        try:
            self._hours = OpeningHours(text, country=country.upper() or None)
        except Exception as error:  # the library's own classes share no base class
            raise ValueError(f"{text!r} is not like 'Mo-Sa 10:00-20:00; PH off'.") from error

    def closes(self, day: date) -> datetime | None:
        """Return when the shop closes on a day, after midnight perhaps; None on a closed day."""
        start = datetime.combine(day, datetime.min.time())
        end = start + _DAY
        last = None
        for begins, ends, state, _ in self._hours.intervals(start - _DAY, end + _DAY):
            if state != State.OPEN:
                continue
            if start <= begins < end:
                last = ends
            elif begins < start and ends >= end:  # it never closes
                last = end
        return last

    def is_open_on(self, day: date) -> bool:
        """Check whether the shop opens on a day."""
        return self.closes(day) is not None
