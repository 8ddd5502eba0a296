"""`/insights`: what happened in the rooms, in short, as plots and as tables to download."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from flask import Blueprint, Response, abort, render_template, request

from services.insights.columns import COLUMNS, write_interval, write_value
from services.insights.headlines import read_headlines
from services.insights.measures import LEAST
from services.insights.period import MOST_DAYS, Period
from services.insights.tables import TITLES, Row, as_csv, as_json
from web.context import current
from web.navigation import in_bar
from web.permissions import allow
from web.plots import PLOTS, Look, draw

#: Rows of a table that the page shows; files have all.
_SHOWN: Final = 15
_USUAL_DAYS: Final = 28
#: Years that a period may lie in.
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 9000
#: Tables whose every row is shown.
_WHOLE: Final = ("days", "weekdays", "hours", "rooms")

insights = Blueprint("insights", __name__)


def _today() -> date:
    return datetime.fromtimestamp(current.now()).date()


def _read_period() -> Period:
    today = _today()
    last = _read_date("to", today)
    first = _read_date("from", last - timedelta(days=_USUAL_DAYS - 1))
    if not 0 <= (last - first).days < MOST_DAYS:
        abort(400, f"'from' must not be after 'to', and at most {MOST_DAYS} days before it.")
    return Period(first, last)


def _read_date(name: str, default: date) -> date:
    text = request.args.get(name, "")
    if not text:
        return default
    try:
        day = date.fromisoformat(text)
    except ValueError:
        abort(400, f"{name!r} is {text!r}; it is a day like 2026-05-31.")
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        abort(400, f"{name!r} is not between {_FIRST_YEAR} and {_LAST_YEAR}.")
    return day


@insights.get("/insights")
@allow("analyst")
@in_bar("Insights", 40)
def page() -> str:
    """Show the figures, their plots and their tables."""
    period = _read_period()
    booked = current.reports.read(period)
    return render_template(
        "insights.html",
        shop=current.shop,
        period=period,
        span={"from": period.first.isoformat(), "to": period.last.isoformat()},
        today=_today(),
        spans=_spans(),
        report=booked.report,
        headlines=read_headlines(booked.report),
        least=LEAST,
        shown=_SHOWN,
        whole=_WHOLE,
        plots={name: plot.question for name, plot in PLOTS.items()},
        tables=booked.tables,
        titles=TITLES,
        columns=COLUMNS,
        write_value=write_value,
        write_interval=write_interval,
    )


def _spans() -> dict[str, dict[str, str]]:
    """Return usual periods, each up to today, as the page's address has them."""
    today = _today()
    days = {"7 days": 7, "28 days": _USUAL_DAYS, "12 weeks": 84, "A year": 364}
    return {
        name: {"from": (today - timedelta(days=count - 1)).isoformat(), "to": today.isoformat()}
        for name, count in days.items()
    }


@insights.get("/insights/<name>.svg")
@allow("analyst")
def plot(name: str) -> Response:
    """Draw the answer to one question as SVG; `narrow` for phones, `dark` for dark pages."""
    if name not in PLOTS:
        abort(404, f"There is no plot {name!r}; known: {', '.join(PLOTS)}.")
    look = Look(narrow="narrow" in request.args, dark="dark" in request.args)
    report = current.reports.read(_read_period()).report
    return Response(draw(PLOTS[name], report, look), mimetype="image/svg+xml")


@insights.get("/insights/<name>.csv")
@allow("analyst")
def table(name: str) -> Response:
    """Return one table as CSV."""
    return _download(name, "csv", "text/csv", as_csv(_find_table(name)))


@insights.get("/insights/<name>.json")
@allow("analyst")
def table_json(name: str) -> Response:
    """Return one table as JSON."""
    return _download(name, "json", "application/json", as_json(_find_table(name)))


def _find_table(name: str) -> list[Row]:
    if name not in TITLES:
        abort(404, f"There is no table {name!r}; known: {', '.join(TITLES)}.")
    return current.reports.read(_read_period()).tables[name]


def _download(name: str, ending: str, mimetype: str, text: str) -> Response:
    period = _read_period()
    file = f"{name}-{period.first}-{period.last}.{ending}"
    response = Response(text, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return response
