"""A shop's articles, encoded once for fast outfit queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.stylist.features import Floats, StylingContext, build_features, compute_context
from models.stylist.runtime import Stylist
from models.taxonomy import PARTS

#: Bonus on the score of two articles in common looks, times log(1 + number of looks); the value
#: is measured, see the model card.
_BONUS: Final = 2.0


@dataclass(frozen=True)
class Assortment:
    """The colourways of a shop, a row each.

    Attributes:
        keys: int N, the colourway's id.
        styles: N, the article's code; colourways of one cut share it.
        categories: N of `models.taxonomy.CATEGORIES`.
        vectors: float32 N×D unit vectors of the first picture; zeros where there is none.
        colours: float32 N×3, CIE L*a*b*.
        prices: float32 N in minor units; NaN where unknown.
        audiences: N, `gender/age group` as the feed has them, parts empty where it does not say.
        looks: Rows that the shop's stylists combined.
        kept: Indices of the looks that staff approved or composed; they rank higher.
    """

    keys: NDArray[np.int64]
    styles: tuple[str, ...]
    categories: tuple[str, ...]
    vectors: Floats
    colours: Floats
    prices: Floats
    audiences: tuple[str, ...]
    looks: tuple[tuple[int, ...], ...] = ()
    kept: frozenset[int] = frozenset()

    def __len__(self) -> int:
        """Count the colourways."""
        return len(self.categories)


class Shop:
    """An assortment, encoded by a stylist."""

    def __init__(self, stylist: Stylist, assortment: Assortment) -> None:
        """Encode every article; a few seconds for ten thousand."""
        self.stylist, self.assortment = stylist, assortment
        self.context: StylingContext = compute_context(assortment.vectors, assortment.looks)
        self.rows = build_features(
            assortment.vectors, assortment.colours, assortment.categories, self.context
        )
        self.tokens, self.item_embeddings = stylist.encode(self.rows)
        self.parts = np.array([PARTS[category] for category in assortment.categories], object)
        self.style_numbers = np.unique(np.array(assortment.styles, object), return_inverse=True)[1]
        self.tiers = _tiers(assortment)
        self.row_of = {int(key): row for row, key in enumerate(assortment.keys)}

    def prepare(self) -> None:
        """Compute the cached properties in advance."""
        _ = self.by_part, self.co_occurrence, self.looks_of, self._audiences

    @cached_property
    def by_part(self) -> dict[str, NDArray[np.int64]]:
        """Rows of each part of an outfit."""
        return {part: np.flatnonzero(self.parts == part) for part in set(self.parts)}

    @cached_property
    def co_occurrence(self) -> dict[int, tuple[NDArray[np.int64], Floats]]:
        """Rows in common looks with each row, and the bonus on their scores."""
        counts: dict[int, Counter[int]] = {}
        for look in self.assortment.looks:
            for row in look:
                counts.setdefault(row, Counter()).update(r for r in look if r != row)
        return {
            row: (
                np.array(list(co_occurrence), np.int64),
                (_BONUS * np.log1p(np.array(list(co_occurrence.values())))).astype(np.float32),
            )
            for row, co_occurrence in counts.items()
        }

    def co_occurrence_bonus(self, worn: Iterable[int]) -> Floats:
        """Compute the bonus of every row for looks in common with these rows; N."""
        added = np.zeros(len(self.assortment), np.float32)
        for row in worn:
            if row in self.co_occurrence:
                others, more = self.co_occurrence[row]
                added[others] += more
        return added

    def pair_bonus(self, row: int, others: Iterable[int]) -> float:
        """Compute the bonus of one row for looks in common with the others."""
        if row not in self.co_occurrence:
            return 0.0
        known, more = self.co_occurrence[row]
        return float(more[np.isin(known, [other for other in others if other != row])].sum())

    @cached_property
    def looks_of(self) -> dict[int, list[int]]:
        """Indices of the looks that contain a row."""
        found: dict[int, list[int]] = {}
        for number, look in enumerate(self.assortment.looks):
            for row in look:
                found.setdefault(row, []).append(number)
        return found

    def suits(self, audiences: Sequence[str]) -> NDArray[np.bool_]:
        """Return a mask of the articles for the same audience."""
        fine = {a: all(_same_people(a, other) for other in audiences) for a in self._audiences}
        return np.array([fine[a] for a in self.assortment.audiences], bool)

    @cached_property
    def _audiences(self) -> frozenset[str]:
        return frozenset(self.assortment.audiences)


@dataclass(frozen=True)
class Encoded:
    """Encoded articles; in ablations with some features masked.

    Attributes:
        tokens: float32 N×D.
        item_embeddings: float32 N×D.
        co_occurrence: Whether common looks add a bonus.
    """

    tokens: Floats
    item_embeddings: Floats
    co_occurrence: bool = True


def score_in_context(shop: Shop, worn: Sequence[int], rows: Sequence[int]) -> Floats:
    """Score articles in the context of others; zeros for an empty context.

    Args:
        shop: The shop.
        worn: Rows of the context.
        rows: Rows to score.
    """
    if not worn or not rows:
        return np.zeros(len(rows), np.float32)
    wants = [str(shop.parts[row]) for row in rows]
    parts = list(dict.fromkeys(wants))
    of_parts = shop.stylist.query([shop.tokens[list(worn)]] * len(parts), parts)
    queries = of_parts[[parts.index(want) for want in wants]]
    scores = (queries * shop.item_embeddings[list(rows)]).sum(1)
    return np.asarray(scores + shop.co_occurrence_bonus(worn)[list(rows)], np.float32)


def score_outfits(
    shop: Shop, outfits: Sequence[Sequence[int]], encoded: Encoded | None = None
) -> list[Floats]:
    """Score every article of each outfit in the context of the others.

    Args:
        shop: The shop.
        outfits: Rows of the shop.
        encoded: Replaces the shop's own encoding, in ablations.

    Returns:
        The scores of each outfit's articles; empty for an outfit of one article.
    """
    known = encoded or Encoded(shop.tokens, shop.item_embeddings)
    targets = [(rows, row) for rows in outfits for row in rows if len(rows) > 1]
    queries = shop.stylist.query(
        [known.tokens[[r for r in rows if r != row]] for rows, row in targets],
        [str(shop.parts[row]) for _, row in targets],
    )
    scores = (queries * known.item_embeddings[[row for _, row in targets]]).sum(1)
    if known.co_occurrence:
        scores = scores + np.array(
            [shop.pair_bonus(row, rows) for rows, row in targets], np.float32
        )
    ends = np.cumsum([len(rows) if len(rows) > 1 else 0 for rows in outfits])
    return np.split(scores, ends[:-1]) if outfits else []


def outfit_score(scores: Floats) -> float:
    """Aggregate the scores of an outfit's articles: the mean of mean and minimum; 0 for none."""
    return float((scores.mean() + scores.min()) / 2) if scores.size else 0.0


def _same_people(one: str, other: str) -> bool:
    """Compare two audiences; an unknown gender or unisex matches any, an unknown age too."""
    gender, _, age = one.partition("/")
    other_gender, _, other_age = other.partition("/")
    free = ("", "unisex")
    same_gender = gender in free or other_gender in free or gender == other_gender
    return same_gender and (not age or not other_age or age == other_age)


def _tiers(assortment: Assortment) -> Floats:
    """Compute the log ratio of each price to the median of its category; 0 if unknown."""
    tiers = np.zeros(len(assortment), np.float32)
    categories = np.array(assortment.categories, object)
    for category in set(assortment.categories):
        rows = np.flatnonzero((categories == category) & (assortment.prices > 0))
        if rows.size:
            prices = assortment.prices[rows]
            tiers[rows] = np.log(prices / np.median(prices))
    return tiers
