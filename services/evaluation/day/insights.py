"""Compare the figures of `/insights` with the truth of simulated days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from services.evaluation.day.draw import draw_day
from services.evaluation.day.errors import Cameras, Errors, Mixture, draw_errors
from services.evaluation.day.figures import Truths, true_figures
from services.evaluation.day.habits import Article, Habits
from services.evaluation.day.shop import copy_shop, draw_articles, make_shop
from services.evaluation.day.simulate import views_of
from services.evaluation.day.trade import SIZES, Habit, Trader, draw_trade, write_sales
from services.insights.estimates import Estimate
from services.insights.headlines import LABELS
from services.insights.period import Period
from services.insights.rates import MEASURED, PERFECT, Rates
from services.insights.report import Report, read_report
from store import Site, feedback


@dataclass(frozen=True)
class InsightsScenario:
    """What days are drawn from.

    Attributes:
        habits: How people behave, and `trade` how they buy.
        mixture: Of errors, drawn anew for each day; `none` has perfect cameras.
        overlap: Whether two cameras see the gates in the middle.
        articles: How many the shop sells.
    """

    habits: Habits = field(default_factory=Habits)
    trade: Habit = field(default_factory=Habit)
    mixture: Mixture = "measured"
    overlap: bool = True
    articles: int = 300

    @property
    def rates(self) -> Rates:
        """The rates that the figures assume."""
        return PERFECT if self.mixture == "none" else MEASURED


@dataclass(frozen=True)
class Compared:
    """A figure of a day: what the service says, and the truth."""

    name: str
    truth: float
    value: float
    low: float | None
    high: float | None

    @property
    def covered(self) -> bool:
        """Whether the truth is within the stated interval; an open end bounds nothing."""
        slack = 1e-6 * max(1.0, abs(self.truth))
        above = self.low is None or self.low <= self.truth + slack
        return above and (self.high is None or self.truth <= self.high + slack)


def play_day(
    site: Site, scenario: InsightsScenario, articles: list[Article], seed: int, opens: float
) -> Truths:
    """Play a day with trade to a shop that `make_shop` made; returns its true figures."""
    day = draw_day(scenario.habits, articles, seed, opens)
    sales = draw_trade(day, articles, seed, scenario.trade)
    errors: Errors = draw_errors(scenario.mixture, seed)
    views = views_of(day.rooms, scenario.overlap)
    cameras = Cameras(day, errors, articles, views, seed)
    reports = cameras.reports()
    trader = Trader(site, day, cameras.sources)
    trader.play(reports)
    with TemporaryDirectory() as folder:
        file = Path(folder, "sales.csv")
        file.write_text(write_sales(sales), encoding="utf-8")
        with site.store.write() as session:
            feedback.import_sales(session, file)
    truths = true_figures(day, articles, sales, trader.accepted)
    if scenario.mixture != "none":  # what cameras do not recognise depends on their errors
        del truths["unknown"]
    return truths


def report_of_day(site: Site, scenario: InsightsScenario, opens: float) -> Report:
    """Compute the figures of the day on which a shop opened."""
    day = datetime.fromtimestamp(opens).date()
    with site.store.read() as session:
        return read_report(session, site, Period(day, day), day, scenario.rates)


def compare_days(
    scenario: InsightsScenario, seeds: Iterable[int], folder: Path
) -> Iterator[list[Compared]]:
    """Compare the figures of a day for each seed, in a shop of its own below a folder."""
    articles = draw_articles(scenario.articles)
    shop = make_shop(folder / "shop", articles, SIZES)
    opens = datetime(2026, 5, 29, 9).timestamp()
    for seed in seeds:
        site = copy_shop(shop, folder / f"day{seed}")
        truths = play_day(site, scenario, articles, seed, opens)
        yield compare(report_of_day(site, scenario, opens), truths)
        site.store.close()


def compare(report: Report, truths: Truths) -> list[Compared]:
    """Compare the figures of a whole day with the truth; those that are not stated are left out."""
    found = []
    for name in LABELS:
        figure, truth = getattr(report.total, name, None), truths.get(name)
        if figure is None or truth is None:
            continue
        exactly = isinstance(figure, int | float)
        estimate = Estimate(figure, figure, figure, 0) if exactly else figure
        found.append(Compared(name, float(truth), estimate.value, estimate.low, estimate.high))
    return found
