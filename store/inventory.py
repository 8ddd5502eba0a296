"""The shop's colourways in rows of numbers, as suggestions are made from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from common.stock import StockFigures
from store.schema import (
    Article,
    Colourway,
    JournalEntry,
    Look,
    LookItem,
    Picture,
    Sale,
    Stock,
    Variant,
    Vector,
    Visit,
    VisitItem,
)

#: Events after which an inventory read before is out of date.
CHANGES: Final = frozenset({"catalogue.changed", "looks.changed"})
_DAY_S: Final = 86_400.0


@dataclass(frozen=True)
class Inventory:
    """Every colourway, a row each.

    Attributes:
        ids: Colourway ids.
        skus: The colourways' SKUs.
        styles: Article codes.
        categories: As in the catalogue.
        types: The last level of the shop's own product type; the category where it gives none.
        vectors: float32 N×D, of the first picture; zeros without one.
        colours: float32 N×3, CIE L*a*b*.
        prices: float32 N, the lowest in minor units; NaN where unknown. A sale leaves an article in
            its price class, so sale prices do not count.
        audiences: `gender/age group`, in lower case.
        looks: Ids of looks with their rows, in the order of their ids.
        kept: Ids of looks that staff have kept or made.
    """

    ids: NDArray[np.int64]
    skus: tuple[str, ...]
    styles: tuple[str, ...]
    categories: tuple[str, ...]
    types: tuple[str, ...]
    vectors: NDArray[np.float32]
    colours: NDArray[np.float32]
    prices: NDArray[np.float32]
    audiences: tuple[str, ...]
    looks: dict[int, tuple[int, ...]]
    kept: frozenset[int]


def inventory_version(session: Session) -> int:
    """Return the id of the last event that changed articles, stock or looks; 0 before any."""
    query = select(func.max(JournalEntry.id)).where(JournalEntry.kind.in_(CHANGES))
    return session.scalar(query) or 0


def load_inventory(session: Session, model: str, dimensions: int) -> Inventory:
    """Read the inventory.

    Args:
        session: A read session.
        model: The embedder whose vectors are wanted.
        dimensions: Of a vector.
    """
    lowest = (
        select(Variant.colourway_id, func.min(Variant.price).label("price"))
        .group_by(Variant.colourway_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Colourway.id,
            Colourway.sku,
            Article.code,
            Article.category,
            Article.product_type,
            Article.gender,
            Article.age_group,
            Colourway.lab,
            lowest.c.price,
        )
        .join(Article, Article.id == Colourway.article_id)
        .outerjoin(lowest, lowest.c.colourway_id == Colourway.id)
        .order_by(Colourway.id)
    ).all()
    place = {row.id: n for n, row in enumerate(rows)}
    looks, kept = _load_looks(session, place)
    return Inventory(
        ids=np.array([row.id for row in rows], np.int64),
        skus=tuple(row.sku for row in rows),
        styles=tuple(row.code for row in rows),
        categories=tuple(row.category for row in rows),
        types=tuple(_last_level(row.product_type) or row.category for row in rows),
        vectors=_load_vectors(session, model, place, dimensions),
        colours=np.array([row.lab for row in rows], np.float32).reshape(-1, 3),
        prices=np.array([np.nan if r.price is None else r.price for r in rows], np.float32),
        audiences=tuple(f"{row.gender}/{row.age_group}".lower() for row in rows),
        looks=looks,
        kept=kept,
    )


def _last_level(path: str) -> str:
    return path.replace("/", ">").rsplit(">", 1)[-1].strip().lower()


def _load_vectors(
    session: Session, model: str, place: Mapping[int, int], dimensions: int
) -> NDArray[np.float32]:
    vectors = np.zeros((len(place), dimensions), np.float32)
    query = (
        select(Picture.colourway_id, Vector.data)
        .join(Picture, Picture.id == Vector.picture_id)
        .where(Vector.model == model)
        .order_by(Picture.position.desc())  # the first picture that is embedded counts
    )
    for colourway, data in session.execute(query):
        vectors[place[colourway]] = np.frombuffer(data, np.float16)
    return vectors


def _load_looks(
    session: Session, place: Mapping[int, int]
) -> tuple[dict[int, tuple[int, ...]], frozenset[int]]:
    members: dict[int, list[int]] = defaultdict(list)
    query = (
        select(LookItem.look_id, LookItem.colourway_id)
        .join(Look, Look.id == LookItem.look_id)
        # What the machine composed counts as styled once a person has kept it.
        .where(Look.state != "dropped", (Look.origin != "composed") | (Look.state == "kept"))
        .order_by(LookItem.look_id, LookItem.position)
    )
    for look, colourway in session.execute(query):
        members[look].append(place[colourway])
    kept = session.scalars(select(Look.id).where(Look.state == "kept")).all()
    return {look: tuple(rows) for look, rows in members.items()}, frozenset(kept)


@dataclass(frozen=True)
class Sizes:
    """The sizes a colourway comes in, and those on hand."""

    made: frozenset[str]
    on_hand: frozenset[str]


def load_sizes(session: Session) -> dict[int, Sizes]:
    """Load the sizes of every colourway by its id."""
    made: dict[int, set[str]] = defaultdict(set)
    there: dict[int, set[str]] = defaultdict(set)
    query = select(Variant.colourway_id, Variant.size, Stock.available).join(Stock)
    for colourway, size, available in session.execute(query):
        made[colourway].add(size)
        if available:
            there[colourway].add(size)
    return {
        key: Sizes(frozenset(sizes), frozenset(there.get(key, ()))) for key, sizes in made.items()
    }


def load_stock_figures(session: Session, now: float) -> StockFigures:
    """Load what is known about the stock of every colourway, in one query.

    Args:
        session: A read session.
        now: Seconds since the epoch.
    """
    on_hand = (
        select(
            Variant.colourway_id,
            func.max(case((Stock.available, 1), else_=0)).label("listed"),
            func.sum(case((Stock.available, Stock.quantity))).label("count"),
        )
        .join(Stock)
        .group_by(Variant.colourway_id)
        .subquery()
    )
    sold = (
        select(Variant.colourway_id, func.max(Sale.time).label("time"))
        .join(Sale, Sale.variant_id == Variant.id)
        .group_by(Variant.colourway_id)
        .subquery()
    )
    seen = (
        select(VisitItem.colourway_id, func.max(Visit.opened_at).label("time"))
        .join(Visit, Visit.id == VisitItem.visit_id)
        .where(VisitItem.colourway_id.is_not(None), VisitItem.state != "not_mine")
        .group_by(VisitItem.colourway_id)
        .subquery()
    )
    rows = session.execute(
        select(Colourway.sku, on_hand.c.listed, on_hand.c.count, sold.c.time, seen.c.time)
        .outerjoin(on_hand, on_hand.c.colourway_id == Colourway.id)
        .outerjoin(sold, sold.c.colourway_id == Colourway.id)
        .outerjoin(seen, seen.c.colourway_id == Colourway.id)
        .order_by(Colourway.id)
    ).all()
    numbers = np.array([row[1:] for row in rows], np.float64).reshape(-1, 4)  # None is NaN
    days = np.maximum((now - numbers[:, 2:]) / _DAY_S, 0)
    return StockFigures(
        tuple(row.sku for row in rows), numbers[:, 0] == 1, numbers[:, 1], days[:, 0], days[:, 1]
    )
