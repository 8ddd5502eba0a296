"""`/insights`: what happened in the rooms, as plots that answer a question each, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from typing import Any, Final

from flask import Blueprint, Response, abort, render_template, request

from store.figures import LEAST, Day, Figures, Pair, Tried, read_figures
from store.refused import Refused
from web.context import current
from web.navigation import in_bar
from web.permissions import allow

_INK: Final = "#1d1b18"
_BAR: Final = "#1f4d3f"
_PALE: Final = "#c9a27a"
_WIDTH: Final = 7.2
_MOST_DAYS: Final = 400
_SHOWN: Final = 15

Plot = Callable[[Any, Figures], None]

insights = Blueprint("insights", __name__)


def _asked() -> tuple[date, date, Figures]:
    today = datetime.fromtimestamp(current.now()).date()
    first = _read_date("from", today - timedelta(days=27))
    last = _read_date("to", today)
    if not 0 <= (last - first).days < _MOST_DAYS:
        abort(400, f"'from' must not be after 'to', and at most {_MOST_DAYS} days before it.")
    start, end = (
        datetime.combine(day, datetime.min.time()).timestamp()
        for day in (first, last + timedelta(days=1))
    )
    with current.site.store.read() as session:
        return first, last, read_figures(session, start, end)


@insights.get("/insights")
@allow("analyst")
@in_bar("Insights", 40)
def page() -> str:
    """Show the figures, their plots and their tables."""
    first, last, figures = _asked()
    return render_template(
        "insights.html",
        shop=current.shop,
        first=first.isoformat(),
        last=last.isoformat(),
        figures=figures,
        least=LEAST,
        plots=[(name, question) for name, (question, _) in _PLOTS.items()],
        tables=list(_TABLES),
    )


@insights.get("/insights/<name>.svg")
@allow("analyst")
def plot(name: str) -> Response:
    """Draw the answer to one question as SVG."""
    if name not in _PLOTS:
        abort(404, f"There is no plot {name!r}; known: {', '.join(_PLOTS)}.")
    return Response(_draw(_PLOTS[name][1], _asked()[2]), mimetype="image/svg+xml")


@insights.get("/insights/<name>.csv")
@allow("analyst")
def table(name: str) -> Response:
    """Return one table as CSV."""
    if name not in _TABLES:
        abort(404, f"There is no table {name!r}; known: {', '.join(_TABLES)}.")
    kind, rows = _TABLES[name]
    response = Response(_as_csv(kind, rows(_asked()[2])), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _read_date(name: str, default: date) -> date:
    text = request.args.get(name, "")
    if not text:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(400, f"{name!r} is {text!r}; it is a day like 2026-05-31.")


def _as_csv(kind: type, rows: Sequence[Any]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, [field.name for field in fields(kind)])
    writer.writeheader()
    writer.writerows({k: "" if v is None else v for k, v in asdict(row).items()} for row in rows)
    return file.getvalue()


def _draw(plot: Plot, figures: Figures) -> bytes:
    from matplotlib.figure import Figure  # takes longer to import than the rest of the server

    figure = Figure(figsize=(_WIDTH, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    plot(axes, figures)
    if not axes.has_data():
        axes.set_axis_off()
        axes.text(0.5, 0.5, f"fewer than {LEAST} visits", ha="center", color=_INK)
    file = io.BytesIO()
    figure.savefig(file, format="svg", transparent=True)
    return file.getvalue()


def _count_visits(axes: Any, names: Sequence[str], visits: Sequence[int]) -> None:
    """Draw a bar of visits for each name, the names as they are: no numbers, no dates."""
    axes.bar(range(len(names)), visits, color=_BAR)
    axes.set_xticks(range(len(names)), names)
    axes.set_ylabel("visits")
    axes.yaxis.get_major_locator().set_params(integer=True)


def _by_day(axes: Any, figures: Figures) -> None:
    if figures.days:
        _count_visits(axes, [d.name[5:] for d in figures.days], [d.visits for d in figures.days])
        axes.tick_params(axis="x", rotation=60, labelsize=8)


def _by_hour(axes: Any, figures: Figures) -> None:
    if figures.hours:
        _count_visits(axes, [h.name for h in figures.hours], [h.visits for h in figures.hours])
        axes.set_xlabel("hour of the day")


def _dwell(axes: Any, figures: Figures) -> None:
    if figures.dwells:
        axes.hist(figures.dwells, bins=20, color=_BAR)
        axes.set(xlabel="minutes from entry to exit", ylabel="visits")
        axes.yaxis.get_major_locator().set_params(integer=True)


def _delivery(axes: Any, figures: Figures) -> None:
    if figures.deliveries:
        axes.ecdf(figures.deliveries, color=_BAR)
        axes.axvline(120, color=_PALE, linestyle="--", label="target: two minutes")
        axes.set(
            xlabel="seconds from the request to its delivery", ylabel="share delivered by then"
        )
        axes.legend(frameon=False)


def _rarely_sold(axes: Any, figures: Figures) -> None:
    rows = sorted(figures.tried, key=lambda row: (row.bought / row.tried, -row.tried))[:_SHOWN]
    if rows:
        names = [f"{row.title[:24]} {row.colour[:12]} {row.number}" for row in rows]
        axes.barh(names, [row.tried for row in rows], color=_PALE, label="tried")
        axes.barh(names, [row.bought for row in rows], color=_BAR, label="bought")
        axes.invert_yaxis()
        axes.tick_params(axis="y", labelsize=7)
        axes.legend(frameon=False)


def _recognised(axes: Any, figures: Figures) -> None:
    days = [day for day in figures.days if day.unknown is not None]
    if days:
        names = [day.name[5:] for day in days]
        places = range(len(days))
        unknown = [100 * (day.unknown or 0) for day in days]
        axes.plot(places, unknown, "o-", color=_PALE, label="unknown")
        corrected = [100 * (day.corrected or 0) for day in days]
        axes.plot(places, corrected, "o-", color=_BAR, label="corrected")
        axes.set_xticks(places, names)
        axes.tick_params(axis="x", rotation=60, labelsize=8)
        axes.set(ylabel="% of garments", ylim=(0, 100))
        axes.legend(frameon=False)


#: By name: the question, and what draws the answer.
_PLOTS: Final[dict[str, tuple[str, Plot]]] = {
    "days": ("How many visits does each day bring?", _by_day),
    "hours": ("When are the rooms busy?", _by_hour),
    "dwell": ("How long do shoppers stay?", _dwell),
    "delivery": ("How soon do shoppers get what they ask for?", _delivery),
    "rarely": ("What is tried often and sold rarely?", _rarely_sold),
    "recognised": ("How often are garments not recognised, or wrongly?", _recognised),
}
#: By name: the kind of rows, and where they are.
_TABLES: Final[dict[str, tuple[type, Callable[[Figures], Sequence[Any]]]]] = {
    "days": (Day, lambda figures: figures.days),
    "hours": (Day, lambda figures: figures.hours),
    "tried": (Tried, lambda figures: figures.tried),
    "declined": (Refused, lambda figures: figures.refused),
    "together": (Pair, lambda figures: figures.together),
}
