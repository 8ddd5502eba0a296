"""A shop as the composer sees it: every article encoded once, so that asking is quick."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.stylist.runtime import Stylist
from models.stylist.wardrobe import Company, Floats, describe, keep_company
from models.taxonomy import PARTS

#: What a look that two articles share adds to the score of one beside the other, times the log
#: of one more than how many; by measurement, see the weights' card.
_MET: Final = 2.0


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
        looks: Rows that the shop's stylists put together.
        kept: Numbers of the looks that staff have kept or made; they rank higher.
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
        self.company: Company = keep_company(assortment.vectors, assortment.looks)
        self.rows = describe(
            assortment.vectors, assortment.colours, assortment.categories, self.company
        )
        self.tokens, self.answers = stylist.encode(self.rows)
        self.parts = np.array([PARTS[category] for category in assortment.categories], object)
        self.style_numbers = np.unique(np.array(assortment.styles, object), return_inverse=True)[1]
        self.tiers = _tiers(assortment)
        self.row_of = {int(key): row for row, key in enumerate(assortment.keys)}

    def prepare(self) -> None:
        """Work out now what is otherwise worked out when it is first wanted."""
        _ = self.by_part, self.met, self.looks_of, self._audiences

    @cached_property
    def by_part(self) -> dict[str, NDArray[np.int64]]:
        """Rows of each part of an outfit."""
        return {part: np.flatnonzero(self.parts == part) for part in set(self.parts)}

    @cached_property
    def met(self) -> dict[int, tuple[NDArray[np.int64], Floats]]:
        """Rows that each row is in looks with, and what that adds to their scores.

        A shop's stylists know their articles: what they paired counts beside what was learned.
        """
        counts: dict[int, Counter[int]] = {}
        for look in self.assortment.looks:
            for row in look:
                counts.setdefault(row, Counter()).update(r for r in look if r != row)
        return {
            row: (
                np.array(list(met), np.int64),
                (_MET * np.log1p(np.array(list(met.values())))).astype(np.float32),
            )
            for row, met in counts.items()
        }

    def met_with(self, worn: Iterable[int]) -> Floats:
        """What having met these rows adds to the score of every row; N."""
        added = np.zeros(len(self.assortment), np.float32)
        for row in worn:
            if row in self.met:
                others, more = self.met[row]
                added[others] += more
        return added

    def met_between(self, row: int, others: Iterable[int]) -> float:
        """What having met the others adds to the score of one row."""
        if row not in self.met:
            return 0.0
        known, more = self.met[row]
        return float(more[np.isin(known, [other for other in others if other != row])].sum())

    @cached_property
    def looks_of(self) -> dict[int, list[int]]:
        """Numbers of the looks that hold a row."""
        found: dict[int, list[int]] = {}
        for number, look in enumerate(self.assortment.looks):
            for row in look:
                found.setdefault(row, []).append(number)
        return found

    def suits(self, audiences: Sequence[str]) -> NDArray[np.bool_]:
        """Mark what is for the same people as garments of these audiences."""
        fine = {a: all(_same_people(a, other) for other in audiences) for a in self._audiences}
        return np.array([fine[a] for a in self.assortment.audiences], bool)

    @cached_property
    def _audiences(self) -> frozenset[str]:
        return frozenset(self.assortment.audiences)


@dataclass(frozen=True)
class Encoded:
    """A shop's articles as the stylist compares them, or as it would if it knew less.

    Attributes:
        tokens: float32 N×D.
        answers: float32 N×D.
        met: Whether it counts that articles share looks.
    """

    tokens: Floats
    answers: Floats
    met: bool = True


def score_beside(shop: Shop, worn: Sequence[int], rows: Sequence[int]) -> Floats:
    """Score articles beside others; all the same where nothing is worn.

    Args:
        shop: The shop.
        worn: Rows of what is worn, one or more.
        rows: Rows to score.
    """
    if not worn or not rows:
        return np.zeros(len(rows), np.float32)
    wants = [str(shop.parts[row]) for row in rows]
    parts = list(dict.fromkeys(wants))
    asked = shop.stylist.ask([shop.tokens[list(worn)]] * len(parts), parts)
    queries = asked[[parts.index(want) for want in wants]]
    scores = (queries * shop.answers[list(rows)]).sum(1) + shop.met_with(worn)[list(rows)]
    return np.asarray(scores, np.float32)


def score_pieces(
    shop: Shop, outfits: Sequence[Sequence[int]], encoded: Encoded | None = None
) -> list[Floats]:
    """Score every article of outfits beside the others of it; empty for a single article.

    Args:
        shop: For the parts and the stylist.
        outfits: Rows of the shop.
        encoded: How its articles compare, if not as they are.
    """
    known = encoded or Encoded(shop.tokens, shop.answers)
    asked = [(rows, row) for rows in outfits for row in rows if len(rows) > 1]
    queries = shop.stylist.ask(
        [known.tokens[[r for r in rows if r != row]] for rows, row in asked],
        [str(shop.parts[row]) for _, row in asked],
    )
    scores = (queries * known.answers[[row for _, row in asked]]).sum(1)
    if known.met:
        scores = scores + np.array([shop.met_between(row, rows) for rows, row in asked], np.float32)
    ends = np.cumsum([len(rows) if len(rows) > 1 else 0 for rows in outfits])
    return np.split(scores, ends[:-1]) if outfits else []


def worth(scores: Floats) -> float:
    """Tell what an outfit is worth by the scores of its articles; 0 without any.

    Between the mean and the weakest: one article that does not fit spoils the rest.
    """
    return float((scores.mean() + scores.min()) / 2) if scores.size else 0.0


def _same_people(one: str, other: str) -> bool:
    """Compare two audiences; what is not said, or unisex, suits anybody of the age."""
    gender, _, age = one.partition("/")
    other_gender, _, other_age = other.partition("/")
    free = ("", "unisex")
    same_gender = gender in free or other_gender in free or gender == other_gender
    return same_gender and (not age or not other_age or age == other_age)


def _tiers(assortment: Assortment) -> Floats:
    """Tell how dear each article is for its category: log of price over the median, 0 unknown."""
    tiers = np.zeros(len(assortment), np.float32)
    categories = np.array(assortment.categories, object)
    for category in set(assortment.categories):
        rows = np.flatnonzero((categories == category) & (assortment.prices > 0))
        if rows.size:
            prices = assortment.prices[rows]
            tiers[rows] = np.log(prices / np.median(prices))
    return tiers
