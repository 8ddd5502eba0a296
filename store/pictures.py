"""What the pictures of the articles show, and which of them are embedded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, delete, literal, or_, select, update
from sqlalchemy.orm import Session

from store.schema import Article, Colourway, Picture, Stock, Variant, Vector

#: How many values one statement may list.
_MANY: Final = 500


class Kind(StrEnum):
    """What a picture of an article shows, as it is kept.

    Attributes:
        UNKNOWN: No parser has looked at it.
        PACKSHOT: The article alone.
        WORN: A person wears the article, which is cut out before it is embedded.
        NOT_FOUND: A person is in it, and the article was not found on her.
        DETAIL: A close-up of a part of the article.
        NOTHING: No article.
    """

    UNKNOWN = ""
    PACKSHOT = "packshot"
    WORN = "worn"
    NOT_FOUND = "not_found"
    DETAIL = "detail"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Unparsed:
    """A picture that a parser has not looked at: its id, colourway, file, article's category."""

    id: int
    colourway: int
    file: str
    category: str


@dataclass(frozen=True)
class Known:
    """A picture with its kind, as the choice among a colourway's pictures needs it."""

    id: int
    kind: Kind
    link: str
    used: bool


def unparsed_pictures(session: Session, parser: str) -> list[Unparsed]:
    """List the pictures that a parser has not looked at for their article's present category.

    Args:
        session: Of the catalogue.
        parser: Short name of its weights; empty for no parser, which then lists what one has
            looked at before.
    """
    query = (
        select(Picture.id, Picture.colourway_id, Picture.file, Article.category)
        .join(Colourway, Colourway.id == Picture.colourway_id)
        .join(Article, Article.id == Colourway.article_id)
        .where(Picture.parsed_by != _stamp(parser))
        .order_by(Picture.id)
    )
    return [Unparsed(*row) for row in session.execute(query)]


def _stamp(parser: str) -> ColumnElement[str]:
    return literal(f"{parser} ").concat(Article.category) if parser else literal("")


def save_kind(session: Session, parser: str, found: Mapping[int, tuple[str, Kind]]) -> None:
    """Save what pictures show.

    The vectors of those that are, or were, cut out of a photo are deleted: other weights cut
    otherwise. Those of a packshot that stays one are kept.

    Args:
        session: A write transaction.
        parser: Short name of the weights; empty for no parser.
        found: By the picture's id: its article's category, and its kind.
    """
    ids = list(found)
    before = dict[int, str]()
    for start in range(0, len(ids), _MANY):
        rows = select(Picture.id, Picture.kind).where(Picture.id.in_(ids[start : start + _MANY]))
        before |= dict(session.execute(rows).all())
    cut = [n for n, (_, kind) in found.items() if Kind.WORN in (kind, before.get(n))]
    _delete_vectors(session, cut)
    for number, (category, kind) in found.items():
        stamp = f"{parser} {category}" if parser else ""
        session.execute(
            update(Picture).where(Picture.id == number).values(kind=str(kind), parsed_by=stamp)
        )


def _delete_vectors(session: Session, pictures: Collection[int]) -> None:
    ids = list(pictures)
    for start in range(0, len(ids), _MANY):
        part = ids[start : start + _MANY]
        session.execute(delete(Vector).where(Vector.picture_id.in_(part)))


def load_known(session: Session, colourways: Collection[int]) -> dict[int, list[Known]]:
    """Load the pictures of some colourways in their order, by colourway."""
    found = defaultdict[int, list[Known]](list)
    ids = sorted(set(colourways))
    for start in range(0, len(ids), _MANY):
        query = (
            select(Picture.colourway_id, Picture.id, Picture.kind, Picture.link, Picture.used)
            .where(Picture.colourway_id.in_(ids[start : start + _MANY]))
            .order_by(Picture.colourway_id, Picture.position)
        )
        for colourway, number, kind, link, used in session.execute(query):
            found[colourway].append(Known(number, Kind(kind), link, used))
    return dict(found)


def save_choice(session: Session, used: Mapping[int, bool]) -> None:
    """Save which pictures are embedded; the vectors of others are deleted."""
    for number, wanted in used.items():
        session.execute(update(Picture).where(Picture.id == number).values(used=wanted))
    _delete_vectors(session, [number for number, wanted in used.items() if not wanted])


def colourways_on_sale(session: Session) -> dict[int, str]:
    """Return the colourways with a variant in stock, by id with their SKU."""
    query = (
        select(Colourway.id, Colourway.sku)
        .join(Variant, Variant.colourway_id == Colourway.id)
        .join(Stock, Stock.variant_id == Variant.id)
        .where(or_(Stock.available, Stock.quantity > 0))
        .order_by(Colourway.id)
        .distinct()
    )
    return dict(session.execute(query).all())
