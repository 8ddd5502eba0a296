"""The shop's articles: writing a feed into the tables, and reading them back."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, selectinload

from store import journal
from store.errors import StoreError
from store.feed import Row
from store.gtin import normalise_gtin
from store.schema import Article, Colourway, Picture, Stock, Variant, Vector, View

log = logging.getLogger("fittingroom.catalogue")

#: What a model tells of a picture: a unit vector, float32 D, and what its parts show, int8 C×W.
Told = tuple[NDArray[np.float32], NDArray[np.int8]]

#: Share of the pictures that a gallery may lack for as long as an import takes to embed them.
_WAITING = 0.1


@dataclass(frozen=True)
class PictureFile:
    """A picture that was read: its link in the feed, its file in the site, its colour."""

    link: str
    file: str
    lab: tuple[float, float, float]


@dataclass(frozen=True)
class Gallery:
    """All views of all colourways, for matching.

    Attributes:
        vectors: float32 N×D, rows L2-normalised.
        skus: The colourway's SKU of each row.
        categories: The category of each row.
        cells: int8 N×C×W, what the parts of each show (`models.matching.directions`); empty
            where nobody told.
    """

    vectors: NDArray[np.float32]
    skus: tuple[str, ...]
    categories: tuple[str, ...]
    cells: NDArray[np.int8] = field(default_factory=lambda: np.zeros((0, 0, 0), np.int8))


def fingerprint(row: Row, extra: str = "") -> str:
    """Digest what a row says; equal digests need no second import."""
    content = repr(replace(row, line=0)) + extra
    return hashlib.sha256(content.encode()).hexdigest()[:24]


def known_fingerprints(session: Session) -> dict[str, str]:
    """Return the fingerprint of every variant by SKU."""
    return dict(session.execute(select(Variant.sku, Variant.fingerprint)).all())


def save_row(
    session: Session, row: Row, category: str, pictures: Sequence[PictureFile], digest: str
) -> None:
    """Insert or update the variant of a row with its colourway and article.

    Pictures that are new or changed have no vector afterwards.
    """
    article = session.scalar(select(Article).where(Article.code == row.group))
    if article is None:
        article = Article(code=row.group, title=row.title, category=category)
        session.add(article)
    article.title, article.category = row.title, category
    for column in ("description", "brand", "product_type", "gender", "age_group", "material"):
        setattr(article, column, row.texts.get(column, ""))
    article.google_category = row.texts.get("google_product_category", "")
    session.flush()
    variant = session.scalar(select(Variant).where(Variant.sku == row.id))
    colourway = _colourway(session, article, row, variant)
    if variant is None:
        variant = Variant(sku=row.id)
        session.add(variant)
    variant.colourway_id = colourway.id
    variant.gtin = normalise_gtin(row.gtin) or ""
    variant.shelf = row.texts.get("shelf", "")
    variant.size, variant.price, variant.currency = (
        row.texts.get("size", ""),
        row.price,
        row.currency,
    )
    variant.fingerprint = digest
    session.flush()
    session.merge(Stock(variant_id=variant.id, available=row.available, quantity=None))
    _save_pictures(session, colourway, pictures)


def _colourway(session: Session, article: Article, row: Row, variant: Variant | None) -> Colourway:
    """Find or make the colourway of a row.

    Rows of one group and colour are sizes of one colourway, unless two of them share a
    size: then the feed tells colours apart that it gives one name, and so do we.
    """
    colour, size = row.texts.get("color", ""), row.texts.get("size", "")
    if variant is not None:
        current = session.get_one(Colourway, variant.colourway_id)
        if current.article_id == article.id and current.colour == colour:
            current.pattern = row.texts.get("pattern", "")
            return current
    same = session.scalars(
        select(Colourway).where(Colourway.article_id == article.id, Colourway.colour == colour)
    ).all()
    for colourway in same:
        taken = session.scalar(
            select(Variant.id).where(
                Variant.colourway_id == colourway.id, Variant.size == size, Variant.sku != row.id
            )
        )
        if taken is None:
            return colourway
    key = f"{colour.lower()}#{row.id}" if same else colour.lower()
    made = Colourway(
        article_id=article.id,
        key=key,
        sku=row.id,
        colour=colour,
        pattern=row.texts.get("pattern", ""),
    )
    session.add(made)
    session.flush()
    return made


def _save_pictures(session: Session, colourway: Colourway, pictures: Sequence[PictureFile]) -> None:
    existing = {
        p.position: p
        for p in session.scalars(select(Picture).where(Picture.colourway_id == colourway.id))
    }
    for position, given in enumerate(pictures):
        picture = existing.pop(position, None)
        if picture is not None and picture.file == given.file:
            picture.link = given.link
            continue
        if picture is None:
            picture = Picture(colourway_id=colourway.id, position=position)
            session.add(picture)
        else:
            session.execute(delete(Vector).where(Vector.picture_id == picture.id))
        picture.link, picture.file = given.link, given.file
    if pictures:
        colourway.lab = list(pictures[0].lab)
    for left_over in existing.values():
        session.delete(left_over)


def save_vectors(session: Session, model: str, told: Mapping[int, Told]) -> None:
    """Keep what one model tells of pictures, by their id; vectors as float16."""
    for picture, seen in told.items():
        session.merge(Vector(picture_id=picture, model=model, **_as_bytes(seen)))


def _as_bytes(seen: Told) -> dict[str, bytes]:
    vector, cells = seen
    return {"data": vector.astype(np.float16).tobytes(), "cells": cells.tobytes()}


@dataclass(frozen=True)
class Unembedded:
    """A picture without a vector: its id, its file in the site, its article's category."""

    id: int
    file: str
    category: str


def pictures_without_vector(session: Session, model: str) -> list[Unembedded]:
    """List the pictures that a model has not embedded."""
    done = select(Vector.picture_id).where(Vector.model == model)
    query = (
        select(Picture.id, Picture.file, Article.category)
        .join(Colourway, Colourway.id == Picture.colourway_id)
        .join(Article, Article.id == Colourway.article_id)
        .where(Picture.id.not_in(done))
        .order_by(Picture.id)
    )
    return [Unembedded(*row) for row in session.execute(query)]


def require_vectors(session: Session, model: str, waiting: float = 0.0) -> None:
    """Check that every picture is embedded.

    Args:
        session: Of the catalogue.
        model: What embedded them.
        waiting: Share of the pictures that may lack a vector, which is then only logged.

    Raises:
        StoreError: More pictures of the catalogue have not been embedded by this model.
    """
    missing = len(pictures_without_vector(session, model))
    if not missing:
        return
    said = (
        f"{missing} pictures are not embedded by these weights. Wait for the import that runs, "
        "or run: fittingroom catalogue index."
    )
    if missing > waiting * (session.scalar(select(func.count(Picture.id))) or 0):
        raise StoreError(said)
    log.warning("%s Their articles are not known until then.", said)


def enrol_view(
    session: Session, sku: str, model: str, seen: Told, camera: str, time: float
) -> None:
    """Add a camera's view of a garment to its article; the gallery has it from now on.

    Raises:
        StoreError: No article has this SKU.
    """
    key = colourways_by_sku(session, [sku]).get(sku)
    if key is None:
        raise StoreError(f"No article {sku!r} in the catalogue.")
    view = View(colourway_id=key, model=model, camera=camera, time=time, **_as_bytes(seen))
    session.add(view)
    journal.append(session, time, "catalogue.changed", "", {"enrolled": sku, "camera": camera})


def load_gallery(session: Session, model: str, cells: tuple[int, int]) -> Gallery:
    """Load every view that a model has embedded; `cells` is how many it tells, and how wide.

    A few new pictures may still wait to be embedded, so that a camera can start while an
    import runs; their articles are not known until then.

    Raises:
        StoreError: More than a tenth of the pictures are not embedded by this model.
    """
    require_vectors(session, model, _WAITING)
    rows = session.execute(
        select(Vector.data, Vector.cells, Colourway.sku, Article.category)
        .join(Picture, Picture.id == Vector.picture_id)
        .join(Colourway, Colourway.id == Picture.colourway_id)
        .join(Article, Article.id == Colourway.article_id)
        .where(Vector.model == model)
        .order_by(Picture.id)
    ).all()
    seen = session.execute(
        select(View.data, View.cells, Colourway.sku, Article.category)
        .join(Colourway, Colourway.id == View.colourway_id)
        .join(Article, Article.id == Colourway.article_id)
        .where(View.model == model)
        .order_by(View.id)
    ).all()
    rows = [*rows, *seen]
    if not rows:
        return Gallery(np.zeros((0, 1), np.float32), (), ())
    data, told, skus, kinds = zip(*rows, strict=True)
    vectors = np.frombuffer(b"".join(data), np.float16).reshape(len(rows), -1)
    parts = np.frombuffer(b"".join(told), np.int8).reshape(len(rows), *cells)
    return Gallery(vectors.astype(np.float32), skus, kinds, parts)


def load_colourways(session: Session, ids: Iterable[int]) -> dict[int, Colourway]:
    """Load colourways with article, variants, stock and pictures, by id."""
    wanted = sorted(set(ids))
    query = (
        select(Colourway)
        .where(Colourway.id.in_(wanted))
        .options(
            selectinload(Colourway.article)
            .selectinload(Article.colourways)
            .options(
                selectinload(Colourway.variants).selectinload(Variant.stock),
                selectinload(Colourway.pictures),
            ),
            selectinload(Colourway.variants).selectinload(Variant.stock),
            selectinload(Colourway.pictures),
        )
    )
    return {colourway.id: colourway for colourway in session.scalars(query)}


def colourways_by_sku(session: Session, skus: Iterable[str]) -> dict[str, int]:
    """Map any variant's SKU to the id of its colourway; unknown SKUs are left out."""
    query = select(Variant.sku, Variant.colourway_id).where(Variant.sku.in_(sorted(set(skus))))
    return dict(session.execute(query).all())


def variants_by_sku(session: Session, skus: Iterable[str]) -> dict[str, Variant]:
    """Map SKUs to their variants; unknown SKUs are left out."""
    query = select(Variant).where(Variant.sku.in_(sorted(set(skus))))
    return {variant.sku: variant for variant in session.scalars(query)}


def named_size(variant: Variant) -> Variant | None:
    """Return the variant that its SKU names, or None where that SKU stands for all sizes.

    A colourway goes by the SKU of its first variant, so that SKU alone names no size, unless
    there is only one.
    """
    first = variant.sku == variant.colourway.sku
    return None if first and len(variant.colourway.variants) > 1 else variant


def count_colourways(session: Session) -> int:
    """Count the colourways of the catalogue."""
    return session.scalar(select(func.count()).select_from(Colourway)) or 0


def require_articles(session: Session) -> None:
    """Check that there is something to match against.

    Raises:
        StoreError: The catalogue is empty.
    """
    if not count_colourways(session):
        raise StoreError(
            "The catalogue is empty; run: fittingroom catalogue import FEED --images DIR"
        )
