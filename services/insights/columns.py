"""Which columns people read of each table, and how a value is written for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from services.insights.estimates import Estimate
from services.insights.headlines import LABELS, Unit

Kind = Unit | Literal["mean", "text", "article", "articles"]


@dataclass(frozen=True)
class Column:
    """A column: the key of its values, what people read above it, and what it holds."""

    key: str
    title: str
    kind: Kind


def _measures(*keys: str) -> tuple[Column, ...]:
    return tuple(Column(key, *LABELS[key]) for key in keys)


def _counts(**titles: str) -> tuple[Column, ...]:
    return tuple(Column(key, title, "count") for key, title in titles.items())


_VISITS: Final = _measures("visits", "uncertain", "garments")
_SERVICE: Final = _measures("conversion", "requests", "delivered_share", "response_s", "delivery_s")
_PER_DAY: Final = Column("visits_a_day", "Visits a day", "mean")
_BOUGHT: Final = (
    *_counts(visits="Visits that tried it"),
    Column("estimated", "Estimated, not recognised too", "count"),
    *_counts(bought="Bought after trying"),
    Column("conversion", "Bought of the tried", "share"),
    *_counts(asked="Asked for", sold="Sold in all"),
)
_WANTED: Final = _counts(
    asked="Asked for",
    delivered="Delivered",
    declined="Declined",
    out_of_stock="Out of stock",
    not_found="Not found, other",
    unanswered="Visit ended first",
    lost="Lost",
)
#: By table, for pages and e-mail; files have all columns.
COLUMNS: Final[dict[str, tuple[Column, ...]]] = {
    "days": (Column("name", "Day", "text"), Column("state", "State", "text"), *_VISITS, *_SERVICE),
    "weekdays": (Column("name", "Weekday", "text"), _PER_DAY, *_VISITS, *_SERVICE),
    "hours": (Column("name", "Hour", "text"), *_VISITS, *_SERVICE),
    "rooms": (Column("name", "Room", "text"), *_VISITS, *_SERVICE),
    "categories": (Column("category", "Category", "text"), *_BOUGHT),
    "tried": (Column("article", "Article", "article"), *_BOUGHT),
    "sizes": (Column("size", "Size", "text"), *_WANTED),
    "refused": (Column("article", "Article", "article"), Column("size", "Size", "text"), *_WANTED),
    "together": (
        Column("article", "Article", "article"),
        Column("other", "Tried with", "article"),
        *_counts(visits="Visits"),
    ),
    "outfits": (
        Column("articles", "Outfit", "articles"),
        *_counts(shown="Shown", opened="Opened"),
        Column("opened_share", "Opened of the shown", "share"),
        *_counts(asked="Asked for", bought="Bought from"),
    ),
}


#: Shares below this have a decimal.
_SMALL: Final = 0.095


def write_value(value: Any, kind: str) -> str:
    """Write a value for people, without its interval; a dash where there is none."""
    number = value.value if isinstance(value, Estimate) else value
    if number is None or number == "":
        return "–"
    return str(number) if isinstance(number, str) else _number(number, kind)


def write_interval(value: Any, kind: str) -> str:
    """Write the interval of an estimate, `18–29 %` say; empty where there is none."""
    if not isinstance(value, Estimate) or value.low is None or value.high is None:
        return ""
    if value.low == value.high:
        return ""
    low, high = _number(value.low, kind), _number(value.high, kind)
    unit = next((unit for unit in (" %", " min", " s") if high.endswith(unit)), "")
    return f"{low.removesuffix(unit)}–{high}"


def _number(number: float, kind: str) -> str:
    if kind == "share":
        return f"{100 * number:.{1 if 0 < number < _SMALL else 0}f} %"
    if kind == "minutes":
        return f"{number:.1f} min"
    if kind == "seconds":
        return f"{number:.0f} s"
    return f"{number:.{1 if kind == 'mean' else 0}f}"
