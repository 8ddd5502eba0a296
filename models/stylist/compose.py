"""Compose outfits around what somebody carries, out of what is in stock.

A beam search over parts: every state is an outfit in the making, each step asks the stylist
what fits it and goes on with the best few, many states at a time. What comes out is ranked so
that the first ones differ from each other.
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
from models.stylist.outfit import Outfit
from models.stylist.rank import rank
from models.stylist.shop import Shop, score_pieces, worth
from models.stylist.wardrobe import VECTOR, Floats, describe
from models.taxonomy import PARTS

#: States followed at once, and how many ways each goes on.
_STATES: Final = 160
_WAYS: Final = 6
#: Most carried garments in one outfit, and most groups of them that are tried.
_TOGETHER: Final = 3
_GROUPS: Final = 12
#: Dearer or cheaper than what is carried by this factor is out of reach; half of it costs.
_REACH: Final = np.log(4.0)
_DEARER: Final = 1.0
#: What a stylist's own outfit and one that staff kept are ahead of a composed one.
_STYLED: Final = 1.0
_KEPT: Final = 2.0
_EACH_CARRIED: Final = 0.5
_LOOKS: Final = 40
#: Most accessories that are taken over from a look.
_ACCESSORIES: Final = 2


@dataclass(frozen=True)
class Carried:
    """A garment somebody carries; `row` is None for one the shop does not know."""

    row: int | None
    category: str
    colour: Lab


@dataclass(frozen=True)
class Wishes:
    """What outfits are wanted.

    Attributes:
        count: How many at most.
        season: Decides on outerwear.
        available: bool N, what can be suggested: on hand, in her size. Everything if None.
    """

    count: int = 100
    season: rules.Season = "mild"
    available: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class _State:
    """An outfit in the making.

    `group` numbers what it started from; `scores` are those of `chosen`.
    """

    group: int
    carried: tuple[int, ...]
    chosen: tuple[int, ...]
    todo: tuple[str, ...]
    scores: tuple[float, ...] = ()

    @property
    def mean(self) -> float:
        """The mean of the scores so far."""
        return sum(self.scores) / max(1, len(self.scores))


def compose(shop: Shop, carried: Sequence[Carried], wishes: Wishes) -> list[Outfit]:
    """Compose outfits.

    Args:
        shop: Everything there is.
        carried: What somebody carries; each outfit holds one of these or several that go together.
        wishes: What is wanted.

    Returns:
        Distinct outfits, best first; no two of the first ten share more than half of what
        is not carried. Fewer than asked for where fewer fit.
    """
    if not carried or not len(shop.assortment) or wishes.count < 1:
        return []
    search = _Search(shop, carried, wishes)
    found = {*search.run(), *search.from_looks()}
    return rank(found, shop.style_numbers, search.known, wishes.count)


class _Search:
    """One search; holds what all its states share."""

    def __init__(self, shop: Shop, carried: Sequence[Carried], wishes: Wishes) -> None:
        self.shop, self.carried, self.wishes = shop, carried, wishes
        self.known = frozenset(c.row for c in carried if c.row is not None)
        self.worn = self._tokens()
        self.floor = shop.stylist.entry.threshold
        self.cost = self._cost()

    def _tokens(self) -> Floats:
        """Encode what is carried; M×D."""
        unknown = [c for c in self.carried if c.row is None]
        rows = describe(
            np.zeros((len(unknown), VECTOR), np.float32),
            np.array([c.colour for c in unknown], np.float32).reshape(-1, 3),
            [c.category for c in unknown],
        )
        made = iter(self.shop.stylist.encode(rows)[0] if unknown else ())
        return np.stack(
            [self.shop.tokens[c.row] if c.row is not None else next(made) for c in self.carried]
        )

    def _cost(self) -> Floats:
        """What choosing each article costs: nothing, its price being far off, infinity."""
        assortment = self.shop.assortment
        cost = np.zeros(len(assortment), np.float32)
        if self.wishes.available is not None:
            cost[~self.wishes.available] = np.inf
        fits = {c: rules.fits_season(c, self.wishes.season) for c in set(assortment.categories)}
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
        """Search; yields every whole outfit found."""
        states = self._starts()
        while any(state.todo for state in states):
            done = [state for state in states if not state.todo]
            states = done + self._step([state for state in states if state.todo])
        for state in states:
            if (outfit := self._finish(state)) is not None:
                yield outfit

    def _starts(self) -> list[_State]:
        """Start from each carried garment and from groups that can be worn together."""
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
            for todo in rules.missing((parts[n] for n in group), self.wishes.season):
                starts.append(_State(len(starts), group, (), todo))
        return starts

    def _tokens_of(self, state: _State) -> Floats:
        return np.concatenate(
            [self.worn[list(state.carried)], self.shop.tokens[list(state.chosen)]]
        )

    def _step(self, states: Sequence[_State]) -> list[_State]:
        """Choose the next part of every state."""
        wants = [state.todo[0] for state in states]
        queries = self.shop.stylist.ask([self._tokens_of(state) for state in states], wants)
        grown: list[_State] = []
        for part in dict.fromkeys(wants):
            rows = self.shop.by_part.get(part, np.zeros(0, np.int64))
            rows = rows[np.isfinite(self.cost[rows])]
            chosen = [number for number, want in enumerate(wants) if want == part]
            scores = queries[chosen] @ self.shop.answers[rows].T - self.cost[rows]
            for number, row_scores in zip(chosen, scores, strict=True):
                met = self.shop.met_with(self._rows(states[number]))[rows]
                grown += self._grow(states[number], part, rows, row_scores + met)
        return self._prune(grown)

    def _rows(self, state: _State) -> list[int]:
        """List the rows of a state's articles that the shop knows."""
        known = [self.carried[n].row for n in state.carried]
        return [*(row for row in known if row is not None), *state.chosen]

    def _grow(
        self, state: _State, part: str, rows: NDArray[np.int64], scores: Floats
    ) -> Iterator[_State]:
        """Go on from a state in the best few ways."""
        todo = state.todo[1:]
        ways = min(_WAYS if state.chosen else 10 * _WAYS, len(rows))
        best = np.argsort(-scores)[:ways]
        good = [n for n in best if scores[n] >= self.floor]
        # Scores of a shop unlike those learned from may all be low; it still has a best one.
        good = good or (list(best[:1]) if rules.is_needed(part) else [])
        for n in good:
            yield _State(
                state.group,
                state.carried,
                (*state.chosen, int(rows[n])),
                todo,
                (*state.scores, float(scores[n])),
            )
        # An outfit can do without a bag, and without shoes where the shop has none.
        if not good and (not rules.is_needed(part) or (part == "shoes" and not len(rows))):
            yield replace(state, todo=todo)

    def _prune(self, states: Sequence[_State]) -> list[_State]:
        """Keep the best of every group; no article may crowd out the others."""
        wanted = max(_STATES, int(1.6 * self.wishes.count))
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
        score = worth(np.array(state.scores)) + _EACH_CARRIED * (len(state.carried) - 1)
        return Outfit(self._order(self._rows(state)), state.carried, score, "composed")

    def _order(self, rows: Sequence[int]) -> tuple[int, ...]:
        categories = [self.shop.assortment.categories[row] for row in rows]
        return tuple(rows[n] for n in rules.in_order(categories))

    def from_looks(self) -> Iterator[Outfit]:
        """Take the stylists' looks that hold what is carried, as far as they are in stock."""
        looks = self.shop.assortment.looks
        numbers = dict.fromkeys(n for row in self.known for n in self.shop.looks_of.get(row, ()))
        left = {number: self._left_of(looks[number]) for number in numbers}
        whole = {n: rows for n, rows in left.items() if self._is_whole(rows)}
        most = sorted(whole, key=lambda n: (-len(whole[n]), n))[:_LOOKS]
        scores = score_pieces(self.shop, [whole[n] for n in most])
        for number, each in zip(most, scores, strict=True):
            kept = number in self.shop.assortment.kept
            rows = whole[number]
            carried = tuple(n for n, c in enumerate(self.carried) if c.row in rows)
            bonus = (_KEPT if kept else _STYLED) + _EACH_CARRIED * (len(carried) - 1)
            yield Outfit(
                self._order(rows),
                carried,
                worth(each) + bonus,
                "kept" if kept else "look",
            )

    def _left_of(self, look: Iterable[int]) -> tuple[int, ...]:
        """Keep one article a part of a look, carried ones first, the rest if available."""
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
