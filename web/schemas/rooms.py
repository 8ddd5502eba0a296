"""A room's screen: what it shows, and what a shopper does there."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, RootModel

from common.sensor import State
from store.requests import REASONS
from web.schemas.articles import Article, Garment, Variant
from web.schemas.base import AnyText, Moment, Number, Schema, TagCode, Text


class Item(Schema):
    """A garment that was carried into the room."""

    id: int
    category: str
    category_certain: bool = Field(
        description="False where no category of an unknown garment is clearly ahead of the others."
    )
    state: Literal["in", "not_mine"]
    article: Article | None
    variant: Variant | None
    candidates: list[Article]


class Why(Schema):
    """Why an outfit is suggested, for the page to put into its language."""

    text: str
    one: str | None
    category: str
    other: str


class Outfit(Schema):
    """An outfit for a garment of the room."""

    id: str
    source: str
    pieces: list[Article]
    item: int = Field(description="The garment that it is for.")
    why: Why


class Alternative(Schema):
    """An article in stock, to ask for instead of a declined one."""

    kind: Literal["colour", "size", "similar"]
    size: str
    article: Article


class Request(Schema):
    """What a shopper asks staff for."""

    id: int
    kind: Literal["person", "article"]
    state: Literal["open", "taken", "answered", "done", "declined", "cancelled"]
    size: str
    answer: str
    reason: str = Field(json_schema_extra={"enum": ["", *REASONS]})
    room: str
    unsure: bool = Field(
        description="Whether the shopper may have left: no screen shows her visit any more."
    )
    opened_at: Moment
    taken_by: str
    shelf: str = Field(description="Where it lies; empty if not known.")
    article: Article | None
    variant: Variant | None
    alternatives: list[Alternative] = Field([], description="On screens only.")


class WaitingGarments(Schema):
    """Garments that wait for one of several rooms."""

    visit: int
    garments: list[Garment]


class LookOnShow(Schema):
    """A look that an empty room's screen shows."""

    id: int
    title: str = Field(description="Empty without a name.")
    pieces: list[Article]


class Room(Schema):
    """What a room's screen shows."""

    now: Moment
    version: int = Field(description="The journal id that it is up to date with.")
    room: str
    shop: str
    visit: int | None
    items: list[Item]
    outfits: list[Outfit]
    similar: list[Article]
    requests: list[Request]
    waiting: list[WaitingGarments]
    looks: list[LookOnShow]


class MarkItem(Schema):
    """Whether a garment is the shopper's."""

    mine: bool


class CorrectItem(Schema):
    """Which article a garment is, by the SKU of its card."""

    sku: Text


class TagScan(Schema):
    """A tag: SKU, or GTIN in any form that scanners send."""

    code: TagCode


class ChangeItem(RootModel[MarkItem | CorrectItem | TagScan]):
    """What a garment is, or whose."""


class ClaimGarments(Schema):
    """Whether garments that wait are the shopper's."""

    visit: Number
    mine: bool


class ReportSignal(Schema):
    """What a sensor at the room reports from now on."""

    state: State


class CreateRequest(Schema):
    """What a shopper asks for: an article, perhaps in a size; without one, a person."""

    sku: Text = ""
    size: AnyText = ""
    look: bool = Field(
        False, description="From a look that an empty room's screen showed: opens a visit."
    )


class CreateList(Schema):
    """The language of the list to take along; the shop's first if it has no such language."""

    language: AnyText = ""


class TakeAlongList(Schema):
    """Where a phone finds the list."""

    address: str
    qr: str = Field(description="The address as a QR code: a data URI of an SVG.")


class OutfitsShown(Schema):
    """Outfits that are on the screen, by their ids."""

    shown: list[Text]


class OutfitReaction(Schema):
    """What a shopper did with an outfit."""

    outfit: Text
    kind: Literal["opened", "dropped"]


class RecordOutfits(RootModel[OutfitsShown | OutfitReaction]):
    """What became of outfits on the screen."""
