"""The figures as tables, for pages, CSV and JSON alike."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from services.catalogue.cards import Cards
from services.insights.articles import Tried, Wanted
from services.insights.estimates import Estimate
from services.insights.groups import Part
from services.insights.headlines import NEEDS_SALES, read_headlines
from services.insights.measures import Measures
from services.insights.report import Report
from store import Session

#: By name: what the table answers.
TITLES: Final = {
    "summary": "The period in short",
    "days": "Each day",
    "weekdays": "Each weekday",
    "hours": "Each hour of the day",
    "rooms": "Each room",
    "categories": "What is tried, by category",
    "tried": "What is tried, by article",
    "sizes": "Which sizes are asked for",
    "refused": "What was asked for and not delivered",
    "together": "What is tried together",
    "outfits": "What became of suggestions",
}
Row = dict[str, Any]


@dataclass(frozen=True)
class ArticleCell:
    """An article as people recognise it; `number` is the style's, or the size's where it is one."""

    number: str
    title: str
    colour: str
    picture: str


def read_tables(session: Session, report: Report, now: float) -> dict[str, list[Row]]:
    """Build every table of a report, by the names of `TITLES`.

    Values are texts, numbers, None, `Estimate`, `ArticleCell` and lists of the last.

    Args:
        session: A read session, in which articles are found.
        report: The figures.
        now: Seconds since the epoch.
    """
    cards = Cards.read(session, _keys(report), now)

    def article(key: int, variant: int | None = None) -> ArticleCell:
        card = cards.card(key)
        size = cards.variant(key, variant) if variant else None
        number = size["sku"] if size else card["style"]
        return ArticleCell(number, card["title"], card["colour"], card["thumbnail"])

    return {
        "summary": [asdict_shallow(headline) for headline in read_headlines(report)],
        "days": [_day_row(report, n) for n in range(len(report.days))],
        "weekdays": _part_rows(report.weekdays, report.sales_known),
        "hours": _part_rows(report.hours, report.sales_known),
        "rooms": _part_rows(report.rooms, report.sales_known),
        "categories": _tried_rows(report, report.categories, lambda row: {"category": row.key}),
        "tried": _tried_rows(report, report.tried, lambda row: {"article": article(int(row.key))}),
        "sizes": [{"size": row.size} | _wanted_row(row) for row in report.sizes],
        "refused": [
            {"article": article(row.colourway or 0, row.variant), "size": row.size}
            | _wanted_row(row)
            for row in report.refused
        ],
        "together": [
            {"article": article(p.one), "other": article(p.other), "visits": p.visits}
            for p in report.together
        ],
        "outfits": [
            {"articles": [article(key) for key in row.colourways if key in cards]}
            | {k: v for k, v in asdict_shallow(row).items() if k != "colourways"}
            for row in report.outfits
        ],
    }


def _keys(report: Report) -> set[int]:
    keys = {int(row.key) for row in report.tried}
    keys |= {row.colourway for row in report.refused if row.colourway}
    keys |= {key for pair in report.together for key in (pair.one, pair.other)}
    return keys | {key for row in report.outfits for key in row.colourways}


def asdict_shallow(row: Any) -> Row:
    """Return a dataclass's fields as they are."""
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _measures_row(measures: Measures | None, sales_known: bool) -> Row:
    names = [field.name for field in fields(Measures)]
    hidden = () if sales_known else NEEDS_SALES
    return {
        name: None if measures is None or name in hidden else getattr(measures, name)
        for name in names
    }


def _day_row(report: Report, number: int) -> Row:
    row = report.days[number]
    head = {"name": row.day.isoformat(), "state": row.state}
    return head | _measures_row(row.measures, report.sales_known)


def _part_rows(parts: Sequence[Part], sales_known: bool) -> list[Row]:
    return [
        {"name": part.name or "others together", "days": part.days}
        | {"visits_a_day": round(part.visits_a_day, 2)}
        | _measures_row(part.measures, sales_known)
        for part in parts
    ]


def _tried_rows(report: Report, rows: Sequence[Tried], head: Callable[[Tried], Row]) -> list[Row]:
    hidden = () if report.sales_known else ("bought", "conversion", "sold")
    return [
        head(row)
        | {k: None if k in hidden else v for k, v in asdict_shallow(row).items() if k != "key"}
        for row in rows
    ]


def _wanted_row(row: Wanted) -> Row:
    left_out = ("colourway", "variant", "size")
    return {k: v for k, v in asdict_shallow(row).items() if k not in left_out}


def as_csv(rows: Sequence[Row]) -> str:
    """Write a table as CSV: an estimate has three columns, an article four."""
    flat = [_flatten(row) for row in rows]
    names = list(dict.fromkeys(name for row in flat for name in row))
    file = io.StringIO()
    writer = csv.DictWriter(file, names, restval="")
    writer.writeheader()
    writer.writerows({k: _guard(v) for k, v in row.items()} for row in flat)
    return file.getvalue()


def _guard(value: Any) -> Any:
    """Keep a text from being a formula where a spreadsheet opens the file."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def _flatten(row: Mapping[str, Any]) -> Row:
    flat: Row = {}
    for name, value in row.items():
        if isinstance(value, Estimate):
            flat |= {name: value.value, f"{name}_low": value.low, f"{name}_high": value.high}
        elif isinstance(value, ArticleCell):
            flat |= {f"{name}_{key}": found for key, found in asdict(value).items()}
        elif isinstance(value, list):
            flat[name] = " + ".join(f"{a.title} {a.colour} {a.number}" for a in value)
        else:
            flat[name] = value
    return flat


def as_json(rows: Sequence[Row]) -> str:
    """Write a table as JSON: an estimate is an object with `value`, `low`, `high` and `of`."""

    def plain(value: Any) -> Any:
        return asdict(value)

    return json.dumps(rows, default=plain, ensure_ascii=False, indent=1)
