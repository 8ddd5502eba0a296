"""Logins and screens."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from web.schemas.base import AnyText, Moment, Schema, Text


class LogIn(Schema):
    """A name with its PIN or password."""

    name: Text
    secret: Text = Field(json_schema_extra={"format": "password"})
    next: AnyText = Field("", description="The page to go on to.")


class LoggedIn(Schema):
    """The login has begun; its cookie comes with the answer."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    status: Literal["ok"] = "ok"
    next: str = Field(description="The page to go on to.")


class OpenLogin(Schema):
    """A login that has not ended."""

    id: int
    account: str
    role: str
    device: str
    address: str
    since: Moment
    seen_at: Moment
    this: bool = Field(description="Whether it is the one that asks.")


class AccessEvent(Schema):
    """A line of the audit log."""

    id: int
    time: Moment
    event: str
    outcome: str
    account: str
    address: str
    device: str


class AccessLog(Schema):
    """The open logins and the newest events."""

    logins: list[OpenLogin]
    events: list[AccessEvent]


class EndLogin(Schema):
    """Which logins to end."""

    everywhere: bool = Field(description="All logins of the account, not this one alone.")


class LoginsEnded(Schema):
    """How many logins were ended."""

    ended: int


class Pairing(Schema):
    """How far this screen is."""

    paired: bool
    valid: bool = Field(description="Whether its code can still be used.")


class PairScreen(Schema):
    """The code that a screen shows."""

    code: Text


class PairedScreen(Schema):
    """The room that the screen shows now."""

    room: str
