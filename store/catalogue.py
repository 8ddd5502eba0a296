"""The shop's articles as they are read back: gallery, colourways, vectors."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from common.gallery import Gallery
from common.labels import TRUSTED
from store import journal
from store.errors import NotFound, StoreError
from store.schema import Article, Colourway, Picture, Variant, Vector, View

log = logging.getLogger("fittingroom.catalogue")

#: Embedding, float32 D, and local features, int8 C×W, of a picture.
PictureFeatures = tuple[NDArray[np.float32], NDArray[np.int8]]

#: Source of a view that a person held up to a camera.
HELD = "held"
#: Share of the pictures that a gallery may lack for as long as an import takes to embed them.
_WAITING = 0.1


def save_vectors(session: Session, model: str, features: Mapping[int, PictureFeatures]) -> None:
    """Save the features of pictures by their id; embeddings as float16."""
    for picture, one in features.items():
        session.merge(Vector(picture_id=picture, model=model, **_as_bytes(one)))


def _as_bytes(features: PictureFeatures) -> dict[str, bytes]:
    embedding, local_features = features
    return {"data": embedding.astype(np.float16).tobytes(), "cells": local_features.tobytes()}


@dataclass(frozen=True)
class Unembedded:
    """A picture without a vector.

    Attributes:
        id: Its id.
        file: Its file in the site.
        category: Of its article.
        kind: What it shows (`store.pictures.Kind`).
    """

    id: int
    file: str
    category: str
    kind: str = ""


def pictures_without_vector(session: Session, model: str) -> list[Unembedded]:
    """List the pictures that a model is to embed and has not."""
    done = select(Vector.picture_id).where(Vector.model == model)
    query = (
        select(Picture.id, Picture.file, Article.category, Picture.kind)
        .join(Colourway, Colourway.id == Picture.colourway_id)
        .join(Article, Article.id == Colourway.article_id)
        .where(Picture.used, Picture.id.not_in(done))
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
    wanted = select(func.count(Picture.id)).where(Picture.used)
    if missing > waiting * (session.scalar(wanted) or 0):
        raise StoreError(said)
    log.warning("%s Their articles are not known until then.", said)


def enrol_view(
    session: Session, sku: str, model: str, seen: PictureFeatures, camera: str, time: float
) -> None:
    """Add a camera's view of a garment to the gallery of its article.

    Raises:
        NotFound: No article has this SKU.
    """
    key = colourways_by_sku(session, [sku]).get(sku)
    if key is None:
        raise NotFound(f"No article {sku!r} in the catalogue.")
    view = View(colourway_id=key, model=model, camera=camera, time=time, **_as_bytes(seen))
    session.add(view)
    journal.append(session, time, "catalogue.changed", "", {"enrolled": sku, "camera": camera})


def load_gallery(session: Session, model: str, cells: tuple[int, int]) -> Gallery:
    """Load every view that a model has embedded; `cells` is how many it has, and how wide.

    A few new pictures may still wait to be embedded, so that a camera can start while an
    import runs; their articles are not known until then.

    Raises:
        StoreError: More than a tenth of the pictures are not embedded by this model.
    """
    require_vectors(session, model, _WAITING)
    rows = _embedded(session, model, Vector.cells, View.cells)
    if not rows:
        return Gallery(np.zeros((0, 1), np.float32), (), ())
    data, skus, categories, features = zip(*rows, strict=True)
    parts = np.frombuffer(b"".join(features), np.int8).reshape(len(rows), *cells)
    return Gallery(_as_embeddings(data), skus, categories, parts)


def load_embeddings(session: Session, model: str, learned: bool = True) -> Gallery:
    """Load every view that a model has embedded, without local features; there may be none.

    Args:
        session: A session of the catalogue.
        model: The embedder's short name.
        learned: Whether learned views are among them.
    """
    rows = _embedded(session, model, learned=learned)
    if not rows:
        return Gallery(np.zeros((0, 1), np.float32), (), ())
    data, skus, categories = zip(*rows, strict=True)
    return Gallery(_as_embeddings(data), skus, categories)


def titles(session: Session, skus: Sequence[str]) -> dict[str, str]:
    """Return title and colour of colourways by their SKU, as people read them."""
    rows = session.execute(
        select(Colourway.sku, Article.title, Colourway.colour)
        .join(Article, Article.id == Colourway.article_id)
        .where(Colourway.sku.in_(skus))
    )
    return {sku: ", ".join(filter(None, (title, colour))) for sku, title, colour in rows}


def _embedded(session: Session, model: str, *more: Any, learned: bool = True) -> list[Any]:
    """Select embedding, SKU and category of pictures, then of views.

    Learned views whose label is doubtful, or was not checked yet, are left out.

    Args:
        session: A session of the catalogue.
        model: The embedder's short name.
        more: One more column of pictures and the same of views, if any.
        learned: Whether learned views are among them.
    """
    held = View.source == HELD
    wanted = or_(held, View.trust >= TRUSTED) if learned else held
    pictures = session.execute(
        select(Vector.data, Colourway.sku, Article.category, *more[:1])
        .join(Picture, Picture.id == Vector.picture_id)
        .join(Colourway, Colourway.id == Picture.colourway_id)
        .join(Article, Article.id == Colourway.article_id)
        .where(Vector.model == model, Picture.used)
        .order_by(Picture.id)
    ).all()
    views = session.execute(
        select(View.data, Colourway.sku, Article.category, *more[1:])
        .join(Colourway, Colourway.id == View.colourway_id)
        .join(Article, Article.id == Colourway.article_id)
        .where(View.model == model, wanted)
        .order_by(View.id)
    ).all()
    return [*pictures, *views]


def _as_embeddings(data: Sequence[bytes]) -> NDArray[np.float32]:
    return np.frombuffer(b"".join(data), np.float16).reshape(len(data), -1).astype(np.float32)


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


def search_colourways(session: Session, words: str, most: int) -> list[int]:
    """Find colourways whose title, colour, category or a variant's SKU contains every word.

    Args:
        session: A read session.
        words: Search terms separated by blanks; the first six count. Letter case is ignored.
        most: The maximum number of results.

    Returns:
        Ids of colourways in ascending order.
    """
    query = select(Colourway.id).join(Article).order_by(Colourway.id).limit(most)
    for word in words.split()[:6]:
        by_variant = select(Variant.colourway_id).where(
            Variant.sku.icontains(word, autoescape=True)
        )
        query = query.where(
            or_(
                Article.title.icontains(word, autoescape=True),
                Colourway.colour.icontains(word, autoescape=True),
                Article.category.icontains(word, autoescape=True),
                Colourway.id.in_(by_variant),
            )
        )
    return list(session.scalars(query))


def sizes_of_variants(session: Session, skus: Iterable[str]) -> list[str]:
    """Return the sizes that SKUs name; a colourway's first SKU names none."""
    query = (
        select(Variant.size)
        .join(Colourway)
        .where(Variant.sku.in_(list(skus)), Variant.sku != Colourway.sku, Variant.size != "")
    )
    return list(session.scalars(query))


def colours_of(session: Session, ids: Iterable[int]) -> list[tuple[float, float, float]]:
    """Return the colours (CIE L*a*b*) of some colourways."""
    rows = session.scalars(select(Colourway.lab).where(Colourway.id.in_(list(ids)))).all()
    return [(lightness, a, b) for lightness, a, b in rows]
