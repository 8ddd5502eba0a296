"""A room's page: her garments, what goes with them, and her requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.texts import N_
from models.stylist import rules
from services.catalogue.cards import CardBook, Cards
from services.outfits.alternatives import alternatives_to
from services.outfits.reasons import TEXTS
from services.outfits.recommend import Recommendation, Recommender
from store import Session, Site, claims, feedback, looks, requests, visits
from store.schema import Visit, VisitItem
from web.snapshots.described import (
    describe_candidates,
    describe_garment,
    describe_request,
    find_candidates,
)

#: Similar articles on a screen.
_SIMILAR = 6
#: A visit's latest requests that its screen shows.
_REQUESTS = 20
#: Looks that the idle page shows in turn.
_LOOKS = 8


def room_snapshot(
    session: Session, site: Site, room: str, version: int, recommender: Recommender
) -> dict[str, Any]:
    """Build a room's page.

    Args:
        session: A read session.
        site: For the settings.
        room: The room.
        version: The journal id it is up to date with.
        recommender: Suggests outfits.
    """
    book = recommender.book
    base: dict[str, Any] = {"version": version, "room": room, "shop": site.settings.shop.name}
    visit = visits.current_visit(session, room)
    # Who is in a room with her garments is not asked about those of others.
    base["waiting"] = [] if visit and visit.items else _waiting(session, room, book)
    if visit is None:
        empty: dict[str, Any] = {n: [] for n in ("items", "outfits", "similar", "requests")}
        return base | empty | {"visit": None, "looks": _looks_on_show(session, book)}
    return base | _visit(session, visit, recommender) | {"looks": []}


def _visit(session: Session, visit: Visit, recommender: Recommender) -> dict[str, Any]:
    """Describe a visit: garments, suggestions and requests."""
    items = visits.items_on_screen(visit)
    mine = [item for item in items if item.state == "in"]
    outfits = _wanted_outfits(session, visit, mine, recommender)
    similar = recommender.similar(session, mine, _SIMILAR)
    every = requests.requests_of(session, visit)
    shown = [request for request in every if request.state != "cancelled"][-_REQUESTS:]
    candidates = find_candidates(session, items)
    keys = {key for outfit in outfits for key in outfit.keys} | set(similar)
    keys |= set(candidates.values())
    keys |= {item.colourway_id for item in items if item.colourway_id}
    keys |= {request.colourway_id for request in shown if request.colourway_id}
    cards = recommender.book.open(session, keys)
    instead = alternatives_to(session, shown, recommender)
    return {
        "visit": visit.id,
        "items": [_item(item, cards, candidates) for item in items],
        "outfits": [_outfit(outfit, mine, cards) for outfit in outfits],
        "similar": [cards.card(key, details=True) for key in similar],
        "requests": [
            describe_request(request, cards) | {"alternatives": instead.get(request.id, [])}
            for request in shown
        ],
    }


def _wanted_outfits(
    session: Session, visit: Visit, mine: Sequence[VisitItem], recommender: Recommender
) -> list[Recommendation]:
    """Recommend outfits without those that the shopper has dropped."""
    dropped = feedback.dropped_outfits(session, visit.id)
    found = recommender.for_visit(session, visit.id, mine)
    return [outfit for outfit in found if outfit.shown.outfit not in dropped]


def _waiting(session: Session, room: str, book: CardBook) -> list[dict[str, Any]]:
    """List what waits to be claimed by this room or another."""
    waiting = claims.waiting_for(session, [room])
    keys = {i.colourway_id for v in waiting for i in v.items if i.colourway_id}
    cards = book.open(session, keys)
    return [
        {"visit": visit.id, "garments": [describe_garment(item, cards) for item in visit.items]}
        for visit in waiting
    ]


def _looks_on_show(session: Session, book: CardBook) -> list[dict[str, Any]]:
    """Choose looks for the idle page: those that are whole in stock, what staff kept first."""
    on_show = looks.looks_in_stock(session, _LOOKS)
    cards = book.open(session, {i.colourway_id for o in on_show for i in o.items})
    return [
        {
            "id": look.id,
            "title": look.title,
            "pieces": _as_worn([cards.card(i.colourway_id, details=True) for i in look.items]),
        }
        for look in on_show
    ]


def _as_worn(pieces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put garments before bags and jewellery, whatever order a look was written in."""
    return [pieces[n] for n in rules.in_order([piece["category"] for piece in pieces])]


def _item(item: VisitItem, cards: Cards, candidates: Mapping[str, int]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": item.id,
        "category": item.category,
        "category_certain": item.category_certain,
        "state": item.state,
        "article": None,
        "variant": None,
    }
    if item.colourway_id is not None:
        described["article"] = cards.card(item.colourway_id, details=True)
        described["variant"] = cards.variant(item.colourway_id, item.variant_id)
    described["candidates"] = describe_candidates(item, cards, candidates)
    return described


def _outfit(outfit: Recommendation, items: Sequence[VisitItem], cards: Cards) -> dict[str, Any]:
    carried = {item.colourway_id for item in items}
    pieces = [cards.card(key, details=True) | {"carried": key in carried} for key in outfit.keys]
    titles = {key: cards.card(key)["title"] for key in outfit.keys}
    anchor = items[outfit.item]
    return {
        "id": outfit.shown.outfit,
        "source": outfit.source,
        "pieces": pieces,
        "item": anchor.id,
        "why": _why(outfit, titles, anchor.category if anchor.category_certain else N_("garment")),
    }


def _why(outfit: Recommendation, titles: Mapping[int, str], category: str) -> dict[str, Any]:
    """Return the reason, for the page to put into its language."""
    reason = outfit.reason
    one = titles.get(reason.one) if reason.one is not None else None
    return {
        "text": TEXTS[reason.kind],
        "one": one,
        "category": category,
        "other": titles.get(reason.other, ""),
    }
