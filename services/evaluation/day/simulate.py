"""Simulate days: draw each, let cameras report it, play it to the product, and score it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from common.sensor import Kind
from services.evaluation.day.draw import draw_claims, draw_day
from services.evaluation.day.errors import Cameras, Errors, Mixture, draw_errors
from services.evaluation.day.habits import Habits
from services.evaluation.day.play import Player
from services.evaluation.day.score import score_day
from services.evaluation.day.sensors import draw_signals
from services.evaluation.day.shop import copy_shop, draw_articles, make_shop
from store import Site

Figures = dict[str, Any]
Gates = Literal["room", "area", "hall"]
#: Share of the rooms whose gates two cameras see.
_OVERLAP: Final = 0.25


@dataclass(frozen=True)
class Scenario:
    """What days are drawn from.

    Attributes:
        habits: How people behave.
        mixture: Of errors, drawn anew for each day.
        overlap: Whether two cameras see the gates in the middle.
        errors: In place of those that are drawn.
        articles: How many the shop sells.
        gates: One at each `room`; another one to the whole `area` before them; or, in place of
            those of half of the rooms, one to the `hall` that leads to these.
        badges: Whether staff wear the badge by which cameras recognise them.
        sensors: The kind of sensor at each room, if there are any.
    """

    habits: Habits = field(default_factory=Habits)
    mixture: Mixture = "measured"
    overlap: bool = True
    errors: Errors | None = None
    articles: int = 300
    gates: Gates = "room"
    badges: bool = False
    sensors: Kind | None = None


def simulate_days(scenario: Scenario, seeds: Iterable[int], folder: Path) -> Iterator[Figures]:
    """Simulate a day for each seed, in a shop of its own below a folder; yields its figures."""
    shop = make_shop(folder / "shop", draw_articles(scenario.articles))
    for number, seed in enumerate(seeds):
        with copy_shop(shop, folder / f"day{number}") as site:
            yield {"seed": seed} | simulate_day(site, scenario, seed)


def simulate_day(site: Site, scenario: Scenario, seed: int) -> Figures:
    """Simulate a day in a shop that `make_shop` made; returns the figures of `score_day`."""
    articles = draw_articles(scenario.articles)
    day = draw_day(scenario.habits, articles, seed)
    errors = scenario.errors or draw_errors(scenario.mixture, seed)
    views = views_of(day.rooms, scenario.overlap, scenario.gates)
    cameras = Cameras(day, errors, articles, views, seed, scenario.badges)
    if scenario.gates == "hall":
        day.actions += draw_claims(day, scenario.habits, views["hall"], seed)
    reports = cameras.reports()
    signals = draw_signals(day, scenario.sensors, seed) if scenario.sensors else []
    played = Player(site, day, cameras.sources).play(reports, signals)
    return score_day(day, reports, played) | {"ended": played.ended}


def views_of(
    rooms: tuple[str, ...], overlap: bool, gates: Gates = "room"
) -> dict[str, tuple[str, ...]]:
    """Let two cameras see half of the rooms' gates each, and with `overlap` some both.

    A camera that is named `area` or `hall` sees one gate to all of its rooms.
    """
    middle = len(rooms) // 2
    if gates == "hall":
        return {"left": rooms[:middle], "hall": rooms[middle:]}
    more = max(1, round(_OVERLAP * len(rooms) / 2)) if overlap else 0
    views = {"left": rooms[: middle + more], "right": rooms[middle - more :]}
    return views | ({"area": rooms} if gates == "area" else {})
