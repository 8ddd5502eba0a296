"""Sale prices: parse those of a feed and compute the price at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from common.tables import Problem, Values
from store.prices import Price, PriceError, parse_price

_ZONE: Final = re.compile(r"([+-]\d{2})(\d{2})$")


@dataclass(frozen=True)
class Offer:
    """A sale price in minor units, from a time to a time in seconds since the epoch.

    None is without a beginning or an end; the end itself is not part of it.
    """

    price: int
    start: float | None = None
    end: float | None = None


class Priced(Protocol):
    """What has a price and perhaps a sale price: `schema.Variant`."""

    @property
    def price(self) -> int | None: ...  # noqa: D102
    @property
    def sale_price(self) -> int | None: ...  # noqa: D102
    @property
    def sale_from(self) -> float | None: ...  # noqa: D102
    @property
    def sale_until(self) -> float | None: ...  # noqa: D102


def price_at(variant: Priced, now: float) -> int | None:
    """Return the price of a variant at a time, in minor units; None if unknown."""
    if variant.sale_price is None:
        return variant.price
    begun = variant.sale_from is None or variant.sale_from <= now
    over = variant.sale_until is not None and variant.sale_until <= now
    return variant.sale_price if begun and not over else variant.price


def next_changes(variants: Iterable[Priced], now: float) -> list[float]:
    """List the times after `now` at which a sale of some variants begins or ends."""
    times = [moment for v in variants for moment in (v.sale_from, v.sale_until)]
    return sorted(moment for moment in times if moment is not None and moment > now)


def parse_offer(
    line: int, values: Values, price: Price | None, currency: str, notes: list[Problem]
) -> Offer | None:
    """Parse `sale_price` and `sale_price_effective_date`.

    What cannot be used is left out and noted: a price that is shown must be right.
    """
    text = values.get("sale_price", "").strip()
    if not text or price is None:
        return None

    def note(column: str, reason: str) -> None:
        notes.append(Problem(line, column, f"{reason} The price is used.", "no sale price"))

    try:
        sale = parse_price(text, currency)
    except PriceError as error:
        note("sale_price", f"{text!r} {error}")
        return None
    if sale.currency != price.currency or not 0 < sale.minor < price.minor:
        # Many programs repeat the price where there is no sale.
        if (sale.currency, sale.minor) != (price.currency, price.minor):
            note("sale_price", f"{text!r} is not less than the price.")
        return None
    period = values.get("sale_price_effective_date", "").strip()
    try:
        start, end = _parse_period(period)
    except ValueError:
        note(
            "sale_price_effective_date", f"{period!r} is not like 2026-11-01T09:00+0100/2026-11-15."
        )
        return None
    return Offer(sale.minor, start, end)


def _parse_period(text: str) -> tuple[float | None, float | None]:
    """Read an ISO 8601 interval; without a zone it is the shop's own time.

    Raises:
        ValueError: It is none, or ends before it begins.
    """
    if not text:
        return None, None
    first, mark, last = (part.strip() for part in text.partition("/"))
    if not mark or not (first or last):
        raise ValueError(text)
    start, end = _moment(first, 0), _moment(last, 1)
    if start is not None and end is not None and end <= start:
        raise ValueError(text)
    return start, end


def _moment(text: str, days: int) -> float | None:
    """Read a moment; a mere date is its midnight, `days` later.

    None where there is none, and at the ends of the calendar: programs write 9999-12-31 for ever.
    """
    if text in ("", ".."):
        return None
    whole_day = re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) is not None
    moment = datetime.fromisoformat(_ZONE.sub(r"\1:\2", text))
    if not 1900 < moment.year < 9000:
        return None
    return (moment + timedelta(days=days) if whole_day else moment).timestamp()
