"""Visits by what they have in common, none of the groups smaller than a figure may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from services.insights.counting import Counted
from services.insights.measures import LEAST, Measures, measure
from services.insights.rates import Rates

Key = TypeVar("Key", bound=Hashable)

#: Names of the weekdays, as `datetime.weekday` counts them.
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Pooled(Generic[Key]):
    """Groups that are large enough, and the rest.

    Attributes:
        groups: Visits by group, each with five visits or more.
        small: Groups that cannot be shown.
        rest: The visits of those together; empty where these are too few as well.
    """

    groups: Mapping[Key, Sequence[Counted]]
    small: frozenset[Key]
    rest: Sequence[Counted]


def pool(groups: Mapping[Key, Sequence[Counted]]) -> Pooled[Key]:
    """Put groups of fewer than five visits together.

    Where these are fewer than five together, the smallest of the others joins them: or the total,
    less all that is shown, would be the figure of a few visits.
    """
    shown = {key: some for key, some in groups.items() if len(some) >= LEAST}
    small = {key for key, some in groups.items() if 0 < len(some) < LEAST}
    rest = [counted for key in small for counted in groups[key]]
    if 0 < len(rest) < LEAST and shown:
        smallest = min(shown, key=lambda key: len(shown[key]))
        small.add(smallest)
        rest += shown.pop(smallest)
    return Pooled(shown, frozenset(small), rest if len(rest) >= LEAST else ())


def group(visits: Iterable[Counted], key: Callable[[Counted], Key]) -> dict[Key, list[Counted]]:
    """Group visits by a key, in its order."""
    groups: dict[Key, list[Counted]] = defaultdict(list)
    for counted in visits:
        groups[key(counted)].append(counted)
    return {name: groups[name] for name in sorted(groups, key=str)}


def day_of(counted: Counted) -> date:
    """Return the day on which a visit began, in this machine's time zone."""
    return datetime.fromtimestamp(counted.visit.opened_at).date()


def hour_of(counted: Counted) -> int:
    """Return the hour of the day in which a visit began."""
    return datetime.fromtimestamp(counted.visit.opened_at).hour


def weekday_of(counted: Counted) -> int:
    """Return the weekday on which a visit began, 0 for Monday."""
    return day_of(counted).weekday()


def room_of(counted: Counted) -> str:
    """Return a visit's room; empty where no screen claimed what went in through a shared gate."""
    return counted.visit.room


@dataclass(frozen=True)
class Part:
    """The figures of a part of the visits: a room, a weekday, an hour.

    `days` is on how many days there were visits of this part; `name` is empty for the rest, small
    groups put together.
    """

    name: str
    days: int
    visits_a_day: float
    measures: Measures


def measure_parts(
    visits: Sequence[Counted],
    key: Callable[[Counted], Key],
    name: Callable[[Key], str],
    rates: Rates,
) -> tuple[Part, ...]:
    """Compute the figures of each group of visits; the rest comes last."""
    pooled = pool(group(visits, key))
    named = [(name(one), some) for one, some in pooled.groups.items()]
    named += [("", pooled.rest)] if pooled.rest else []
    parts = []
    for title, some in named:
        days, measures = len({day_of(counted) for counted in some}), measure(some, rates)
        parts.append(Part(title, days, measures.visits.value / days, measures))
    return tuple(parts)
