"""Articles as pages show them, cached until the catalogue changes."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cachetools import LRUCache

from services.catalogue.renditions import rendition_file
from store import Session
from store.catalogue import load_colourways
from store.inventory import inventory_version
from store.prices import to_major
from store.sales import next_changes, price_at
from store.schema import Colourway, Variant

#: Size of the cache; a page shows some dozens.
_REMEMBERED: Final = 4096
_SIZES: Final = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL", "4XL")

Card = dict[str, Any]


@dataclass(frozen=True)
class Described:
    """A colourway as pages show it.

    Attributes:
        card: What every page shows.
        details: Its sizes and the style's colours.
        variants: By variant id: `sku`, `size`, `price` and `shelf`.
    """

    card: Card
    details: Card
    variants: Mapping[int, Card]


class Cards:
    """Some articles, described; by colourway id."""

    def __init__(self, described: Mapping[int, Described]) -> None:
        """Store the descriptions that `describe` returned."""
        self._described = described

    @classmethod
    def read(cls, session: Session, keys: Iterable[int], now: float) -> Cards:
        """Describe colourways as they are at a time, in seconds since the epoch."""
        found = load_colourways(session, keys)
        return cls({key: describe(way, now) for key, way in found.items()})

    def __contains__(self, key: int) -> bool:
        return key in self._described

    def card(self, key: int, details: bool = False) -> Card:
        """Describe a colourway; with `details` also its sizes and the style's colours."""
        found = self._described[key]
        return {**found.card, **found.details} if details else dict(found.card)

    def variant(self, key: int, number: int | None) -> Card | None:
        """Describe a colourway's variant by its id; None where the size is not known.

        What comes in one size only is of that size.
        """
        variants = self._described[key].variants
        if number is None and len(variants) == 1:
            (number,) = variants
        found = variants.get(number) if number is not None else None
        return dict(found) if found else None

    def shelf(self, key: int, number: int | None) -> str:
        """Return the shelf of a variant, or of all sizes; empty if the feed has none."""
        variants = self._described[key].variants
        one = variants.get(number) if number is not None else None
        wanted = [one] if one else variants.values()
        return ", ".join(dict.fromkeys(v["shelf"] for v in wanted if v["shelf"]))


class CardBook:
    """Described articles of a site, shared by all its live pages."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start empty; the clock determines when a sale begins and ends."""
        self._lock, self._clock = threading.Lock(), clock
        self._version, self._until = -1, math.inf
        self._described: LRUCache[int, Described] = LRUCache(_REMEMBERED)

    def open(self, session: Session, keys: Iterable[int]) -> Cards:
        """Return colourways as the session sees them; only those not described yet are read."""
        wanted, version, now = set(keys), inventory_version(session), self._clock()
        with self._lock:
            if version != self._version or now >= self._until:
                self._version, self._until = version, math.inf
                self._described.clear()
            known = {key: self._described[key] for key in wanted if key in self._described}
        if known.keys() == wanted:
            return Cards(known)
        found = load_colourways(session, wanted - known.keys())
        fresh = {key: describe(way, now) for key, way in found.items()}
        variants = (v for way in found.values() for v in way.variants)
        changes = next_changes(variants, now)
        with self._lock:
            if version == self._version:
                self._described.update(fresh)
                self._until = min([self._until, *changes])
        return Cards(known | fresh)


def describe(colourway: Colourway, now: float) -> Described:
    """Describe a loaded colourway at a time.

    A card's `sku` names the colourway and is that of its first size; `style` is what people
    read where the size is not known.
    """
    card = {
        "sku": colourway.sku,
        "style": colourway.article.code,
        "title": colourway.article.title,
        "brand": colourway.article.brand,
        "category": colourway.article.category,
        "colour": colourway.colour,
        "price": _price(colourway.variants, now),
        **_pictures(colourway),
    }
    colours = [
        {
            "sku": other.sku,
            "colour": other.colour,
            **_pictures(other),
            "available": any(v.stock.available for v in other.variants),
            "sizes": _sizes(other.variants),
        }
        for other in sorted(colourway.article.colourways, key=lambda way: way.colour)
        if other.colour
    ]
    more = {"sizes": _sizes(colourway.variants), "colours": colours}
    variants = {
        v.id: {"sku": v.sku, "size": v.size, "price": _price([v], now), "shelf": v.shelf}
        for v in colourway.variants
    }
    return Described(card, more, variants)


def _pictures(colourway: Colourway) -> Card:
    """Return the addresses of a colourway's picture, large and small; empty without one."""
    if not colourway.pictures:
        return {"picture": "", "thumbnail": ""}
    file = colourway.pictures[0].file
    large, small = (rendition_file(file, size) for size in ("large", "small"))
    return {"picture": f"/pictures/{large}", "thumbnail": f"/pictures/{small}"}


def _price(variants: Sequence[Variant], now: float) -> Card | None:
    """Describe the lowest price at a time, in the unit that people read."""
    priced = [(price, v.currency) for v in variants if (price := price_at(v, now)) is not None]
    if not priced:
        return None
    lowest, currency = min(priced)
    return {
        "amount": to_major(lowest, currency),
        "currency": currency,
        "from": len({price for price, _ in priced}) > 1,
    }


def _sizes(variants: Sequence[Variant]) -> list[Card]:
    def order(variant: Variant) -> tuple[int, float, str]:
        name = variant.size.upper()
        if name in _SIZES:
            return 0, _SIZES.index(name), ""
        number = "".join(c for c in name if c.isdigit() or c == ".")
        return (1, float(number), name) if number.strip(".") else (2, 0.0, name)

    # A size that came back under another SKU stands there twice.
    sizes: dict[str, bool] = {}
    for variant in sorted(variants, key=order):
        sizes[variant.size] = variant.stock.available or sizes.get(variant.size, False)
    return [{"size": size, "available": available} for size, available in sizes.items()]
