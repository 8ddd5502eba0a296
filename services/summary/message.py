"""The summary of a day: its figures, as text, as a page and as data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import jinja2

from services.insights.columns import write_interval, write_value
from services.insights.headlines import Headline, read_headlines
from services.insights.measures import LEAST
from services.insights.period import Period
from services.insights.report import Report, read_report
from services.insights.tables import Row, read_tables
from store import Session, Site

#: Rows of a table in a summary.
_SHOWN = 5


@dataclass(frozen=True)
class Summary:
    """A day's figures.

    Attributes:
        shop: The shop's name.
        day: Which day.
        before: The day that it is compared with, a week earlier.
        headlines: The figures; none where there were fewer than five visits.
        uncertain: Share of the visits whose beginning or end was inferred.
        tried: Rows of the table of the same name, the first ones; `refused` likewise.
    """

    shop: str
    day: date
    before: date
    headlines: tuple[Headline, ...]
    uncertain: float | None
    tried: tuple[Row, ...]
    refused: tuple[Row, ...]

    @property
    def title(self) -> str:
        """The subject of an e-mail."""
        visits = next((h.now for h in self.headlines if h.key == "visits"), None)
        short = f"{write_value(visits, 'count')} visits" if visits else f"fewer than {LEAST} visits"
        return f"{self.shop}, {self.day:%A} {self.day.isoformat()}: {short}"


def read_summary(session: Session, site: Site, day: date, now: float) -> Summary:
    """Compute the summary of a day."""
    report: Report = read_report(session, site, Period(day, day), day)
    tables = read_tables(session, report, now)
    return Summary(
        site.settings.shop.name,
        day,
        report.period.before().first,
        tuple(headline for headline in read_headlines(report) if headline.now is not None),
        report.total.uncertain if report.total else None,
        tuple(tables["tried"][:_SHOWN]),
        tuple(tables["refused"][:_SHOWN]),
    )


def as_text(summary: Summary) -> str:
    """Write a summary as plain text."""
    if not summary.headlines:
        return f"{summary.title}.\nNothing is shown, so that no one can be recognised.\n"
    lines = [summary.title, ""]
    for one in summary.headlines:
        interval = write_interval(one.now, one.unit)
        before = f"; a week before {write_value(one.before, one.unit)}" if one.before else ""
        verdict = f" ({one.verdict})" if one.verdict else ""
        value = write_value(one.now, one.unit) + (f" [{interval}]" if interval else "")
        lines.append(f"{one.label}: {value}{before}{verdict}")
    for title, rows in (("Tried most", summary.tried), ("Not delivered", summary.refused)):
        lines += ["", f"{title}:"] if rows else []
        lines += [f"- {_article(row)}" for row in rows]
    return "\n".join([*lines, "", "In brackets: 95 % intervals. No figure names a person.", ""])


def _article(row: Row) -> str:
    article = row["article"]
    size = f", size {row['size']}" if row.get("size") else ""
    count = f"{row['lost']} lost" if "lost" in row else f"{row['visits']} visits"
    colour = f", {article.colour}" if article.colour else ""
    return f"{article.title}{colour}{size} ({article.number}): {count}"


def as_html(summary: Summary) -> str:
    """Write a summary as a page for mail programs."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("services", "summary"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("summary.html").render(
        summary=summary,
        write_value=write_value,
        write_interval=write_interval,
        article=_article,
        least=LEAST,
    )


def as_data(summary: Summary) -> dict[str, Any]:
    """Write a summary as JSON, with `text` for chat programs."""
    return {
        "type": "summary.day",
        "timestamp": f"{summary.day.isoformat()}T23:59:59",
        "text": as_text(summary),
        "data": {
            "shop": summary.shop,
            "day": summary.day.isoformat(),
            "compared_with": summary.before.isoformat(),
            "uncertain": summary.uncertain,
            "figures": {one.key: asdict(one) for one in summary.headlines},
        },
    }
