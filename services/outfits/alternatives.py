"""Alternatives to an article that staff could not bring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.catalogue.cards import Card, CardBook, Cards
from services.outfits.recommend import Recommender
from store import Session
from store.catalogue import colourways_by_sku
from store.requests import OPEN_STATES
from store.schema import Request

_COLOURS: Final = 2
_SIMILAR: Final = 2
#: Similar articles that are checked for the shopper's size.
_LOOKED_AT: Final = 8

#: An article and a size, as cards name them.
Wanted = tuple[str, str]


@dataclass(frozen=True)
class Alternative:
    """An article in stock as an alternative.

    Attributes:
        kind: `colour`, `size` or `similar`.
        sku: Of its colourway.
        size: Its size, empty where it has none.
    """

    kind: str
    sku: str
    size: str


def choose(
    card: Card, size: str, similar: Iterable[Card], refused: frozenset[Wanted]
) -> list[Alternative]:
    """Choose alternatives in stock: another colour in this size, the next size, similar articles.

    Args:
        card: The declined article with its sizes and colours.
        size: The requested size, empty for none.
        similar: Similar articles with their sizes, the most similar first.
        refused: Articles and sizes that were declined in this visit, or are requested.
    """
    colours = [
        Alternative("colour", other["sku"], size)
        for other in card["colours"]
        if other["sku"] != card["sku"] and _has(other, size, refused)
    ]
    found = [
        Alternative("similar", other["sku"], worn)
        for other in similar
        if (worn := _her_size(other, size, refused)) is not None
    ]
    sizes = [Alternative("size", card["sku"], other) for other in _nearest(card, size, refused)]
    return [*colours[:_COLOURS], *sizes[:1], *found[:_SIMILAR]]


def _has(article: Mapping[str, Any], size: str, refused: frozenset[Wanted]) -> bool:
    there = any(s["available"] for s in article["sizes"] if size in ("", s["size"]))
    return there and (article["sku"], size) not in refused


def _her_size(article: Card, size: str, refused: frozenset[Wanted]) -> str | None:
    """Return the size to request, empty for an article without sizes; None if not in stock."""
    worn = size if any(s["size"] for s in article["sizes"]) else ""
    return worn if _has(article, worn, refused) else None


def _nearest(card: Card, size: str, refused: frozenset[Wanted]) -> Iterator[str]:
    """Yield the other sizes in stock, nearest first, and the larger of two."""
    names = [s["size"] for s in card["sizes"]]
    if size not in names:
        return
    here = names.index(size)
    there = [n for n, s in enumerate(card["sizes"]) if s["available"] and n != here]
    for n in sorted(there, key=lambda n: (abs(n - here), n < here)):
        if (card["sku"], names[n]) not in refused:
            yield names[n]


def alternatives_to(
    session: Session, asked: Sequence[Request], recommender: Recommender
) -> dict[int, list[dict[str, Any]]]:
    """Find alternatives to a visit's declined requests, by request id.

    Args:
        session: A read session.
        asked: All requests of the visit.
        recommender: Finds similar articles and their cards.

    Returns:
        `kind`, `size` and `article` of each alternative.
    """
    declined = [r for r in asked if r.state == "declined" and r.colourway_id is not None]
    if not declined:
        return {}
    like = {r.colourway_id: recommender.like(session, r.colourway_id, _LOOKED_AT)
            for r in declined if r.colourway_id is not None}  # fmt: skip
    keys = {key for way, others in like.items() for key in (way, *others)}
    keys |= {r.colourway_id for r in asked if r.colourway_id is not None}
    cards = recommender.book.open(session, keys)
    refused = frozenset(
        (cards.card(r.colourway_id)["sku"], r.size)
        for r in asked
        if r.colourway_id is not None and r.state in ("declined", *OPEN_STATES)
    )
    chosen = {
        r.id: choose(
            cards.card(r.colourway_id, details=True),
            r.size,
            [cards.card(key, details=True) for key in like[r.colourway_id]],
            refused,
        )
        for r in declined
        if r.colourway_id is not None
    }
    return _described(session, chosen, recommender.book)


def _described(
    session: Session, chosen: Mapping[int, Sequence[Alternative]], book: CardBook
) -> dict[int, list[dict[str, Any]]]:
    skus = {one.sku for some in chosen.values() for one in some}
    keys = colourways_by_sku(session, skus)
    cards: Cards = book.open(session, keys.values())
    return {
        number: [
            {"kind": one.kind, "size": one.size, "article": cards.card(keys[one.sku])}
            for one in some
        ]
        for number, some in chosen.items()
    }
