"""Writing a feed's rows into the tables: articles, colourways, variants, stock, pictures.

A colourway keeps its id when its colour is renamed or its group changes, so that looks, visits,
views and feedback go on pointing at it. One that loses all its variants to another is merged
into that one.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from store.merging import drop_empty_articles, merge_colourways
from store.rows import Row
from store.schema import Article, Colourway, Picture, Request, Stock, Variant, Vector, VisitItem

#: How many values one statement may list.
_MANY: Final = 500


@dataclass(frozen=True)
class PictureFile:
    """A picture that was read: its link in the feed, its file in the site, its colour."""

    link: str
    file: str
    lab: tuple[float, float, float]


@dataclass(frozen=True)
class Plan:
    """Where a whole feed puts its variants.

    Attributes:
        places: Group and folded colour by SKU.
        complete: Whether a variant that the feed does not list is no longer sold.
    """

    places: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    complete: bool = True

    def is_at(self, sku: str, place: tuple[str, str]) -> bool:
        """Check whether a variant belongs to a place; what is no longer sold may go anywhere."""
        return self.places.get(sku, place if self.complete else None) == place

    def stays_at(self, sku: str, place: tuple[str, str]) -> bool:
        """Check whether a variant that is at a place is still sold there."""
        return self.places.get(sku, None if self.complete else place) == place


def place_of(row: Row) -> tuple[str, str]:
    """Return a row's group and folded colour."""
    return row.group, fold_colour(row.texts.get("color", ""))


def fold_colour(name: str) -> str:
    """Return a colour's name without case, accents and double spaces, to compare it by."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def fingerprint(row: Row, extra: str = "") -> str:
    """Compute the digest of a row; rows with equal digests are not imported again."""
    return hashlib.sha256((row.content() + extra).encode()).hexdigest()[:24]


def known_fingerprints(session: Session) -> dict[str, str]:
    """Return the fingerprint of every variant by SKU."""
    return dict(session.execute(select(Variant.sku, Variant.fingerprint)).all())


def known_quantities(session: Session) -> dict[str, int | None]:
    """Return the pieces on hand of every variant in stock by SKU; None is unknown."""
    query = select(Variant.sku, Stock.quantity).join(Stock).where(Stock.available)
    return dict(session.execute(query).all())


def save_quantities(session: Session, quantities: Mapping[str, int | None]) -> None:
    """Write the pieces on hand of variants by SKU; nothing else of them has changed."""
    for sku, quantity in quantities.items():
        variant = select(Variant.id).where(Variant.sku == sku).scalar_subquery()
        session.execute(update(Stock).where(Stock.variant_id == variant).values(quantity=quantity))


def save_row(
    session: Session,
    row: Row,
    category: str,
    pictures: Sequence[PictureFile],
    digest: str,
    plan: Plan | None = None,
) -> None:
    """Insert or update the variant of a row with its colourway and article.

    Pictures that are new or changed have no vector afterwards.

    Args:
        session: A write transaction.
        row: The row.
        category: Of its article.
        pictures: Of its colourway, the main one first.
        digest: Its fingerprint.
        plan: Of the whole feed; without one, of this row alone.
    """
    plan = plan or Plan({row.id: place_of(row)}, complete=False)
    article = _article(session, row, category)
    variant = session.scalar(select(Variant).where(Variant.sku == row.id))
    before = session.get(Colourway, variant.colourway_id) if variant else None
    colourway = _colourway(session, article, row, before, plan)
    colourway.colour = row.texts.get("color", "")
    colourway.pattern = row.texts.get("pattern", "")
    if variant is None:
        variant = Variant(sku=row.id)
        session.add(variant)
    variant.colourway_id = colourway.id
    _fill(variant, row, digest)
    session.flush()
    if before is not None and before.id != colourway.id:
        for table in (VisitItem, Request):
            session.execute(
                update(table)
                .where(table.variant_id == variant.id)
                .values(colourway_id=colourway.id)
            )
        _settle(session, before, colourway)
    session.merge(Stock(variant_id=variant.id, available=row.available, quantity=row.quantity))
    _save_pictures(session, colourway, pictures)
    session.flush()


def _article(session: Session, row: Row, category: str) -> Article:
    article = session.scalar(select(Article).where(Article.code == row.group))
    if article is None:
        article = Article(code=row.group, title=row.title, category=category)
        session.add(article)
    article.title, article.category = row.title, category
    for column in ("description", "brand", "product_type", "gender", "age_group", "material"):
        setattr(article, column, row.texts.get(column, ""))
    article.google_category = row.texts.get("google_product_category", "")
    session.flush()
    return article


def _fill(variant: Variant, row: Row, digest: str) -> None:
    variant.gtin, variant.shelf = row.gtin, row.texts.get("shelf", "")
    variant.size, variant.fingerprint = row.texts.get("size", ""), digest
    variant.price, variant.currency = row.price, row.currency
    offer = row.offer
    variant.sale_price = offer.price if offer else None
    variant.sale_from = offer.start if offer else None
    variant.sale_until = offer.end if offer else None


def _colourway(
    session: Session, article: Article, row: Row, before: Colourway | None, plan: Plan
) -> Colourway:
    """Find or make the colourway of a row; `before` is where its variant was.

    Rows of one group and colour are sizes of one colourway, unless two of them share a
    size: then the feed distinguishes colours that it gives one name, and so do we.
    """
    place = place_of(row)
    at_home = before is not None and before.article_id == article.id
    if before is not None and at_home and fold_colour(before.colour) == place[1]:
        return before
    there = session.scalars(
        select(Colourway).where(Colourway.article_id == article.id).order_by(Colourway.id)
    )
    same = [colourway for colourway in there if fold_colour(colourway.colour) == place[1]]
    for colourway in same:
        if not _size_is_taken(session, colourway, row, plan):
            return colourway
    key = _free_key(session, article, place[1], row.id)
    if before is not None and _others_go_along(session, before, row, plan):
        before.article_id, before.key = article.id, key
        session.flush()
        drop_empty_articles(session)
        return before
    return _make_colourway(session, article, row, key)


def _size_is_taken(session: Session, colourway: Colourway, row: Row, plan: Plan) -> bool:
    size, place = row.texts.get("size", ""), place_of(row)
    others = session.scalars(
        select(Variant.sku).where(
            Variant.colourway_id == colourway.id, Variant.size == size, Variant.sku != row.id
        )
    )
    return any(plan.stays_at(sku, place) for sku in others)


def _others_go_along(session: Session, before: Colourway, row: Row, plan: Plan) -> bool:
    """Check whether all of a colourway goes where this row goes: then it was renamed."""
    others = session.scalars(
        select(Variant.sku).where(Variant.colourway_id == before.id, Variant.sku != row.id)
    )
    return all(plan.is_at(sku, place_of(row)) for sku in others)


def _free_key(session: Session, article: Article, colour: str, sku: str) -> str:
    taken = set(
        session.scalars(select(Colourway.key).where(Colourway.article_id == article.id)).all()
    )
    choices = [colour, f"{colour}#{sku}"]
    choices += [f"{colour}#{sku}#{number}" for number in range(2, len(taken) + 3)]
    return next(key for key in choices if key not in taken)


def _make_colourway(session: Session, article: Article, row: Row, key: str) -> Colourway:
    holder = session.scalar(select(Colourway).where(Colourway.sku == row.id))
    if holder is not None and not _rename_after_variant(session, holder, row.id):
        # Nothing else is left of it: what pointed at it points at this row from now on.
        holder.article_id, holder.key = article.id, key
        session.flush()
        return holder
    made = Colourway(
        article_id=article.id, key=key, sku=row.id, colour=row.texts.get("color", ""),
        pattern=row.texts.get("pattern", ""),
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _rename_after_variant(session: Session, colourway: Colourway, leaving: str) -> bool:
    """Name a colourway after a variant that it keeps; returns whether it has one."""
    kept = session.scalars(
        select(Variant.sku)
        .where(Variant.colourway_id == colourway.id, Variant.sku != leaving)
        .order_by(Variant.id)
    ).all()
    if kept and colourway.sku not in kept:
        held = set(session.scalars(select(Colourway.sku).where(Colourway.sku.in_(kept[:_MANY]))))
        free = [sku for sku in kept if sku not in held]
        colourway.sku = free[0] if free else f"{kept[0]}#{colourway.id}"
        session.flush()
    return bool(kept)


def _settle(session: Session, left: Colourway, successor: Colourway) -> None:
    """Put a colourway right that a variant has left for another one."""
    if not _rename_after_variant(session, left, ""):
        merge_colourways(session, left.id, successor.id)
        drop_empty_articles(session)


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
        picture.kind, picture.parsed_by, picture.used = "", "", True
    if pictures:
        colourway.lab = list(pictures[0].lab)
    for left_over in existing.values():
        session.delete(left_over)


def count_unlisted(session: Session, listed: Collection[str]) -> tuple[int, int]:
    """Count the variants in stock that a feed does not list, and all variants in stock."""
    on_hand = session.scalars(select(Variant.sku).join(Stock).where(Stock.available)).all()
    return sum(sku not in listed for sku in on_hand), len(on_hand)


def take_out_of_stock(session: Session, listed: Collection[str]) -> int:
    """Mark variants that a complete feed no longer lists as out of stock; returns how many.

    Their fingerprints go, so that a feed that lists them again is read again.
    """
    on_hand = session.execute(
        select(Variant.id, Variant.sku).join(Stock).where(Stock.available).order_by(Variant.id)
    )
    gone = [number for number, sku in on_hand if sku not in listed]
    for start in range(0, len(gone), _MANY):
        part = gone[start : start + _MANY]
        session.execute(
            update(Stock).where(Stock.variant_id.in_(part)).values(available=False, quantity=None)
        )
        session.execute(update(Variant).where(Variant.id.in_(part)).values(fingerprint=""))
    return len(gone)
