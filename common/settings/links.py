"""Settings of what the shop is linked to: sensors, mail, programs."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from common.sensor import Kind
from common.settings.section import Section


def _address(text: str) -> str:
    """Check the host and port of an address; an empty one is none.

    Raises:
        ValueError: One of them is wrong.
    """
    if not text:
        return text
    try:
        address = urlsplit(text)
        valid = bool(address.hostname) and address.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise ValueError("needs a host, and a port from 1 to 65535 if any")
    return text


class RoomSensor(Section):
    """A sensor at a room, as an MQTT broker distributes it."""

    topic: Annotated[str, Field(pattern=r"^[^+#\x00]+$", max_length=1000)]
    kind: Kind = "contact"
    inverted: bool = False


class SensorSettings(Section):
    """Sensors at the rooms."""

    mqtt: Annotated[
        str,
        Field(
            pattern=r"^(mqtts?://[^\s/?#]+/?)?$",
            description="MQTT broker that distributes what sensors at the rooms report, "
            "`mqtt://user:password@192.168.1.5` say, or `mqtts://` with TLS; empty is none. See "
            "[Sensors at the rooms](../how-to/sensors.md).",
        ),
        AfterValidator(_address),
    ] = ""
    rooms: Annotated[
        dict[str, RoomSensor],
        Field(
            description="The sensor of each room at that broker, in a section of its own such as "
            "`[sensors.rooms.3]`: `topic`; `kind`, `contact` (the default) or `occupancy`; "
            "`inverted = true` where it reports the opposite."
        ),
    ] = {}  # noqa: RUF012 - pydantic copies it

    @model_validator(mode="after")
    def _complete(self) -> SensorSettings:
        if self.rooms and not self.mqtt:
            raise ValueError("sensors.rooms needs sensors.mqtt, the address of the broker")
        if self.mqtt and not self.rooms:
            raise ValueError("sensors.mqtt needs the topic of a room's sensor: [sensors.rooms.1]")
        return self


class SummarySettings(Section):
    """The daily summary, sent to people and programs."""

    email: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[^@\s,<>]+@[^@\s,<>]+$")], ...],
        Field(
            description="Who is sent the figures of each day by e-mail, a quarter of an hour after "
            "the shop has closed, or at 22:00 without `shop.opening_hours`; empty sends none."
        ),
    ] = ()
    smtp: Annotated[
        str,
        Field(
            pattern=r"^((smtps?|smtp\+plain)://([^\s/?#@:]+@)?[^\s/?#@:]+(:\d{1,5})?)?$",
            description="The mail server: `smtp://user@smtp.example.com:587` (STARTTLS), "
            "`smtps://…` (TLS), or `smtp+plain://localhost:25` without encryption. The user, with "
            "`%40` for an @, is also the sender. The password stands in the environment: "
            "`FITTINGROOM_SMTP_PASSWORD`, or `FITTINGROOM_SMTP_PASSWORD_FILE` with the path of a "
            "secret.",
        ),
        AfterValidator(_address),
    ] = ""
    webhook: Annotated[
        str,
        Field(
            pattern=r"^(https?://\S+)?$",
            description="HTTP address that is sent the figures of each day as JSON, signed as "
            "Standard Webhooks says with the secret (`whsec_…`) in "
            "`FITTINGROOM_SUMMARY_SECRET` or `FITTINGROOM_SUMMARY_SECRET_FILE`; empty is none.",
        ),
        AfterValidator(_address),
    ] = ""

    @model_validator(mode="after")
    def _complete(self) -> SummarySettings:
        if self.email and not self.smtp:
            raise ValueError("summary.email needs summary.smtp")
        return self
