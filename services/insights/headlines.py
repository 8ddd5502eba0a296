"""The figures of a whole period in short: each with its interval, and with the period before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from services.insights.estimates import Estimate, difference, exact, mean_difference
from services.insights.measures import Measures
from services.insights.report import Report

Unit = Literal["count", "share", "minutes", "seconds"]
#: Whether a figure differs from the period before by more than chance explains.
Verdict = Literal["more", "less", "no clear change", ""]

#: By the attribute of `Measures`: what people read, and the unit.
LABELS: Final[dict[str, tuple[str, Unit]]] = {
    "visits": ("Visits", "count"),
    "uncertain": ("Uncertain visits", "share"),
    "garments": ("Garments taken in", "count"),
    "tried": ("Articles tried", "count"),
    "bought": ("Bought after trying", "count"),
    "conversion": ("Bought of the tried", "share"),
    "stay_min": ("Stay, median", "minutes"),
    "stay_p90_min": ("Stay, 90 % are shorter", "minutes"),
    "outfits_shown": ("Outfits shown", "count"),
    "outfits_opened": ("Outfits opened", "count"),
    "opened_share": ("Opened of the shown", "share"),
    "outfits_asked": ("Outfits asked for", "count"),
    "outfits_bought": ("Outfits bought from", "count"),
    "requests": ("Requests", "count"),
    "delivered": ("Delivered", "count"),
    "delivered_share": ("Delivered of the requests", "share"),
    "declined": ("Declined", "count"),
    "unanswered": ("Visit ended first", "count"),
    "response_s": ("Response, median", "seconds"),
    "response_p90_s": ("Response, 90 % are faster", "seconds"),
    "delivery_s": ("Delivery, median", "seconds"),
    "delivery_p90_s": ("Delivery, 90 % are faster", "seconds"),
    "unknown": ("Garments not recognised", "share"),
    "corrected": ("Garments corrected", "share"),
}
#: What depends on sales.
NEEDS_SALES: Final = ("bought", "conversion", "outfits_bought")


@dataclass(frozen=True)
class Headline:
    """One figure of a period.

    Attributes:
        key: Its attribute of `Measures`.
        label: What people read.
        unit: What it is measured in.
        now: The figure; None where too few values stand behind it, or nothing is recorded.
        before: The same of the period before.
        change: The difference, of visits that of the visits a day; None where it has no interval.
        verdict: Whether the interval of the difference leaves out zero.
    """

    key: str
    label: str
    unit: Unit
    now: Estimate | None
    before: Estimate | None
    change: Estimate | None
    verdict: Verdict


def read_headlines(report: Report) -> list[Headline]:
    """List the figures of a period; none where it has too few visits."""
    if report.total is None:
        return []
    return [_headline(report, key) for key in LABELS]


def _headline(report: Report, key: str) -> Headline:
    label, unit = LABELS[key]
    known = report.sales_known or key not in NEEDS_SALES
    now = _estimate(report.total, key) if known else None
    before = _estimate(report.before, key) if known else None
    change = _change(report, key, unit, now, before)
    return Headline(key, label, unit, now, before, change, _judge(change))


def _estimate(measures: Measures | None, key: str) -> Estimate | None:
    if measures is None:
        return None
    found = getattr(measures, key)
    return found if found is None or isinstance(found, Estimate) else exact(found)


def _change(
    report: Report, key: str, unit: Unit, now: Estimate | None, before: Estimate | None
) -> Estimate | None:
    if now is None or before is None:
        return None
    if key == "visits":
        return mean_difference(report.daily, report.daily_before)
    # A count says nothing about other periods by itself, and the uncertain share is no sample.
    return None if unit == "count" or key == "uncertain" else difference(now, before)


def _judge(change: Estimate | None) -> Verdict:
    if change is None or change.low is None or change.high is None:
        return ""
    if change.low > 0:
        return "more"
    return "less" if change.high < 0 else "no clear change"
