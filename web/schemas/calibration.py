"""The steps of a camera's calibration."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, RootModel

from web.schemas.articles import RankedArticle
from web.schemas.base import AnyText, Done, Schema, Text
from web.schemas.cameras import Box, Gate, Masks, Point

Metres = Annotated[float, Field(ge=-1e5, le=1e5)]


class SetMasks(Schema):
    """Areas that are never seen."""

    masks: Masks


class ConfirmMasks(Schema):
    """Who stands for the masks, and which picture was looked at."""

    by: AnyText = Field("", description="Who is logged in confirms by their own name.")
    shown: Text = Field(
        description="The header X-Masked-Picture of the preview that was looked at."
    )


class SetGates(Schema):
    """Lines at which people go in and out."""

    gates: Annotated[list[Gate], Field(max_length=64)]


class CalibrateLens(Schema):
    """Take a view of the board, start anew, work out the lens, or forget it."""

    act: Literal["view", "restart", "solve", "forget"]


class PlaceSheet(Schema):
    """Take the sheet where it lies, start anew, work out the floor, or forget it."""

    act: Literal["place", "restart", "solve", "forget"]


class MeasuredPoint(Schema):
    """A place on the floor, in the picture and in metres."""

    at: Point
    metres: Annotated[list[Metres], Field(min_length=2, max_length=2)]


class MeasuredFloor(Schema):
    """Places on the floor that were measured."""

    points: Annotated[list[MeasuredPoint], Field(max_length=64)]


class CalibrateFloor(RootModel[PlaceSheet | MeasuredFloor]):
    """How the floor lies: by a sheet, or by measured places."""


class ColourChart(Schema):
    """A colour chart that is held up; it is looked for where no corners are given."""

    by: Literal["chart"]
    corners: Annotated[list[Point], Field(min_length=4, max_length=4)] | None = None


class WhiteSheet(Schema):
    """A white sheet that is held up."""

    by: Literal["sheet"]
    box: Box


class NoCorrection(Schema):
    """Forget the correction."""

    by: Literal["nothing"]


class CorrectColour(RootModel[ColourChart | WhiteSheet | NoCorrection]):
    """By what the colours are corrected."""


class ColourErrors(Schema):
    """How far colours were off, and are now (CIE ΔE)."""

    before: float
    after: float


class ColourCorrected(RootModel[Done | ColourErrors]):
    """What became of the colours."""


class WalkAct(Schema):
    """Start a walk test, or end it."""

    act: Literal["start", "stop"]


class EnrolView(Schema):
    """The article that is held up; without one, only say what it may be."""

    sku: Text = ""


class Enrolment(Schema):
    """Which articles the garment that is held up may be, best first."""

    now: list[RankedArticle]
    uncorrected: list[RankedArticle] | None = Field(description="Without the colour correction.")
