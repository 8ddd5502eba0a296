"""What a page shows, as one JSON document: a room's for its screen, all rooms' for staff.

A snapshot is built from the tables alone, so a page that just connected and one that
has been open for hours show the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from calibration import list_cameras, load_camera
from models.colour import Lab
from models.outfits import Anchor, Outfit, Piece, by_colour, from_looks
from store import Site, visits
from store.catalogue import colourways_by_sku, load_colourways
from store.schema import Article, Colourway, LookItem, Request, Stock, Variant, Visit, VisitItem

_GREY: Lab = (50.0, 0.0, 0.0)
_SIZES = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL", "4XL")


def rooms_of(site: Site) -> list[str]:
    """List the rooms that the site's gates lead to."""
    rooms: set[str] = set()
    for name in list_cameras(site.folder):
        for gate in load_camera(site.folder, name).gates:
            rooms.update(gate.rooms)
    return sorted(rooms, key=lambda room: (len(room), room))


@dataclass(frozen=True)
class _Shop:
    """What of the catalogue outfits are made from."""

    stock: dict[int, Piece]
    looks: dict[int, list[int]]


def _load_stock(session: Session, carried: Iterable[int]) -> dict[int, Piece]:
    """Load a piece for every colourway in stock, and for the carried ones."""
    on_hand = select(Variant.colourway_id).join(Stock).where(Stock.available)
    query = (
        select(Colourway.id, Article.category, Colourway.lab)
        .join(Article)
        .where(Colourway.id.in_(on_hand) | Colourway.id.in_(list(carried)))
    )
    return {n: Piece(n, category, tuple(lab)) for n, category, lab in session.execute(query)}


def _load_looks(session: Session, carried: Iterable[int]) -> dict[int, list[int]]:
    """Load the looks that hold a carried article: look id → colourways."""
    holding = select(LookItem.look_id).where(LookItem.colourway_id.in_(list(carried)))
    query = (
        select(LookItem.look_id, LookItem.colourway_id)
        .where(LookItem.look_id.in_(holding))
        .order_by(LookItem.look_id, LookItem.position)
    )
    looks: dict[int, list[int]] = {}
    for look, colourway in session.execute(query):
        looks.setdefault(look, []).append(colourway)
    return looks


def suggest(session: Session, items: Sequence[VisitItem], count: int) -> list[Outfit]:
    """Suggest outfits for what was carried in: looks first, colours where none fits.

    Returns:
        At most `count`; the keys in them are colourway ids. The outfits of different
        garments take turns.
    """
    carried = [item.colourway_id for item in items if item.colourway_id is not None]
    stock = _load_stock(session, carried)
    anchors = [_anchor(session, item, stock) for item in items]
    styled = from_looks(anchors, _load_looks(session, carried).values(), stock)
    by_anchor: dict[int, list[Outfit]] = {n: [] for n in range(len(anchors))}
    for outfit in styled:
        by_anchor[outfit.anchor].append(outfit)
    lonely = [n for n, found in by_anchor.items() if not found]
    for outfit in by_colour([anchors[n] for n in lonely], stock, count if lonely else 0):
        number = lonely[outfit.anchor]
        by_anchor[number].append(Outfit(outfit.pieces, outfit.source, number))
    turns = [
        outfit
        for rank in range(count)
        for found in by_anchor.values()
        for outfit in found[rank : rank + 1]
    ]
    return turns[:count]


def _anchor(session: Session, item: VisitItem, stock: Mapping[int, Piece]) -> Anchor:
    if item.colourway_id is not None and item.colourway_id in stock:
        piece = stock[item.colourway_id]
        return Anchor(piece.key, piece.category, piece.colour)
    # An unknown garment still has a colour: that of the articles it looks most like.
    skus = [candidate["sku"] for candidate in item.candidates[:3]]
    ids = colourways_by_sku(session, skus)
    labs = session.scalars(select(Colourway.lab).where(Colourway.id.in_(list(ids.values())))).all()
    middle = sorted(labs)[len(labs) // 2] if labs else _GREY
    return Anchor(None, item.category, tuple(middle))


def room_snapshot(session: Session, site: Site, room: str, version: int) -> dict[str, Any]:
    """Build a room's page.

    Args:
        session: A read session.
        site: For the settings.
        room: The room.
        version: The journal id it is up to date with.
    """
    base = {"version": version, "room": room, "shop": site.settings.shop.name}
    visit = visits.current_visit(session, room)
    if visit is None:
        return base | {"visit": None, "items": [], "outfits": [], "requests": []}
    items = [item for item in visit.items if item.state != "out"]
    mine = [item for item in items if item.state == "in"]
    outfits = suggest(session, mine, site.settings.screen.outfits)
    requests = visits.requests_of(session, visit)
    wanted = {item.colourway_id for item in items if item.colourway_id}
    wanted |= {key for outfit in outfits for key in outfit.pieces}
    wanted |= {request.colourway_id for request in requests}
    candidates = colourways_by_sku(
        session, [c["sku"] for item in items for c in item.candidates[:4]]
    )
    cards = Cards(load_colourways(session, wanted | set(candidates.values())))
    return base | {
        "visit": visit.id,
        "items": [_item(item, cards, candidates) for item in items],
        "outfits": [_outfit(outfit, mine, cards) for outfit in outfits],
        "requests": [_request(request, cards) for request in requests],
    }


class Cards:
    """Articles as a page shows them, each built once."""

    def __init__(self, colourways: Mapping[int, Colourway]) -> None:
        """Take the loaded colourways."""
        self._colourways = colourways

    def card(self, key: int, details: bool = False) -> dict[str, Any]:
        """Describe a colourway; with `details` also its sizes and the style's colours."""
        colourway = self._colourways[key]
        card: dict[str, Any] = {
            "sku": colourway.sku,
            "title": colourway.article.title,
            "brand": colourway.article.brand,
            "category": colourway.article.category,
            "colour": colourway.colour,
            "price": _price(colourway.variants),
            "picture": _picture(colourway),
        }
        if details:
            card["sizes"] = _sizes(colourway.variants)
            card["colours"] = sorted(
                {
                    other.colour
                    for other in colourway.article.colourways
                    if other.colour and any(v.stock.available for v in other.variants)
                }
            )
        return card


def _picture(colourway: Colourway) -> str:
    return f"/pictures/{colourway.pictures[0].file}" if colourway.pictures else ""


def _price(variants: Sequence[Variant]) -> dict[str, Any] | None:
    priced = [v for v in variants if v.price is not None]
    if not priced:
        return None
    lowest = min(priced, key=lambda v: v.price or 0)
    return {
        "amount": (lowest.price or 0) / 100,
        "currency": lowest.currency,
        "from": len({v.price for v in priced}) > 1,
    }


def _sizes(variants: Sequence[Variant]) -> list[dict[str, Any]]:
    def order(variant: Variant) -> tuple[int, float, str]:
        name = variant.size.upper()
        if name in _SIZES:
            return 0, _SIZES.index(name), ""
        number = "".join(c for c in name if c.isdigit() or c == ".")
        return (1, float(number), name) if number.strip(".") else (2, 0.0, name)

    return [{"size": v.size, "available": v.stock.available} for v in sorted(variants, key=order)]


def _item(item: VisitItem, cards: Cards, candidates: Mapping[str, int]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": item.id,
        "category": item.category,
        "state": item.state,
        "article": None,
    }
    if item.colourway_id is not None:
        described["article"] = cards.card(item.colourway_id, details=True)
    others = [candidates[c["sku"]] for c in item.candidates[:4] if c["sku"] in candidates]
    own = item.colourway_id
    described["candidates"] = [cards.card(key) for key in dict.fromkeys(others) if key != own]
    return described


def _outfit(outfit: Outfit, items: Sequence[VisitItem], cards: Cards) -> dict[str, Any]:
    carried = {item.colourway_id for item in items}
    anchor = items[outfit.anchor]
    pieces = [cards.card(key, details=True) | {"carried": key in carried} for key in outfit.pieces]
    return {
        "source": outfit.source,
        "pieces": pieces,
        "item": anchor.id,
        "anchor": cards.card(anchor.colourway_id)["title"] if anchor.colourway_id else "",
        "category": anchor.category,
    }


def _request(request: Request, cards: Cards) -> dict[str, Any]:
    return {
        "id": request.id,
        "state": request.state,
        "size": request.size,
        "answer": request.answer,
        "room": request.room,
        "opened_at": request.opened_at,
        "article": cards.card(request.colourway_id),
    }


def staff_snapshot(session: Session, site: Site, version: int) -> dict[str, Any]:
    """Build the staff page: every room and every request that still wants something."""
    requests = visits.open_requests(session)
    open_visits = session.scalars(select(Visit).where(Visit.closed_at.is_(None))).all()
    inside = {visit.room: [i for i in visit.items if i.state == "in"] for visit in open_visits}
    wanted = {item.colourway_id for items in inside.values() for item in items if item.colourway_id}
    wanted |= {request.colourway_id for request in requests}
    cards = Cards(load_colourways(session, wanted))
    by_room = {visit.room: visit for visit in open_visits}
    rooms = [*dict.fromkeys([*rooms_of(site), *by_room])]
    return {
        "version": version,
        "shop": site.settings.shop.name,
        "rooms": [_staff_room(room, by_room.get(room), cards) for room in rooms],
        "requests": [_request(request, cards) for request in requests],
    }


def _staff_room(room: str, visit: Visit | None, cards: Cards) -> dict[str, Any]:
    items = [item for item in visit.items if item.state == "in"] if visit else []
    return {
        "room": room,
        "occupied": visit is not None,
        "since": visit.opened_at if visit else None,
        "items": [
            cards.card(i.colourway_id)
            if i.colourway_id
            else {"title": "", "picture": "", "category": i.category}
            for i in items
        ],
    }
