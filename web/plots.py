"""Plots of the insights as SVG: wide or narrow, for light or dark pages."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.insights.estimates import Estimate
from services.insights.groups import Part
from services.insights.measures import LEAST
from services.insights.report import DayRow, Report

_TARGET_S: Final = 120
#: From so many days on, the axis names weeks alone.
_MANY_DAYS: Final = 35
_WHY: Final = {
    "closed": "closed",
    "no visits": "no visits",
    "not recorded": "not recorded",
    "not yet": "",
    "too few": f"fewer than {LEAST}",
}


@dataclass(frozen=True)
class Palette:
    """Colours of a plot."""

    ink: str
    bar: str
    pale: str
    gap: str


_LIGHT: Final = Palette("#1d1b18", "#1f4d3f", "#b5824f", "#ddd8cf")
_DARK: Final = Palette("#f4f1ec", "#8fd0b8", "#d9a066", "#4a463f")


@dataclass(frozen=True)
class Look:
    """How a plot is drawn: for a phone's width, for a dark page."""

    narrow: bool = False
    dark: bool = False

    @property
    def palette(self) -> Palette:
        """Its colours."""
        return _DARK if self.dark else _LIGHT

    @property
    def size(self) -> tuple[float, float]:
        """Its size in inches of 72 points: texts are as large as the page's at this width."""
        return (4.4, 3.6) if self.narrow else (7.6, 3.6)


@dataclass(frozen=True)
class Plot:
    """A question, and what draws the answer."""

    question: str
    draw: Callable[[Any, Report, Look], None]


def draw(plot: Plot, report: Report, look: Look) -> bytes:
    """Draw a plot of a report as SVG."""
    from matplotlib.figure import Figure  # takes longer to import than the rest of the server

    figure = Figure(figsize=look.size, layout="constrained")
    axes = figure.subplots()
    if report.total is not None:
        plot.draw(axes, report, look)
    if not axes.has_data():
        axes.set_axis_off()
        axes.text(0.5, 0.5, f"fewer than {LEAST} values", ha="center", color=look.palette.ink)
    _colour(axes, look.palette.ink)
    file = io.BytesIO()
    figure.savefig(file, format="svg", transparent=True)
    return file.getvalue()


def _colour(axes: Any, ink: str) -> None:
    """Draw axes and words in a colour: Matplotlib's own settings are those of the process."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(ink)
    axes.tick_params(colors=ink, labelsize=11)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set(color=ink, fontsize=11)
    if legend := axes.get_legend():
        for text in legend.get_texts():
            text.set_color(ink)


def _bars(axes: Any, values: Sequence[Estimate | None], look: Look) -> None:
    """Draw bars of estimated visits with their intervals; a missing one is left out."""
    there = [(n, value) for n, value in enumerate(values) if value is not None]
    places, heights = [n for n, _ in there], [value.value for _, value in there]
    axes.bar(places, heights, color=look.palette.bar)
    below = [value.value - (value.value if value.low is None else value.low) for _, value in there]
    above = [
        (value.value if value.high is None else value.high) - value.value for _, value in there
    ]
    axes.errorbar(
        places, heights, yerr=(below, above), fmt="none", ecolor=look.palette.pale, elinewidth=1.5
    )
    axes.set_xlim(-0.6, len(values) - 0.4)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("visits")
    axes.yaxis.get_major_locator().set_params(integer=True)


def _by_day(axes: Any, report: Report, look: Look) -> None:
    rows = report.days
    _bars(axes, [row.measures.visits if row.measures else None for row in rows], look)
    _mark_gaps(axes, rows, look)
    _label_days(axes, rows, look)


def _label_days(axes: Any, rows: Sequence[DayRow], look: Look) -> None:
    """Label some of the days: as many as fit, of long periods whole weeks apart."""
    step = max(1, round(len(rows) / (5 if look.narrow else 10)))
    step = step if len(rows) <= _MANY_DAYS else 7 * max(1, round(step / 7))
    ticks = range(0, len(rows), step)
    axes.set_xticks(ticks, [f"{rows[n].day:%d %b}" for n in ticks])


def _mark_gaps(axes: Any, rows: Sequence[DayRow], look: Look) -> None:
    """Mark days without figures, and name why at the first of each run."""
    top = axes.get_ylim()[1]
    before = ""
    for n, row in enumerate(rows):
        why = _WHY.get(row.state, "")
        if why:
            axes.axvspan(n - 0.5, n + 0.5, color=look.palette.gap, alpha=0.5, linewidth=0)
        if why and why != before:
            axes.text(
                n, top * 0.98, why, rotation=90, ha="center", va="top", fontsize=9,
                color=look.palette.ink,
            )  # fmt: skip
        before = why


def _parts(axes: Any, parts: Sequence[Part], look: Look) -> None:
    named = [part for part in parts if part.name]
    if named:
        _bars(axes, [part.measures.visits for part in named], look)
        step = 2 if look.narrow and len(named) > 9 else 1
        axes.set_xticks(range(0, len(named), step), [part.name for part in named[::step]])


def _by_hour(axes: Any, report: Report, look: Look) -> None:
    _parts(axes, report.hours, look)
    axes.set_xlabel("hour of the day")


def _by_weekday(axes: Any, report: Report, look: Look) -> None:
    named = [part for part in report.weekdays if part.name]
    if named:
        axes.bar(range(len(named)), [part.visits_a_day for part in named], color=look.palette.bar)
        axes.set_xticks(range(len(named)), [part.name[:3] for part in named])
        axes.set_ylabel("visits a day")


def _stays(axes: Any, report: Report, look: Look) -> None:
    if report.stays:
        axes.hist(report.stays, bins=20, color=look.palette.bar)
        axes.set(xlabel="minutes from entry to exit", ylabel="visits")
        axes.yaxis.get_major_locator().set_params(integer=True)


def _service(axes: Any, report: Report, look: Look) -> None:
    """Draw how soon staff react and deliver."""
    for seconds, name, colour in (
        (report.responses, "reacted", look.palette.pale),
        (report.deliveries, "delivered", look.palette.bar),
    ):
        if seconds:
            axes.ecdf(seconds, color=colour, label=name)
    if report.responses or report.deliveries:
        axes.axvline(_TARGET_S, color=look.palette.ink, linestyle="--", label="two minutes")
        axes.set(xlabel="seconds from the request", ylabel="share by then", xlim=(0, None))
        axes.legend(frameon=False)


def _recognised(axes: Any, report: Report, look: Look) -> None:
    shares = [("unknown", look.palette.pale), ("corrected", look.palette.bar)]
    for name, colour in shares:
        found = [
            (n, value)
            for n, row in enumerate(report.days)
            if row.measures and (value := getattr(row.measures, name)) is not None
        ]
        if found:
            places = [n for n, _ in found]
            axes.plot(places, [100 * v.value for _, v in found], "o-", color=colour, label=name)
            low, high = ([100 * end for end in ends] for ends in _ends([v for _, v in found]))
            axes.fill_between(places, low, high, color=colour, alpha=0.2, linewidth=0)
    if axes.has_data():
        _label_days(axes, report.days, look)
        axes.set(ylabel="% of garments", ylim=(0, 100))
        axes.legend(frameon=False)


def _ends(values: Sequence[Estimate]) -> tuple[list[float], list[float]]:
    return [v.low or 0.0 for v in values], [v.value if v.high is None else v.high for v in values]


#: By name.
PLOTS: Final[dict[str, Plot]] = {
    "days": Plot("How many visits does each day bring?", _by_day),
    "weekdays": Plot("Which weekdays are busy?", _by_weekday),
    "hours": Plot("When are the rooms busy?", _by_hour),
    "stays": Plot("How long do shoppers stay?", _stays),
    "service": Plot("How soon do staff react, and deliver?", _service),
    "recognised": Plot("How often are garments not recognised, or wrongly?", _recognised),
}
