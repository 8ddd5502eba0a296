"""Articles as pages show them, described once and kept until the catalogue changes."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from store.catalogue import load_colourways
from store.inventory import inventory_version
from store.schema import Colourway, Variant

_SIZES: Final = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL", "4XL")

Card = dict[str, Any]


class Cards:
    """Some articles, described; by colourway id."""

    def __init__(self, described: Mapping[int, tuple[Card, Card, list[tuple[str, str]]]]) -> None:
        """Take what `describe` gave for each."""
        self._described = described

    @classmethod
    def read(cls, session: Session, keys: Iterable[int]) -> Cards:
        """Describe colourways as they are now."""
        return cls({key: describe(way) for key, way in load_colourways(session, keys).items()})

    def card(self, key: int, details: bool = False) -> Card:
        """Describe a colourway; with `details` also its sizes and the style's colours."""
        card, more, _ = self._described[key]
        return {**card, **more} if details else dict(card)

    def shelf(self, key: int, size: str) -> str:
        """Say where a colourway lies, in a size if one is named; empty where the feed does not."""
        shelves = self._described[key][2]
        wanted = [shelf for named, shelf in shelves if shelf and size in ("", named)]
        return ", ".join(dict.fromkeys(wanted))


class CardBook:
    """Described articles of a site, shared by all its live pages."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._version = -1
        self._described: dict[int, tuple[Card, Card, list[tuple[str, str]]]] = {}

    def open(self, session: Session, keys: Iterable[int]) -> Cards:
        """Return colourways as the session sees them; only those not described yet are read."""
        wanted, version = set(keys), inventory_version(session)
        with self._lock:
            if version != self._version:
                self._version, self._described = version, {}
            missing = wanted - self._described.keys()
            if missing:
                found = load_colourways(session, missing)
                self._described |= {key: describe(way) for key, way in found.items()}
            return Cards({k: self._described[k] for k in wanted if k in self._described})


def describe(colourway: Colourway) -> tuple[Card, Card, list[tuple[str, str]]]:
    """Describe a loaded colourway: its card, its sizes and colours, its sizes' shelves."""
    card = {
        "sku": colourway.sku,
        "title": colourway.article.title,
        "brand": colourway.article.brand,
        "category": colourway.article.category,
        "colour": colourway.colour,
        "price": _price(colourway.variants),
        "picture": _picture(colourway),
    }
    colours = [
        {
            "sku": other.sku,
            "colour": other.colour,
            "picture": _picture(other),
            "available": any(v.stock.available for v in other.variants),
            "sizes": _sizes(other.variants),
        }
        for other in sorted(colourway.article.colourways, key=lambda way: way.colour)
        if other.colour
    ]
    more = {"sizes": _sizes(colourway.variants), "colours": colours}
    return card, more, [(v.size, v.shelf) for v in colourway.variants]


def _picture(colourway: Colourway) -> str:
    return f"/pictures/{colourway.pictures[0].file}" if colourway.pictures else ""


def _price(variants: Sequence[Variant]) -> Card | None:
    priced = [v for v in variants if v.price is not None]
    if not priced:
        return None
    lowest = min(priced, key=lambda v: v.price or 0)
    return {
        "amount": (lowest.price or 0) / 100,
        "currency": lowest.currency,
        "from": len({v.price for v in priced}) > 1,
    }


def _sizes(variants: Sequence[Variant]) -> list[Card]:
    def order(variant: Variant) -> tuple[int, float, str]:
        name = variant.size.upper()
        if name in _SIZES:
            return 0, _SIZES.index(name), ""
        number = "".join(c for c in name if c.isdigit() or c == ".")
        return (1, float(number), name) if number.strip(".") else (2, 0.0, name)

    return [{"size": v.size, "available": v.stock.available} for v in sorted(variants, key=order)]
