"""Articles as pages show them, described once and kept until the catalogue changes."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from store.catalogue import load_colourways
from store.inventory import inventory_version
from store.schema import Colourway, Variant

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
        """Take what `describe` gave for each."""
        self._described = described

    @classmethod
    def read(cls, session: Session, keys: Iterable[int]) -> Cards:
        """Describe colourways as they are now."""
        return cls({key: describe(way) for key, way in load_colourways(session, keys).items()})

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
        """Say where a variant lies, or all sizes; empty where the feed does not."""
        variants = self._described[key].variants
        one = variants.get(number) if number is not None else None
        wanted = [one] if one else variants.values()
        return ", ".join(dict.fromkeys(v["shelf"] for v in wanted if v["shelf"]))


class CardBook:
    """Described articles of a site, shared by all its live pages."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._version = -1
        self._described: dict[int, Described] = {}

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


def describe(colourway: Colourway) -> Described:
    """Describe a loaded colourway.

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
    variants = {
        v.id: {"sku": v.sku, "size": v.size, "price": _price([v]), "shelf": v.shelf}
        for v in colourway.variants
    }
    return Described(card, more, variants)


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
