"""Garments and requests as every page describes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.catalogue.cards import Cards
from store import Session
from store.catalogue import colourways_by_sku
from store.schema import Request, VisitItem

#: Articles a garment might be, where the match is wrong or unsure.
_CANDIDATES = 4


def find_candidates(session: Session, items: Sequence[VisitItem]) -> dict[str, int]:
    """Map the candidates' SKUs to colourways, as far as they are still in the catalogue."""
    skus = [c.sku for item in items for c in item.candidates[:_CANDIDATES]]
    return colourways_by_sku(session, skus)


def describe_candidates(
    item: VisitItem, cards: Cards, candidates: Mapping[str, int]
) -> list[dict[str, Any]]:
    """List the cards of the articles that a garment may be instead of its match.

    Args:
        item: The garment.
        cards: The cards of all its candidates.
        candidates: Their keys by SKU, of `find_candidates`.
    """
    named = [c.sku for c in item.candidates[:_CANDIDATES]]
    keys = dict.fromkeys(candidates[sku] for sku in named if sku in candidates)
    return [cards.card(key) for key in keys if key != item.colourway_id]


def describe_garment(item: VisitItem, cards: Cards) -> dict[str, Any]:
    """Describe a garment by its article; one that is not known, by its category."""
    if item.colourway_id is not None:
        variant = cards.variant(item.colourway_id, item.variant_id)
        return cards.card(item.colourway_id) | {"variant": variant}
    unknown = {"title": "", "colour": "", "picture": "", "thumbnail": "", "variant": None}
    certain = {"category": item.category, "category_certain": item.category_certain}
    return unknown | certain


def describe_request(request: Request, cards: Cards) -> dict[str, Any]:
    """Describe a request with its article, as screens and staff see it."""
    key = request.colourway_id
    return {
        "id": request.id,
        "kind": "person" if key is None else "article",
        "state": request.state,
        "size": request.size,
        "answer": request.answer,
        "reason": request.reason,
        "room": request.room,
        "unsure": request.visit.closed_at is not None or request.visit.hidden_at is not None,
        "opened_at": request.opened_at,
        "taken_by": request.taken_by,
        "shelf": cards.shelf(key, request.variant_id) if key is not None else "",
        "article": cards.card(key) if key is not None else None,
        "variant": cards.variant(key, request.variant_id) if key is not None else None,
    }
