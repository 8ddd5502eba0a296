"""Which article a look book means: by variant, colourway or group, whatever a shop numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.gtin import normalise_gtin
from store.schema import Article, Colourway, Stock, Variant


class ArticleIds:
    """Finds colourways by any id that a shop writes for them.

    An id is a variant's (`id` of the feed), a group's (`item_group_id`), a GTIN, or an article
    number that the ids of some variants begin with, such as `4711-02` of `4711-02-XS`.
    """

    def __init__(self, session: Session) -> None:
        """Read the ids of all articles."""
        self._category: dict[int, str] = {}
        self._article: dict[int, int] = {}
        self._groups: dict[str, list[int]] = defaultdict(list)
        ways = select(Colourway.id, Article.id, Article.code, Article.category).join(Article)
        for way, article, code, category in session.execute(ways.order_by(Colourway.id)):
            self._category[way], self._article[way] = category, article
            self._groups[code].append(way)
        self._variants: dict[str, int] = {}
        self._gtins: dict[str, int] = {}
        self._starts: dict[str, set[int]] = defaultdict(set)
        for sku, gtin, way in session.execute(
            select(Variant.sku, Variant.gtin, Variant.colourway_id)
        ):
            self._variants[sku] = way
            if gtin:
                self._gtins[gtin] = way
            for start in _starts(sku):
                self._starts[start].add(way)
        on_hand = (
            select(Variant.colourway_id, func.count())
            .join(Stock)
            .where(Stock.available)
            .group_by(Variant.colourway_id)
        )
        self._on_hand: dict[int, int] = dict(session.execute(on_hand).all())

    def find(self, text: str) -> int | None:
        """Return the colourway that an id means; None where it is unknown or ambiguous.

        Of a group's colours it is the one with most sizes in stock, the first one of several.
        """
        if text in self._variants:
            return self._variants[text]
        if text in self._groups:
            return self._best(self._groups[text])
        if (gtin := normalise_gtin(text)) in self._gtins:
            return self._gtins[gtin or ""]
        found = self._starts.get(text, set())
        return self._best(found) if len({self._article[way] for way in found}) == 1 else None

    def category(self, way: int) -> str:
        """Return a colourway's category."""
        return self._category[way]

    def _best(self, ways: Iterable[int]) -> int:
        return min(ways, key=lambda way: (-self._on_hand.get(way, 0), way))


def _starts(sku: str) -> Iterable[str]:
    """List the prefixes of a SKU up to each separator."""
    return (sku[: mark.start()] for mark in re.finditer(r"[^0-9A-Za-z]+", sku) if mark.start())
