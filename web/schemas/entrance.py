"""The screen at the entrance."""

from __future__ import annotations

from pydantic import Field

from web.schemas.base import Moment, Schema


class FreeRoom(Schema):
    """A room, and whether no one is in it."""

    room: str
    free: bool


class Capacity(Schema):
    """The rooms, and when the next is free."""

    rooms: list[FreeRoom]
    free_at: Moment | None = Field(
        description="When a room is free with an even chance; null where one is free now, or where "
        "too few visits are known."
    )
    item_limit: int = Field(description="Most garments for one visit; 0 is no limit.")


class Entrance(Capacity):
    """What the entrance's screen shows."""

    now: Moment
    version: int = Field(description="The journal id that it is up to date with.")
    shop: str
