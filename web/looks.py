"""The staff's look book: its page and its API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template

from services.catalogue.cards import Cards
from store import Session, looks
from store.catalogue import colourways_by_sku, search_colourways
from store.schema import Look
from store.tags import look_up
from web.api import operation
from web.context import current
from web.navigation import in_bar
from web.permissions import allow
from web.schemas.base import Created, Done
from web.schemas.looks import (
    ArticleQuery,
    ArticlesFound,
    ChangeLook,
    LookPage,
    LookQuery,
    WriteLook,
)

_PAGE = 24
_FOUND = 24
#: What the page's tabs show: origin and state.
_TABS: dict[str, tuple[str | None, str | None]] = {
    "new": ("composed", "open"),
    "kept": (None, "kept"),
    "stylists": ("stylist", None),
    "dropped": (None, "dropped"),
}


look_book = Blueprint("looks", __name__)


@look_book.get("/staff/looks")
@allow("staff")
@in_bar("Look book", 20)
def page() -> str:
    """Show the look book."""
    return render_template("looks.html", shop=current.shop)


@look_book.get("/api/looks")
@allow("staff")
@operation("looks", LookPage)
def list_looks(query: LookQuery) -> Response:
    """List a page of the look book."""
    with current.site.store.read() as session:
        page, total = looks.page_of_looks(session, *_TABS[query.tab], query.start, _PAGE)
        return jsonify(total=total, looks=_as_json(session, page, current.now()))


@look_book.post("/api/looks")
@allow("staff")
@operation("looks", Created, 201)
def create_look(json: WriteLook) -> tuple[Created, int]:
    """Write a look."""
    with current.site.store.write() as session:
        keys = _keys(session, json.skus)
        number = looks.write_look(session, keys, json.title, current.now())
    return Created(id=number), 201


@look_book.post("/api/looks/<int:number>")
@allow("staff")
@operation("looks", Done)
def change_look(number: int, json: ChangeLook) -> Done:
    """Keep, drop or change a look."""
    change, now = json.root, current.now()
    with current.site.store.write() as session:
        if isinstance(change, WriteLook):
            looks.write_look(session, _keys(session, change.skus), change.title, now, number)
        else:
            looks.judge_look(session, number, change.state, now)
    return Done()


@look_book.get("/api/articles")
@allow("staff")
@operation("looks", ArticlesFound)
def find_articles(query: ArticleQuery) -> Response:
    """Find articles by words or a tag, or what goes with some by the stylist."""
    with current.site.store.read() as session:
        found = _find(session, query)
        cards = Cards.read(session, found, current.now())
        return jsonify(articles=[_card(cards, *each) for each in found.items()])


def _card(cards: Cards, key: int, variant: int | None) -> dict[str, Any]:
    """Describe an article; where a tag named it, with the variant that the tag is of."""
    card = cards.card(key)
    return card if variant is None else card | {"variant": cards.variant(key, variant)}


def _find(session: Session, query: ArticleQuery) -> dict[int, int | None]:
    """Find colourways, each with its variant where a tag named that."""
    if query.q:
        tagged = {variant.colourway_id: variant.id for variant in look_up(session, query.q)}
        found = search_colourways(session, query.q, _FOUND)
        return tagged | {key: None for key in found if key not in tagged}
    keys = _keys(session, query.beside)
    return dict.fromkeys(current.recommender.stylist.fitting(session, keys, _FOUND))


def _keys(session: Session, skus: Sequence[str]) -> list[int]:
    """Return the colourways of SKUs; one that is unknown is a 404."""
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
