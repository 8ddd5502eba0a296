"""Cameras: adding, changing, looking through them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from web.schemas.base import Moment, Number, Query, Schema, Text

Share = Annotated[float, Field(ge=0, le=1)]
#: A place in the picture, from its left upper corner.
Point = Annotated[list[Share], Field(min_length=2, max_length=2)]
#: Left, top, right and bottom of an area of the picture.
Box = Annotated[list[Share], Field(min_length=4, max_length=4)]
#: Where something is seen; a lens without distortion may show it outside of the picture.
Seen = Annotated[list[float], Field(min_length=2, max_length=2)]
Polygon = Annotated[list[Point], Field(min_length=3, max_length=64)]
Masks = Annotated[list[Polygon], Field(max_length=64)]
Source = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Secret = Annotated[
    str, StringConstraints(max_length=200), Field(json_schema_extra={"format": "password"})
]


class Gate(Schema):
    """A line on the floor, and the side of it that leads to the rooms."""

    name: Text
    start: Point = Field(alias="from")
    end: Point = Field(alias="to")
    inside: Literal["left", "right", "up", "down"] = Field(alias="in")
    rooms: Annotated[list[Text], Field(min_length=1, max_length=64)]


class CalibrationStep(Schema):
    """A step of the calibration."""

    name: str
    title: str
    needed: bool = Field(description="Whether the camera is of no use without it.")
    done: bool
    said: str = Field(description="What came out, or what is missing.")
    warning: str


class CameraVersion(Schema):
    """A version of a camera's file that was kept."""

    number: int
    saved_at: Moment


class Camera(Schema):
    """How far a camera's calibration is."""

    name: str
    source: str = Field(description="Without user, password or token.")
    credentials: bool = Field(description="Whether any are known.")
    enabled: bool
    steps: list[CalibrationStep]
    masks: Masks
    confirmed: str | None = Field(description="Who confirmed the masks.")
    gates: list[Gate]
    has: list[Literal["lens", "floor", "colour"]]
    badge_cm: int = Field(description="Side of the smallest tag of a badge that is read here.")
    badge_measured: bool = Field(description="Whether that is by this camera's picture.")
    grid: list[list[Seen]] = Field(description="Lines on the floor, half a metre apart.")
    versions: list[CameraVersion]
    account: str | None = Field(description="Who is logged in.")


class AddCamera(Schema):
    """A new camera."""

    name: Text
    source: Source
    user: Secret | None = None
    password: Secret | None = None


class CameraName(Schema):
    """A camera's name."""

    name: Text


class ChangeAddress(Schema):
    """A camera's address, user or password; what is left out stays."""

    source: Source | None = None
    user: Secret | None = None
    password: Secret | None = None
    forget: bool = Field(False, description="Forget user and password.")


class CameraAddress(Schema):
    """A camera's address now."""

    source: str = Field(description="Without user, password or token.")
    confirmed: bool = Field(description="Whether its masks are still confirmed.")


class EnableCamera(Schema):
    """Whether a camera is used."""

    enabled: bool


class RestoreVersion(Schema):
    """The version to bring back."""

    number: Number


class LiveQuery(Query):
    """What of the picture is asked for."""

    step: str = Field("", max_length=200, description="The step: picture, lens, floor, walk …")
    page: str = Field("", max_length=200, description="An id of the page's own, for `left`.")


class LeavePage(Schema):
    """A page that no longer follows a camera."""

    page: Text = Field(description="The id that it gave `live`.")


class SeenBox(Schema):
    """A person or a garment that is seen now."""

    kind: Literal["person", "garment"]
    box: Box
    metres: Seen | None = Field(None, description="Where a person stands, if the floor is known.")


class WalkStep(Schema):
    """One walk of the test."""

    asked: str
    passed: bool | None
    said: str


class WalkTest(Schema):
    """How a walk test goes."""

    verdict: Literal["open", "pass", "fail"]
    steps: list[WalkStep]


class CameraLive(Schema):
    """What a camera sees now, as far as a step needs it."""

    problem: str
    reshaped: bool
    unclear: str = Field("", description="Why masks cannot be confirmed on this picture.")
    boxes: list[SeenBox] = Field([], description="People and garments.")
    picture: dict[str, Any] | None = Field(None, description="What the picture is like.")
    board: dict[str, Any] = Field({}, description="How the board is seen.")
    sheet: dict[str, Any] = Field({}, description="How the sheet is seen.")
    walk: WalkTest | None = None
