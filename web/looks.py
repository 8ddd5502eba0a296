"""The staff's look book: its page and its API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, abort, jsonify, render_template, request

from services.catalogue.cards import Cards
from services.outfits.stylist import ShopStylist
from store import Session, Site, looks
from store.catalogue import colourways_by_sku, search_colourways
from store.schema import Look
from store.tags import look_up
from web.body import read_body, read_text

_PAGE = 24
_FOUND = 24
#: What the page's tabs show: origin and state.
_TABS: dict[str, tuple[str | None, str | None]] = {
    "new": ("composed", "open"),
    "kept": (None, "kept"),
    "stylists": ("stylist", None),
    "dropped": (None, "dropped"),
}


def add_look_pages(
    app: Flask, site: Site, stylist: ShopStylist, clock: Callable[[], float]
) -> None:
    """Add `/staff/looks` and `/api/looks` to an application."""

    @app.get("/staff/looks")
    def look_book() -> str:
        return render_template("looks.html", shop=site.settings.shop.name)

    @app.get("/api/looks")
    def list_looks() -> Response:
        tab, start = _asked_page()
        with site.store.read() as session:
            page, total = looks.page_of_looks(session, *_TABS[tab], start, _PAGE)
            return jsonify(total=total, looks=_as_json(session, page, clock()))

    @app.post("/api/looks")
    def write_look() -> tuple[Response, int]:
        data = read_body("skus", "title")
        with site.store.write() as session:
            keys = _keys(session, data.get("skus"))
            number = looks.write_look(session, keys, read_text(data, "title", ""), clock())
        return jsonify(id=number), 201

    @app.post("/api/looks/<int:number>")
    def change_look(number: int) -> Response:
        data = read_body("state", "skus", "title")
        with site.store.write() as session:
            if "skus" in data:
                keys = _keys(session, data["skus"])
                title = read_text(data, "title", "")
                looks.write_look(session, keys, title, clock(), number)
            else:
                looks.judge_look(session, number, read_text(data, "state"), clock())
        return jsonify(status="ok")

    @app.get("/api/articles")
    def find_articles() -> Response:
        """Find articles by words or a tag, or what goes with some by the stylist."""
        with site.store.read() as session:
            found = _find(session, stylist)
            cards = Cards.read(session, found, clock())
            return jsonify(articles=[_card(cards, *each) for each in found.items()])


def _card(cards: Cards, key: int, variant: int | None) -> dict[str, Any]:
    """Describe an article; where a tag named it, with the variant that the tag is of."""
    card = cards.card(key)
    return card if variant is None else card | {"variant": cards.variant(key, variant)}


def _asked_page() -> tuple[str, int]:
    tab, start = request.args.get("tab", "new"), request.args.get("start", "0")
    if tab not in _TABS:
        abort(400, f"'tab' is {tab!r}; known: {', '.join(_TABS)}.")
    if not start.isdecimal():
        abort(400, f"'start' is {start!r}; it is a number from 0.")
    return tab, int(start[:9])


def _find(session: Session, stylist: ShopStylist) -> dict[int, int | None]:
    """Find colourways, each with its variant where a tag named that."""
    words, beside = request.args.get("q", "").strip(), request.args.getlist("beside")
    if not words and not beside:
        abort(400, "Give 'q' (words, a SKU or a GTIN) or 'beside' (SKUs).")
    if words:
        tagged = {variant.colourway_id: variant.id for variant in look_up(session, words)}
        return tagged | {
            k: None for k in search_colourways(session, words, _FOUND) if k not in tagged
        }
    return dict.fromkeys(stylist.fitting(session, _keys(session, beside), _FOUND))


def _keys(session: Session, skus: Any) -> list[int]:
    if not isinstance(skus, list) or not all(isinstance(sku, str) for sku in skus):
        abort(400, "'skus' must be a list of SKUs.")
    known = colourways_by_sku(session, skus)
    if missing := [sku for sku in skus if sku not in known]:
        abort(404, f"No article {missing[0]!r} in the catalogue.")
    return [known[sku] for sku in skus]


def _as_json(session: Session, page: list[Look], now: float) -> list[dict[str, Any]]:
    cards = Cards.read(session, {i.colourway_id for look in page for i in look.items}, now)
    return [
        {
            "id": look.id,
            "origin": look.origin,
            "state": look.state,
            "title": look.title,
            "pieces": [cards.card(item.colourway_id, details=True) for item in look.items],
        }
        for look in page
    ]
