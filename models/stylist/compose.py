"""Compose outfits for carried garments from the articles in stock.

A beam search over parts of an outfit: each step queries the stylist for the next part of all
partial outfits and expands each by the best few articles. The result is ranked for diversity.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.colour import Lab
from models.stylist import rules
from models.stylist.features import VECTOR, Floats, build_features
from models.stylist.outfit import Outfit
from models.stylist.rank import rank
from models.stylist.shop import Shop, outfit_score, score_outfits
from models.taxonomy import PARTS

#: Width of the beam, and expansions of each state.
_STATES: Final = 160
_WAYS: Final = 6
#: Maximum carried garments in one outfit, and maximum groups of them.
_TOGETHER: Final = 3
_GROUPS: Final = 12
#: Articles whose price tier differs by more than this are excluded; from half of it on, they
#: cost score.
_REACH: Final = np.log(4.0)
_DEARER: Final = 1.0
#: Bonus of a stylist's look, and of one that staff approved.
_STYLED: Final = 1.0
_KEPT: Final = 2.0
_EACH_CARRIED: Final = 0.5
_LOOKS: Final = 40
#: Maximum accessories from a look.
_ACCESSORIES: Final = 2


@dataclass(frozen=True)
class Carried:
    """A carried garment; `row` is None for an unknown one."""

    row: int | None
    category: str
    colour: Lab


@dataclass(frozen=True)
class OutfitQuery:
    """Which outfits to compose.

    Attributes:
        count: Maximum number.
        season: Determines outerwear.
        available: bool N, articles that can be suggested (in stock, in her size); None for all.
    """

    count: int = 100
    season: rules.Season = "mild"
    available: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class _State:
    """A partial outfit; `group` is the index of its start, `scores` belong to `chosen`."""

    group: int
    carried: tuple[int, ...]
    chosen: tuple[int, ...]
    todo: tuple[str, ...]
    scores: tuple[float, ...] = ()

    @property
    def mean(self) -> float:
        """The mean of the scores so far."""
        return sum(self.scores) / max(1, len(self.scores))


def compose(shop: Shop, carried: Sequence[Carried], query: OutfitQuery) -> list[Outfit]:
    """Compose outfits.

    Args:
        shop: The encoded assortment.
        carried: The carried garments; each outfit contains one or a compatible group of them.
        query: Which outfits to compose.

    Returns:
        Distinct outfits, best first; no two of the first ten share more than half of the
        articles that are not carried. Fewer than requested if fewer are compatible.
    """
    if not carried or not len(shop.assortment) or query.count < 1:
        return []
    search = _Search(shop, carried, query)
    found = {*search.run(), *search.from_looks()}
    return rank(found, shop.style_numbers, search.known, query.count)


class _Search:
    """One beam search and what its states share."""

    def __init__(self, shop: Shop, carried: Sequence[Carried], query: OutfitQuery) -> None:
        self.shop, self.carried, self.query = shop, carried, query
        self.known = frozenset(c.row for c in carried if c.row is not None)
        self.worn = self._tokens()
        self.floor = shop.stylist.entry.threshold
        self.cost = self._cost()

    def _tokens(self) -> Floats:
        """Encode the carried garments to tokens, M×D."""
        unknown = [c for c in self.carried if c.row is None]
        rows = build_features(
            np.zeros((len(unknown), VECTOR), np.float32),
            np.array([c.colour for c in unknown], np.float32).reshape(-1, 3),
            [c.category for c in unknown],
        )
        made = iter(self.shop.stylist.encode(rows)[0] if unknown else ())
        return np.stack(
            [self.shop.tokens[c.row] if c.row is not None else next(made) for c in self.carried]
        )

    def _cost(self) -> Floats:
        """Compute the cost of choosing each article; infinite for excluded ones."""
        assortment = self.shop.assortment
        cost = np.zeros(len(assortment), np.float32)
        if self.query.available is not None:
            cost[~self.query.available] = np.inf
        fits = {c: rules.fits_season(c, self.query.season) for c in set(assortment.categories)}
        cost[~np.array([fits[c] for c in assortment.categories])] = np.inf
        cost[list(self.known)] = np.inf
        if self.known:
            known = sorted(self.known)
            cost[~self.shop.suits([assortment.audiences[row] for row in known])] = np.inf
            away = np.abs(self.shop.tiers - float(np.mean(self.shop.tiers[known])))
            cost += _DEARER * np.maximum(0, away - _REACH / 2)
            cost[away > _REACH] = np.inf
        return cost

    def run(self) -> Iterator[Outfit]:
        """Run the search and yield every complete outfit."""
        states = self._starts()
        while any(state.todo for state in states):
            done = [state for state in states if not state.todo]
            states = done + self._step([state for state in states if state.todo])
        for state in states:
            if (outfit := self._finish(state)) is not None:
                yield outfit

    def _starts(self) -> list[_State]:
        """Build a start for each carried garment and for each group that can be worn together."""
        numbers = range(len(self.carried))
        parts = [PARTS[c.category] for c in self.carried]
        groups: list[tuple[int, ...]] = []
        groups += combinations(range(min(len(numbers), _GROUPS)), 1)
        for size in range(2, _TOGETHER + 1):
            for group in combinations(numbers, size):
                if not rules.clash([parts[n] for n in group]) and len(groups) < 2 * _GROUPS:
                    groups.append(group)
        starts: list[_State] = []
        for group in groups:
            for todo in rules.missing((parts[n] for n in group), self.query.season):
                starts.append(_State(len(starts), group, (), todo))
        return starts

    def _tokens_of(self, state: _State) -> Floats:
        return np.concatenate(
            [self.worn[list(state.carried)], self.shop.tokens[list(state.chosen)]]
        )

    def _step(self, states: Sequence[_State]) -> list[_State]:
        """Choose the next part of every state."""
        wants = [state.todo[0] for state in states]
        queries = self.shop.stylist.query([self._tokens_of(state) for state in states], wants)
        grown: list[_State] = []
        for part in dict.fromkeys(wants):
            rows = self.shop.by_part.get(part, np.zeros(0, np.int64))
            rows = rows[np.isfinite(self.cost[rows])]
            chosen = [number for number, want in enumerate(wants) if want == part]
            scores = queries[chosen] @ self.shop.item_embeddings[rows].T - self.cost[rows]
            for number, row_scores in zip(chosen, scores, strict=True):
                co_occurrence = self.shop.co_occurrence_bonus(self._rows(states[number]))[rows]
                grown += self._grow(states[number], part, rows, row_scores + co_occurrence)
        return self._prune(grown)

    def _rows(self, state: _State) -> list[int]:
        """List the rows of a state's articles without unknown garments."""
        known = [self.carried[n].row for n in state.carried]
        return [*(row for row in known if row is not None), *state.chosen]

    def _grow(
        self, state: _State, part: str, rows: NDArray[np.int64], scores: Floats
    ) -> Iterator[_State]:
        """Expand a state by the best articles."""
        todo = state.todo[1:]
        ways = min(_WAYS if state.chosen else 10 * _WAYS, len(rows))
        best = np.argsort(-scores)[:ways]
        good = [n for n in best if scores[n] >= self.floor]
        # In a shop unlike the training data all scores may be low; take the best article then.
        good = good or (list(best[:1]) if rules.is_needed(part) else [])
        for n in good:
            yield _State(
                state.group,
                state.carried,
                (*state.chosen, int(rows[n])),
                todo,
                (*state.scores, float(scores[n])),
            )
        # A bag is optional, and so are shoes if the shop has none.
        if not good and (not rules.is_needed(part) or (part == "shoes" and not len(rows))):
            yield replace(state, todo=todo)

    def _prune(self, states: Sequence[_State]) -> list[_State]:
        """Keep the best states of each group and limit the uses of each article."""
        wanted = max(_STATES, int(1.6 * self.query.count))
        width = max(6, wanted // max(1, len({state.group for state in states})))
        crowd = max(2, width // 10)
        kept: list[_State] = []
        size: Counter[int] = Counter()
        uses: Counter[tuple[int, int]] = Counter()
        for state in sorted(states, key=lambda s: (-s.mean, s.chosen)):
            if size[state.group] >= width:
                continue
            held = [(state.group, row) for row in state.chosen]
            if all(uses[one] < crowd for one in held):
                size[state.group] += 1
                uses.update(held)
                kept.append(state)
        return kept

    def _finish(self, state: _State) -> Outfit | None:
        parts = [PARTS[self.carried[n].category] for n in state.carried]
        parts += [str(self.shop.parts[row]) for row in state.chosen]
        if not state.chosen or not rules.dresses(parts):
            return None
        score = outfit_score(np.array(state.scores)) + _EACH_CARRIED * (len(state.carried) - 1)
        return Outfit(self._order(self._rows(state)), state.carried, score, "composed")

    def _order(self, rows: Sequence[int]) -> tuple[int, ...]:
        categories = [self.shop.assortment.categories[row] for row in rows]
        return tuple(rows[n] for n in rules.in_order(categories))

    def from_looks(self) -> Iterator[Outfit]:
        """Yield the stylists' looks with carried articles, as far as they are in stock."""
        looks = self.shop.assortment.looks
        numbers = dict.fromkeys(n for row in self.known for n in self.shop.looks_of.get(row, ()))
        left = {number: self._left_of(looks[number]) for number in numbers}
        whole = {n: rows for n, rows in left.items() if self._is_whole(rows)}
        most = sorted(whole, key=lambda n: (-len(whole[n]), n))[:_LOOKS]
        scores = score_outfits(self.shop, [whole[n] for n in most])
        for number, each in zip(most, scores, strict=True):
            kept = number in self.shop.assortment.kept
            rows = whole[number]
            carried = tuple(n for n, c in enumerate(self.carried) if c.row in rows)
            bonus = (_KEPT if kept else _STYLED) + _EACH_CARRIED * (len(carried) - 1)
            yield Outfit(
                self._order(rows),
                carried,
                outfit_score(each) + bonus,
                "kept" if kept else "look",
            )

    def _left_of(self, look: Iterable[int]) -> tuple[int, ...]:
        """Select one article per part of a look, carried ones first, others if available."""
        left: list[int] = []
        for row in sorted(look, key=lambda row: row not in self.known):
            there = row in self.known or np.isfinite(self.cost[row])
            parts = [str(self.shop.parts[r]) for r in (*left, row)]
            if there and not rules.clash(parts) and parts.count("accessory") <= _ACCESSORIES:
                left.append(row)
        return tuple(left)

    def _is_whole(self, rows: Sequence[int]) -> bool:
        parts = [str(self.shop.parts[row]) for row in rows]
        return rules.is_whole(parts) and any(row not in self.known for row in rows)
