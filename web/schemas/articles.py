"""Articles, as screens and pages show them."""

from __future__ import annotations

from pydantic import Field

from web.schemas.base import Schema

_SKU = "Names the colourway; it is that of its first size."
_STYLE = "The number of the style, without a size."
_PICTURE = "Path on this server, a packshot trimmed and on white; empty without a picture."
_THUMBNAIL = "The same in small."


class Price(Schema):
    """A price in the unit that people read."""

    amount: float
    currency: str
    is_lowest: bool = Field(alias="from", description="Whether other sizes cost more.")


class Size(Schema):
    """A size that an article comes in."""

    size: str
    available: bool


class Colour(Schema):
    """A colour that a style comes in."""

    sku: str = Field(description=_SKU)
    colour: str
    picture: str = Field(description=_PICTURE)
    thumbnail: str = Field(description=_THUMBNAIL)
    available: bool
    sizes: list[Size]


class Variant(Schema):
    """One size of an article."""

    sku: str
    size: str = Field(description="Empty where it comes in one size.")
    price: Price | None
    shelf: str = Field(description="Where it lies; empty if not known.")


class Article(Schema):
    """A colourway of the catalogue."""

    sku: str = Field(description=_SKU)
    style: str = Field(description=_STYLE)
    title: str
    brand: str
    category: str
    colour: str
    price: Price | None
    picture: str = Field(description=_PICTURE)
    thumbnail: str = Field(description=_THUMBNAIL)
    sizes: list[Size] = Field([], description="Where a page shows them.")
    colours: list[Colour] = Field([], description="Where a page shows them.")
    carried: bool = Field(False, description="Of an outfit's articles: whether it was carried in.")
    variant: Variant | None = Field(None, description="The size that a tag or a person named.")


class RankedArticle(Schema):
    """An article that a garment may be."""

    sku: str = Field(description=_SKU)
    style: str = Field(description=_STYLE)
    title: str
    brand: str
    category: str
    colour: str
    price: Price | None
    picture: str = Field(description=_PICTURE)
    thumbnail: str = Field(description=_THUMBNAIL)
    score: float


class Garment(Schema):
    """A garment in a room: an article, or as much as was seen of it."""

    sku: str = Field("", description=_SKU)
    style: str = Field("", description=_STYLE)
    title: str = Field(description="Empty where the article is not known.")
    brand: str = ""
    category: str
    category_certain: bool = Field(
        True,
        description="False where no category of an unknown garment is clearly ahead of the others.",
    )
    colour: str
    price: Price | None = None
    picture: str = Field(description=_PICTURE)
    thumbnail: str = Field(description=_THUMBNAIL)
    variant: Variant | None
    id: int = Field(0, description="The garment's number in its room, on the staff's page.")
    candidates: list[Article] = Field([], description="What else it may be, on the staff's page.")
