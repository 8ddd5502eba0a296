"""What all schemas are made of."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

#: A text that is not empty, without the space around it.
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"\S"),
]
#: A text that may be empty.
AnyText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
#: What a scanner or a person reads off a tag; a Digital Link may be long.
TagCode = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4096, pattern=r"\S"),
]
#: A row's number in the database.
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
#: Seconds since the epoch.
Moment = Annotated[float, Field(description="Seconds since the epoch.")]


def _drop_titles(schema: dict[str, Any]) -> None:
    """Leave out the titles that pydantic makes of the fields' names; they say nothing more."""
    for field in schema.get("properties", {}).values():
        field.pop("title", None)


class Schema(BaseModel):
    """A JSON object of known fields; nothing is converted, so `"1"` is no number."""

    model_config = ConfigDict(
        strict=True, extra="forbid", serialize_by_alias=True, json_schema_extra=_drop_titles
    )


class Query(BaseModel):
    """What stands behind `?` in an address; numbers are written as texts there."""

    model_config = ConfigDict(extra="ignore", json_schema_extra=_drop_titles)


class ErrorDetail(Schema):
    """What went wrong."""

    status: int = Field(description="The HTTP status.")
    message: str = Field(description="What happened and what to do, for people.")


class Error(Schema):
    """The answer to every request that is refused or fails."""

    error: ErrorDetail


class Nothing(Schema):
    """An empty object."""


class Done(Schema):
    """It is done."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    status: Literal["ok"] = "ok"


class Created(Schema):
    """It is made, under this number."""

    id: int


class AnyObject(BaseModel):
    """A JSON object of any fields."""

    model_config = ConfigDict(extra="allow")


class EventHeaders(Query):
    """What a page that follows events says when it comes back."""

    last_event_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,18}$")] = Field(
        "", alias="Last-Event-Id", description="The id of the last event that it got."
    )
