"""Trade of a simulated day: outfits on screens, sizes asked for, answers of staff, sales.

Drawn apart from the day, so that a seed's day is the same with and without trade.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from services.evaluation.day.habits import Article
from services.evaluation.day.play import Player
from services.evaluation.day.world import STAFF, Action, Day, Truth
from store import Session, Site, feedback, requests, visits
from store.catalogue import colourways_by_sku
from store.schema import Request

#: Sizes of every article.
SIZES: Final = ("M", "S", "L")
#: Outfits that the shop's screens show; each is two articles.
_OUTFITS: Final = 12
_REACTIONS: Final = ("show", "open")


@dataclass(frozen=True)
class Habit:
    """How shoppers and staff trade; assumed, as all habits of the simulated day.

    Attributes:
        shown: Outfits that a screen shows.
        opens: Probability that a shown outfit is opened.
        asks: Probability that the shopper asks for an article of an opened outfit, in a size.
        taken: Share of requests that staff take before they bring or decline; `response_s` is the
            median until then.
        declined: Share of the requests for a size that staff cannot bring.
        buys: Probability that a garment is bought.
        walk_ins: Sales to customers who tried nothing.
    """

    shown: int = 3
    opens: float = 0.3
    asks: float = 0.6
    taken: float = 0.8
    response_s: float = 20.0
    declined: float = 0.35
    buys: float = 0.35
    walk_ins: int = 40


@dataclass(frozen=True)
class TrueSale:
    """A piece that is sold; `party` is None for a customer who tried nothing."""

    time: float
    sku: str
    receipt: str
    party: int | None


def draw_trade(
    day: Day, articles: Sequence[Article], seed: int, habit: Habit | None = None
) -> list[TrueSale]:
    """Add what is shown, opened, asked and answered to a day; returns what is sold."""
    habit = habit or Habit()
    rng = np.random.default_rng([seed, 4])
    outfits = [
        " ".join(articles[n].sku for n in rng.choice(len(articles), 2, replace=False))
        for _ in range(_OUTFITS)
    ]
    truth = Truth(day)
    for party, room, time in _first_entries(day):
        _suggest(day, truth, rng, habit, outfits, (party, room, time))
    _answer(day, truth, rng, habit)
    # Nothing is answered for a shopper who has just left.
    day.actions = [a for a in day.actions if a.party == STAFF or _is_there(truth, a)]
    day.actions.sort(key=lambda action: action.time)
    return _sell(day, articles, rng, habit)


def _is_there(truth: Truth, action: Action) -> bool:
    return truth.at(action.room, action.time).party == action.party


def _first_entries(day: Day) -> list[tuple[int, str, float]]:
    first: dict[tuple[int, str], float] = {}
    for crossing in day.true_crossings:
        if crossing.party != STAFF and crossing.event == "entry":
            first.setdefault((crossing.party, crossing.room), crossing.time)
    return [(party, room, time) for (party, room), time in first.items()]


def _suggest(
    day: Day,
    truth: Truth,
    rng: np.random.Generator,
    habit: Habit,
    outfits: Sequence[str],
    visit: tuple[int, str, float],
) -> None:
    """Show outfits to a party, and let it open some and ask for articles of them."""
    party, room, time = visit
    for number in rng.choice(len(outfits), habit.shown, replace=False).tolist():
        day.actions.append(Action(time + 10, "show", room, party, outfits[number]))
        opened = time + float(rng.uniform(20, 60))
        if rng.random() >= habit.opens or truth.at(room, opened).party != party:
            continue
        day.actions.append(Action(opened, "open", room, party, outfits[number]))
        asked = opened + float(rng.uniform(5, 25))
        size = str(rng.choice(SIZES[1:]))
        sku = f"{rng.choice(outfits[number].split())}-{size}"
        known = any((a.kind, a.party, a.sku) == ("request", party, sku) for a in day.actions)
        there = truth.at(room, asked).party == party
        if there and not known and rng.random() < habit.asks:
            day.actions.append(Action(asked, "request", room, party, sku))


def _answer(day: Day, truth: Truth, rng: np.random.Generator, habit: Habit) -> None:
    """Let staff take requests, and bring or decline those for a size."""
    delivered = {(a.party, a.sku): a.time for a in day.actions if a.kind == "deliver"}
    for asked in [action for action in day.actions if action.kind == "request"]:
        key, sized = (asked.party, asked.sku), "-" in asked.sku
        end = delivered.get(key, asked.time + float(rng.uniform(50, 240)))
        waits = float(rng.lognormal(np.log(habit.response_s), 0.7))
        taken = asked.time + min(waits, 0.8 * (end - asked.time))
        there = truth.at(asked.room, end).party == asked.party
        if rng.random() < habit.taken and truth.at(asked.room, taken).party == asked.party:
            day.actions.append(Action(taken, "take", asked.room, asked.party, asked.sku))
        if sized and there:  # handed in at the gate: no crossing
            declined = rng.random() < habit.declined
            day.actions.append(
                Action(
                    end,
                    "decline" if declined else "deliver",
                    asked.room,
                    asked.party,
                    asked.sku,
                )
            )


def _sell(
    day: Day, articles: Sequence[Article], rng: np.random.Generator, habit: Habit
) -> list[TrueSale]:
    """Sell what parties carry out at last, or was brought to them in a size; once an article."""
    ends: dict[int, float] = {}
    skus: dict[int, set[str]] = {}
    for crossing in day.true_crossings:
        if crossing.party != STAFF and crossing.event == "exit" and crossing.last:
            ends[crossing.party] = crossing.time
            carried = (day.garments[number].sku for number in crossing.garments)
            skus.setdefault(crossing.party, set()).update(sku for sku in carried if sku)
    for action in day.actions:
        if action.kind == "deliver" and "-" in action.sku:
            own = skus.setdefault(action.party, set())
            if action.sku.split("-")[0] not in own:
                own.add(action.sku)
    sales = []
    for party, end in ends.items():
        time = end + float(rng.uniform(60, 1200))
        articles_of = {sku.split("-")[0]: sku for sku in sorted(skus[party])}
        for sku in articles_of.values():
            if rng.random() < habit.buys:
                sales.append(TrueSale(time, sku, f"party {party}", party))
    for number in range(habit.walk_ins):
        time = float(rng.uniform(day.opens, day.closes))
        sku = articles[int(rng.integers(len(articles)))].sku
        sales.append(TrueSale(time, sku, f"walk-in {number}", None))
    return sorted(sales, key=lambda sale: sale.time)


class Trader(Player):
    """Plays a day with trade."""

    def __init__(self, site: Site, day: Day, sources: Mapping[float, int | None]) -> None:
        """Prepare, as `Player` does."""
        super().__init__(site, day, sources)
        self._shown: set[tuple[str, int, str]] = set()

    @property
    def accepted(self) -> frozenset[tuple[str, int, str]]:
        """What screens did: without a visit, none shows an outfit or has a request tapped.

        Each is a kind of action, the party, and the article or the outfit.
        """
        asked = {("request", party, sku) for party, sku in self._requests}
        return frozenset(asked | self._shown)

    def _act(self, action: Action) -> None:
        with self._site.store.write() as session:
            if action.kind in _REACTIONS:
                self._react(session, action)
                return
            if action.kind in ("take", "decline"):
                self._reply(session, action)
                return
        super()._act(action)

    def _react(self, session: Session, action: Action) -> None:
        visit = visits.current_visit(session, action.room)
        if visit is None:
            return
        self._shown.add((action.kind, action.party, action.sku))
        found = colourways_by_sku(session, action.sku.split())
        outfit = feedback.name_outfit(found.values())
        if action.kind == "show":
            shown = feedback.Shown(outfit, 0, 1.0, ())
            feedback.record_shown(session, visit.id, [shown], self._now)
        else:
            feedback.record(session, visit.id, outfit, "opened", self._now)

    def _reply(self, session: Session, action: Action) -> None:
        number = self._requests.get((action.party, action.sku))
        request = session.get(Request, number) if number else None
        if request is None or request.state not in requests.OPEN_STATES:
            return
        state = "taken" if action.kind == "take" else "declined"
        if state == "declined" or request.state == "open":
            requests.change_request(session, request.id, state, self._now)


def write_sales(sales: Sequence[TrueSale]) -> str:
    """Write sales as the till's CSV."""
    lines = [f"{sale.receipt},{_iso(sale.time)},{sale.sku}" for sale in sales]
    return "\n".join(["receipt,time,sku", *lines]) + "\n"


def _iso(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat()
