"""The staff's page: rooms, requests, what was not seen coming out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from store.cameras import STATES
from web.schemas.articles import Garment
from web.schemas.base import AnyText, Moment, Number, Schema
from web.schemas.entrance import Capacity
from web.schemas.rooms import Request


class Decided(Schema):
    """What was decided last about the visits of a room, and why."""

    act: Literal["closed", "interrupted", "hidden", "resumed", "returned", "moved"]
    reason: str = Field(description="As in the journal: `left`, `next`, `quiet`, `staff`.")
    evidence: str = Field(
        description="What sensors at the room contribute, `door_opened` say; empty if nothing."
    )
    origin: str = Field(alias="from", description="The room that a shopper moved from, or empty.")
    probability: float | None = Field(description="Of the decision, where it has one.")
    time: Moment


class StaffRoom(Schema):
    """A room and what is in it."""

    room: str
    occupied: bool
    cleared_until: Moment | None = Field(
        description="Until when whoever crosses its gate is staff, who clear it."
    )
    since: Moment | None
    items: list[Garment]
    decided: Decided | None = Field(description="In the last ten minutes.")


class CameraStatus(Schema):
    """What a camera does."""

    camera: str
    state: str = Field(json_schema_extra={"enum": list(STATES)})
    cause: str = Field(description="Why, in a word; empty if not known.")
    problem: str = Field(description="What happened and what to do.")
    ok: bool = Field(description="Whether nobody has to do anything.")
    since: Moment | None
    heartbeat_age: float | None = Field(description="In seconds.")
    frame_age: float | None = Field(description="In seconds.")
    fps: float | None = Field(description="Frames a second, lately.")


class LeftItem(Schema):
    """A garment that was not seen coming out."""

    id: int
    visit: int
    opened_at: Moment
    closed_at: Moment
    article: Garment


class LeftInRoom(Schema):
    """What was not seen coming out of a room."""

    room: str
    items: list[LeftItem]


class Staff(Schema):
    """What the staff's page shows."""

    now: Moment
    version: int = Field(description="The journal id that it is up to date with.")
    shop: str
    rooms: list[StaffRoom]
    requests: list[Request]
    cameras: list[CameraStatus]
    capacity: Capacity
    target_s: float = Field(description="How soon staff should be with a shopper who asked.")
    left: list[LeftInRoom]
    left_more: Annotated[int, Field(ge=0)] = Field(
        description="How many more were not seen coming out; only the newest are in it."
    )


class ChangeRequest(Schema):
    """What staff do with a request; a declined one may have a reason."""

    state: Literal["taken", "answered", "done", "declined", "cancelled"]
    answer: AnyText = ""
    reason: Literal["", "out_of_stock", "not_found", "other"] = ""

    @model_validator(mode="after")
    def _check_words(self) -> ChangeRequest:
        if self.state == "answered" and not self.answer:
            raise PydanticCustomError("answer", "'answer' must be a text that is not empty.")
        if self.reason and self.state != "declined":
            raise PydanticCustomError("reason", "Only a declined request has a 'reason'.")
        return self


class CheckLeft(Schema):
    """Garments that staff checked for."""

    items: Annotated[list[Number], Field(min_length=1, max_length=1000)]


class CheckedLeft(Schema):
    """How many of them were still to be checked for."""

    checked: Annotated[int, Field(ge=0)]
