"""Recommend outfits for a visit, ranked by what was learned from earlier reactions."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from cachetools import LRUCache, cachedmethod

from models.errors import ModelError
from models.stylist import Carried, Outfit, OutfitQuery, compose, explain
from models.stylist.bandit import (
    FEATURES,
    Ranking,
    Reactions,
    describe_outfits,
    examination,
    off_policy_value,
)
from models.stylist.explanation import Reason
from models.stylist.rank import rank
from services.catalogue.cards import CardBook
from services.outfits.stylist import Garment, ShopState, ShopStylist, season_now
from store import Session, Site
from store.catalogue import colours_of, colourways_by_sku
from store.feedback import Outcome, Shown, last_feedback, name_outfit, outcomes
from store.schema import VisitItem

log = logging.getLogger("fittingroom.web")

#: Candidates composed per outfit shown, for the ranking to choose from.
_CHOICE = 4
_REMEMBERED = 1024
_GREY = (50.0, 0.0, 0.0)


@dataclass(frozen=True)
class Recommendation:
    """An outfit for a visit.

    Attributes:
        keys: Colourway ids in the order they are worn.
        item: Index of the carried garment it is for first.
        source: `look`, `kept` or `composed`.
        reason: Why; its articles are colourway ids.
        shown: The record that is logged when it is shown.
    """

    keys: tuple[int, ...]
    item: int
    source: str
    reason: Reason
    shown: Shown


def _worn(visit: int, items: Sequence[VisitItem]) -> tuple[object, ...]:
    """Return the cache key of a visit's outfits."""
    return visit, *((item.id, item.colourway_id, item.size) for item in items)


class Recommender:
    """Recommends outfits for visits of one site.

    Results are cached. While one room's outfits are composed, other rooms do not wait; a second
    caller for the same room waits and gets the same result.
    """

    def __init__(self, site: Site, clock: Callable[[], float] = time.time) -> None:
        """Prepare; the stylist is loaded with the first visit."""
        self._site, self._clock = site, clock
        self.stylist = ShopStylist(site)
        #: Cards of articles for pages.
        self.book = CardBook(clock)
        self._composed: LRUCache[object, list[Recommendation]] = LRUCache(_REMEMBERED)
        self._alike: LRUCache[object, list[int]] = LRUCache(_REMEMBERED)
        self._found = threading.Condition()
        self._ranking: tuple[int, Ranking] | None = None
        self._error_logged = False

    def warm(self) -> None:
        """Load the shop in advance; takes a second or two for ten thousand articles."""
        with self._site.store.read() as session:
            state = self._state(session)
            if state is not None:
                state.shop.prepare()
                self._learn(session)

    def for_visit(
        self, session: Session, visit: int, items: Sequence[VisitItem]
    ) -> list[Recommendation]:
        """Suggest outfits for what is in a room; the same until that or the shop changes.

        Args:
            session: A read session.
            visit: The visit's id.
            items: The carried garments, without those of other people.
        """
        count = self._site.settings.screen.outfits
        if not items or not count:
            return []
        state = self._state(session)
        if state is None:
            return []
        return self._recommend(session, state, visit, items, count)

    def similar(self, session: Session, items: Sequence[VisitItem], count: int) -> list[int]:
        """Find articles similar to those in a room, in turns; colourway ids."""
        known = tuple(item.colourway_id for item in items if item.colourway_id is not None)
        state = self._state(session)
        if state is None:
            return []
        return self._similar(session, state.version, known, count)

    @cachedmethod(
        lambda self: self._alike,
        key=lambda _self, _session, *asked: asked,
        condition=lambda self: self._found,
    )
    def _similar(
        self, session: Session, _version: int, known: tuple[int, ...], count: int
    ) -> list[int]:
        each = [self.stylist.similar(session, key, count) for key in known]
        turns = [key for some in zip(*each, strict=False) for key in some]
        return [key for key in dict.fromkeys(turns) if key not in known][:count]

    def like(self, session: Session, key: int, count: int) -> list[int]:
        """Find articles in stock similar to one, the most similar first; colourway ids."""
        if self._state(session) is None:
            return []
        return self.stylist.similar(session, key, count)

    def _state(self, session: Session) -> ShopState | None:
        """Return the shop; None if no stylist fits, so that screens show carried garments only."""
        try:
            return self.stylist.state(session)
        except ModelError as error:
            if not self._error_logged:
                log.error("no outfits are suggested: %s", error)
            self._error_logged = True
            return None

    @cachedmethod(
        lambda self: self._composed,
        key=lambda _self, _session, state, visit, items, count: (
            state.version,
            count,
            _worn(visit, items),
        ),
        condition=lambda self: self._found,
    )
    def _recommend(
        self,
        session: Session,
        state: ShopState,
        visit: int,
        items: Sequence[VisitItem],
        count: int,
    ) -> list[Recommendation]:
        carried = [state.carried(self._garment(session, item)) for item in items]
        season = season_now(self._site, self._clock())
        sizes = [item.size for item in items if item.size]
        query = OutfitQuery(_CHOICE * count, season, state.available(sizes))
        found = compose(state.shop, carried, query)
        if self._site.settings.outfits.learn:
            chosen, shown = self._learned(session, state, visit, carried, found, count)
        else:
            chosen = found[:count]
            shown = [(1.0, (0.0,) * FEATURES)] * len(chosen)
        reasons = explain(state.shop, chosen, carried)
        return [
            _recommendation(state, outfit, reason, position, *noted)
            for position, (outfit, reason, noted) in enumerate(
                zip(chosen, reasons, shown, strict=True)
            )
        ]

    def _learned(
        self,
        session: Session,
        state: ShopState,
        visit: int,
        carried: Sequence[Carried],
        found: Sequence[Outfit],
        count: int,
    ) -> tuple[list[Outfit], list[tuple[float, tuple[float, ...]]]]:
        """Rank by Thompson sampling, with one draw per visit."""
        ranking, rng = self._learn(session), np.random.default_rng(visit)
        features = describe_outfits(state.shop, found)
        drawn = ranking.draw(features, rng) if found else np.zeros(0)
        propensity = ranking.propensities(features, rng) if found else np.zeros(0)
        place = {outfit.rows: n for n, outfit in enumerate(found)}
        worth = [
            replace(o, score=float(s)) for o, s in zip(found, ranking.in_points(drawn), strict=True)
        ]
        known = frozenset(c.row for c in carried if c.row is not None)
        chosen = rank(worth, state.shop.style_numbers, known, count)
        rows = [place[outfit.rows] for outfit in chosen]
        return [found[n] for n in rows], [(float(propensity[n]), tuple(features[n])) for n in rows]

    def _learn(self, session: Session) -> Ranking:
        newest = last_feedback(session)
        if self._ranking is None or self._ranking[0] != newest:
            self._ranking = newest, Ranking(reactions_of(outcomes(session)))
        return self._ranking[1]

    def _garment(self, session: Session, item: VisitItem) -> Garment:
        """Describe a garment; an unknown one gets the colour of the most similar articles."""
        if item.colourway_id is not None:
            return Garment(item.colourway_id, item.category, _GREY)
        skus = [candidate.sku for candidate in item.candidates[:3]]
        ids = list(colourways_by_sku(session, skus).values())
        labs = colours_of(session, ids)
        lightness, a, b = sorted(labs)[len(labs) // 2] if labs else _GREY
        return Garment(None, item.category, (lightness, a, b))


def reactions_of(rows: Sequence[Outcome]) -> Reactions:
    """Convert logged outcomes for the ranking to learn from."""
    learned = [row for row in rows if len(row.features) == FEATURES and any(row.features)]
    return Reactions(
        np.array([row.features for row in learned], float).reshape(-1, FEATURES),
        np.array([row.position for row in learned], np.int64),
        np.array([row.reward for row in learned], float),
    )


def _recommendation(
    state: ShopState,
    outfit: Outfit,
    reason: Reason,
    position: int,
    propensity: float,
    features: tuple[float, ...],
) -> Recommendation:
    suggestion = state.suggestion(outfit, reason)
    rounded = tuple(round(float(n), 4) for n in features)
    shown = Shown(name_outfit(suggestion.keys), position, round(propensity, 4), rounded)
    return Recommendation(
        suggestion.keys, outfit.carried[0], outfit.source, suggestion.reason, shown
    )


def judge_rankings(rows: Sequence[Outcome]) -> dict[str, Any]:
    """Estimate the value per visit of three rankings of the shown outfits.

    The learned ranking is evaluated by two-fold cross-validation over visits.
    """
    learned = [row for row in rows if len(row.features) == FEATURES and any(row.features)]
    by_visit: dict[int, list[Outcome]] = defaultdict(list)
    for row in learned:
        by_visit[row.visit].append(row)
    visits = [
        (reactions_of(some), np.array([row.propensity for row in some]))
        for some in by_visit.values()
    ]
    estimate: dict[str, Any] = {
        "visits": len(visits),
        "shown": len(learned),
        "reactions": sum(row.reward > 0 for row in learned),
    }
    if not visits:
        return estimate
    looked = examination(reactions_of(learned))
    numbered = list(enumerate(by_visit.values()))
    taught = [[row for n, some in numbered if n % 2 != half for row in some] for half in (0, 1)]
    halves = [Ranking(reactions_of(rows)) for rows in taught]
    orders = {
        "as shown": [-reactions.positions.astype(float) for reactions, _ in visits],
        "stylist's order": [reactions.features[:, 1] for reactions, _ in visits],
        "learned order": [
            halves[n % 2].expect(reactions.features) for n, (reactions, _) in enumerate(visits)
        ],
    }
    for name, scores in orders.items():
        worth = off_policy_value(visits, scores, looked)
        estimate[name] = {"value": round(worth.mean, 5), "error": round(worth.error, 5)}
    return estimate
