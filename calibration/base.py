"""The base of all parts of a camera's file: error, strict model, relative coordinates."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from common.errors import FittingroomError

Relative = Annotated[float, Field(ge=0, le=1)]
Point = tuple[Relative, Relative]


class CameraError(FittingroomError):
    """A camera's file or calibration is invalid."""

    status: ClassVar[int] = 409


class ShapeError(CameraError):
    """A picture has another shape than the one that masks and gates were made for."""


class Strict(BaseModel):
    """A part of the file: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
