"""The tables of the catalogue: articles, their pictures and embeddings, and looks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from store.schema.base import Base


class Article(Base):
    """A style: one cut, in one or more colourways."""

    __tablename__ = "article"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    brand: Mapped[str] = mapped_column(default="")
    category: Mapped[str] = mapped_column(index=True)
    product_type: Mapped[str] = mapped_column(default="")
    google_category: Mapped[str] = mapped_column(default="")
    gender: Mapped[str] = mapped_column(default="")
    age_group: Mapped[str] = mapped_column(default="")
    material: Mapped[str] = mapped_column(default="")
    colourways: Mapped[list[Colourway]] = relationship(back_populates="article")


class Colourway(Base):
    """A style in one colour: what a picture shows and a camera can distinguish.

    `sku` is that of its first variant and names the colourway everywhere; `lab` is its
    colour as L*, a*, b*, measured on its first picture.
    """

    __tablename__ = "colourway"
    __table_args__ = (UniqueConstraint("article_id", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), index=True)
    key: Mapped[str]
    sku: Mapped[str] = mapped_column(unique=True)
    colour: Mapped[str] = mapped_column(default="")
    pattern: Mapped[str] = mapped_column(default="")
    lab: Mapped[list[Any]] = mapped_column(default=lambda: [50.0, 0.0, 0.0])
    article: Mapped[Article] = relationship(back_populates="colourways")
    variants: Mapped[list[Variant]] = relationship(
        back_populates="colourway", order_by="Variant.id"
    )
    pictures: Mapped[list[Picture]] = relationship(
        back_populates="colourway", order_by="Picture.position"
    )


class Variant(Base):
    """A colourway in one size: what lies on a `shelf`, as the feed names it.

    `gtin` has 14 digits (`gtin.normalise_gtin`), or is empty.
    `sale_price` counts from `sale_from` until `sale_until` (`sales.price_at`).
    """

    __tablename__ = "variant"
    id: Mapped[int] = mapped_column(primary_key=True)
    colourway_id: Mapped[int] = mapped_column(ForeignKey("colourway.id"), index=True)
    sku: Mapped[str] = mapped_column(unique=True)
    gtin: Mapped[str] = mapped_column(default="", index=True)
    size: Mapped[str] = mapped_column(default="")
    price: Mapped[int | None] = mapped_column(BigInteger)
    sale_price: Mapped[int | None] = mapped_column(BigInteger)
    sale_from: Mapped[float | None]
    sale_until: Mapped[float | None]
    currency: Mapped[str] = mapped_column(default="")
    shelf: Mapped[str] = mapped_column(default="")
    fingerprint: Mapped[str] = mapped_column(default="")
    colourway: Mapped[Colourway] = relationship(back_populates="variants")
    stock: Mapped[Stock] = relationship(back_populates="variant")


class Stock(Base):
    """What is on hand of a variant; `quantity` is null where the feed only says yes or no."""

    __tablename__ = "stock"
    variant_id: Mapped[int] = mapped_column(ForeignKey("variant.id"), primary_key=True)
    available: Mapped[bool]
    quantity: Mapped[int | None]
    variant: Mapped[Variant] = relationship(back_populates="stock")


class Picture(Base):
    """A picture of a colourway; the file lies in the site's `pictures/` under its hash.

    `kind` is what it shows (`store.pictures.Kind`), as `parsed_by` found: the parser's weights and
    the category that it looked for. A picture that is not `used` is shown, but not embedded.
    """

    __tablename__ = "picture"
    __table_args__ = (UniqueConstraint("colourway_id", "position"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    colourway_id: Mapped[int] = mapped_column(ForeignKey("colourway.id"), index=True)
    position: Mapped[int]
    link: Mapped[str]
    file: Mapped[str]
    kind: Mapped[str] = mapped_column(default="", server_default="")
    parsed_by: Mapped[str] = mapped_column(default="", server_default="")
    used: Mapped[bool] = mapped_column(default=True, server_default=true())
    vectors: Mapped[list[Vector]] = relationship(cascade="all, delete-orphan")
    colourway: Mapped[Colourway] = relationship(back_populates="pictures")


class Vector(Base):
    """A picture's embedding by one model: float16, L2-normalised; and its cells, int8."""

    __tablename__ = "vector"
    picture_id: Mapped[int] = mapped_column(ForeignKey("picture.id"), primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    cells: Mapped[bytes | None] = mapped_column(LargeBinary)


class View(Base):
    """How a camera of this shop saw a colourway.

    It was held up to the camera (`source` is `held`), or learned from a garment that was confirmed
    to be this article (`store.learning.SOURCES`); a learned one has no camera and no time, and
    `item_id` for as long as the garment's visit lasts. Learned views of one garment have one number
    in `garment`; `trust` is the probability that their label is right (`common.labels`), 0 before
    it was computed. The embedding is kept, never the picture,
    which may show who held it; other weights cannot use it.
    """

    __tablename__ = "view"
    id: Mapped[int] = mapped_column(primary_key=True)
    colourway_id: Mapped[int] = mapped_column(ForeignKey("colourway.id"), index=True)
    model: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    cells: Mapped[bytes | None] = mapped_column(LargeBinary)
    camera: Mapped[str]
    time: Mapped[float]
    source: Mapped[str] = mapped_column(default="held")
    garment: Mapped[int] = mapped_column(default=0, server_default="0")
    trust: Mapped[float] = mapped_column(default=0.0, server_default="0")
    item_id: Mapped[int | None] = mapped_column(
        ForeignKey("visit_item.id", ondelete="SET NULL"), index=True
    )


class Look(Base):
    """An outfit of the shop's look book.

    `origin` is `stylist` (imported), `composed` (by the stylist model) or `staff` (made here);
    `state` is `open`, `kept` or `dropped` by staff. `score` is the model's, 0 where it gave none.
    """

    __tablename__ = "look"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    origin: Mapped[str] = mapped_column(default="stylist", index=True)
    state: Mapped[str] = mapped_column(default="open", index=True)
    score: Mapped[float] = mapped_column(default=0.0)
    title: Mapped[str] = mapped_column(default="")
    items: Mapped[list[LookItem]] = relationship(
        back_populates="look", order_by="LookItem.position", cascade="all, delete-orphan"
    )


class LookItem(Base):
    """One article of a look."""

    __tablename__ = "look_item"
    look_id: Mapped[int] = mapped_column(ForeignKey("look.id"), primary_key=True)
    colourway_id: Mapped[int] = mapped_column(
        ForeignKey("colourway.id"), primary_key=True, index=True
    )
    position: Mapped[int]
    look: Mapped[Look] = relationship(back_populates="items")
    colourway: Mapped[Colourway] = relationship()


class Sale(Base):
    """One article sold at the till, as reported by the shop's system."""

    __tablename__ = "sale"
    id: Mapped[int] = mapped_column(primary_key=True)
    time: Mapped[float] = mapped_column(index=True)
    receipt: Mapped[str]
    variant_id: Mapped[int] = mapped_column(ForeignKey("variant.id"), index=True)
    quantity: Mapped[int] = mapped_column(default=1)
    __table_args__ = (UniqueConstraint("receipt", "variant_id"),)
