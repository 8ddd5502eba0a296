"""The settings of a site: the sections and keys of `fittingroom.toml` (`common.settings_file`)."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from common.languages import LANGUAGES
from common.sensor import Kind


def _language(code: str) -> str:
    """Check that the screens are translated to a language.

    Raises:
        ValueError: They are not.
    """
    if code not in LANGUAGES:
        raise ValueError(f"{code!r} is no language of the screens; known: {', '.join(LANGUAGES)}.")
    return code


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _opening_hours(text: str) -> str:
    """Check opening hours.

    Raises:
        ValueError: They are none.
    """
    if text:
        from common.opening_hours import Hours  # most commands need none

        Hours(text)
    return text


def _country(code: str) -> str:
    """Check that a country's public holidays are known.

    Raises:
        ValueError: They are not.
    """
    if code:
        from common.opening_hours import Hours

        try:
            Hours("24/7", code)
        except ValueError as error:
            raise ValueError(f"no holidays of {code!r} are known; give its ISO code") from error
    return code


class ShopSettings(_Section):
    """The shop."""

    name: Annotated[str, Field(description="Shown on the idle screen and the staff page.")] = (
        "Fitting room"
    )
    languages: Annotated[
        tuple[Annotated[str, AfterValidator(_language)], ...],
        Field(
            min_length=1,
            description="Languages that shoppers can choose; screens start in the first.",
        ),
    ] = tuple(LANGUAGES)
    item_limit: Annotated[
        int,
        Field(
            ge=0,
            le=99,
            description="Most garments that a shopper should take into a room: a hint at the "
            "entrance, and staff see rooms that have more. 0 is no limit.",
        ),
    ] = 0
    opening_hours: Annotated[
        str,
        AfterValidator(_opening_hours),
        Field(
            description="When the shop is open, as OpenStreetMap writes it: "
            "`Mo-Sa 10:00-20:00; PH off`. `/insights` marks closed days, and the daily summary is "
            "sent when the shop has closed. Empty is not known."
        ),
    ] = ""
    country: Annotated[
        str,
        AfterValidator(_country),
        Field(
            description="ISO code of the country, `DE` say, whose public holidays `PH` in the "
            "opening hours means.",
        ),
    ] = ""


class DatabaseSettings(_Section):
    """Where the records are kept."""

    url: Annotated[
        str,
        Field(
            description="SQLAlchemy address; empty is `fittingroom.db` in the site folder. An "
            "address with a password is better kept out of this file: `FITTINGROOM_DATABASE_URL` "
            "in the environment, or `FITTINGROOM_DATABASE_URL_FILE` with the path of a "
            "secret, takes its place."
        ),
    ] = ""


class CatalogueSettings(_Section):
    """The import of articles."""

    currency: Annotated[
        str,
        Field(
            pattern=r"^([A-Z]{3})?$",
            description="Currency of prices that name none, such as `EUR`; it also says what `$`, "
            "`¥` and `kr` mean. Empty is none.",
        ),
    ] = ""
    private_hosts: Annotated[
        tuple[str, ...],
        Field(
            description="Hosts and networks of your own, `pim.local` or `10.0.0.0/8` say, that a "
            "picture's address may be redirected to. Other redirects into private networks are "
            "refused; an address that the feed itself names may be private, but not link-local."
        ),
    ] = ()
    parser: Annotated[
        str,
        Field(
            description="What looks at articles' pictures before they are embedded, and cuts out "
            "what somebody wears: `mobilenet`, or the name of an installed plug-in. Empty embeds "
            "every picture whole. After a change run `fittingroom catalogue index`."
        ),
    ] = "mobilenet"


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError("Give addresses or networks, such as 127.0.0.1 or 10.0.0.0/8") from error
    return text


class WebSettings(_Section):
    """The web server."""

    host: Annotated[
        str, Field(description="Address to listen on; `0.0.0.0` lets other machines in.")
    ] = "127.0.0.1"
    open: Annotated[
        bool,
        Field(description="Disables authentication; for development only."),
    ] = False
    address: Annotated[
        str,
        Field(
            description="Address of this server as a shopper's phone reaches it, "
            "`https://rooms.example.com` say, for the list to take along; empty is the address "
            "the screen uses.",
            pattern=r"^(https?://[^\s/?#@]+(/[^\s?#]*)?)?$",
        ),
    ] = ""
    hosts: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[^\s/\[\]@]+$")], ...],
        Field(
            description="Further names and addresses under which browsers reach this server, "
            "`rooms.example.com` say, or `.example.com` for all names within. It answers anyway to "
            "the name in `web.address`, the machine's own name, and local addresses."
        ),
    ] = ()
    prefix: Annotated[
        str,
        Field(
            pattern=r"^(/[\w.~-]+)*$",
            description="Path under which a proxy shows this server, `/fitting` say, where it does "
            "not send `X-Forwarded-Prefix`.",
        ),
    ] = ""
    trusted_proxies: Annotated[
        tuple[Annotated[str, AfterValidator(_network)], ...],
        Field(
            description="Addresses and networks of the proxies before this server, such as "
            '`["127.0.0.1"]`; what they say in `X-Forwarded-For`, `-Proto`, `-Host` and `-Prefix` '
            "is believed. See [HTTPS behind a proxy](../how-to/https.md)."
        ),
    ] = ()
    port: Annotated[int, Field(ge=1, le=65535, description="Port to listen on.")] = 8080
    webhook: Annotated[
        str,
        Field(
            pattern=r"^(https?://\S+)?$",
            description="HTTP address that is sent each new request as JSON, its `text` as chat "
            "programs show it; empty is none.",
        ),
    ] = ""
    screens: Annotated[
        int,
        Field(
            ge=1,
            le=400,
            description="How many screens may follow live at once; one more gets a 503.",
        ),
    ] = 60
    staff_pages: Annotated[
        int,
        Field(
            ge=1,
            le=400,
            description="How many pages of people who are logged in may follow live at once.",
        ),
    ] = 60


class VisionSettings(_Section):
    """The watchers."""

    frames_per_second: Annotated[
        float, Field(gt=0, le=60, description="Frames looked at in a second, a camera.")
    ] = 10.0
    threads: Annotated[
        int, Field(ge=1, le=64, description="Processor threads a watcher's models may use.")
    ] = 2
    detector: Annotated[
        str,
        Field(
            description="What finds people and garments: `yolo`, a model of this site "
            "(`fittingroom model`), or the name of an installed plug-in."
        ),
    ] = "yolo"
    embedder: Annotated[
        str,
        Field(
            description="What recognises garments: `mobilenet`, a model of this site "
            "(`fittingroom model`), or the name of an installed plug-in. After a change run "
            "`fittingroom catalogue index`."
        ),
    ] = "mobilenet"


class MatchingSettings(_Section):
    """From a garment to an article."""

    caution: Annotated[
        float,
        Field(
            ge=-0.5,
            le=0.5,
            description="Added to the probability that a match "
            "needs: more makes 'unknown' more frequent and wrong "
            "articles rarer.",
        ),
    ] = 0.0
    learn: Annotated[
        bool,
        Field(
            description="Learn how articles look when they are carried, from garments that a tag, "
            "a correction or a confident match in and out confirms. Embeddings alone are kept, "
            "without time, room or visit. The match probability of each camera is corrected by the "
            "matches that people confirmed or put right. `fittingroom learning` shows and undoes "
            "both."
        ),
    ] = True
    stock: Annotated[
        bool,
        Field(
            description="Rank articles also by what is in stock here: the feed's availability, "
            "the last sale and the last visit to a room. Stock may be wrong: an article that is "
            "not listed can still be matched."
        ),
    ] = False


class ScreenSettings(_Section):
    """The pages in the rooms."""

    outfits: Annotated[int, Field(ge=0, le=24, description="Outfits shown at the most.")] = 6
    suggestions: Annotated[
        Literal["open", "closed"],
        Field(description="Whether suggestions are shown at once or when the shopper wants them."),
    ] = "open"
    quiet_minutes: Annotated[
        float, Field(gt=0, le=240, description="A visit in which nothing happens ends after this.")
    ] = 20.0


class OutfitSettings(_Section):
    """The stylist."""

    season: Annotated[
        Literal["auto", "warm", "mild", "cold"],
        Field(description="Decides on coats and shorts; `auto` goes by the month."),
    ] = "auto"
    southern: Annotated[
        bool, Field(description="The shop lies south of the equator (for `auto`).")
    ] = False
    learn: Annotated[
        bool,
        Field(description="Rank outfits also by what this shop's shoppers did with earlier ones."),
    ] = True


class PrivacySettings(_Section):
    """What is kept, and who answers for it."""

    keep_days: Annotated[
        int,
        Field(
            ge=1,
            le=3650,
            description="Visits, requests, what was shown and the journal are deleted after this.",
        ),
    ] = 180
    training_pictures: Annotated[
        bool,
        Field(
            description="Let `fittingroom dataset export` write pictures out of masked video that "
            "was recorded with consent, heads pixelated, for people to correct and detectors to "
            "learn from."
        ),
    ] = False
    training_days: Annotated[
        int,
        Field(ge=1, le=365, description="Data sets with such pictures are deleted after this."),
    ] = 30
    controller: Annotated[
        str,
        Field(description="Who answers for the shop's data: name, address, how to be reached."),
    ] = ""


class RoomSensor(_Section):
    """A sensor at a room, as an MQTT broker distributes it."""

    topic: Annotated[str, Field(pattern=r"^[^+#\x00]+$", max_length=1000)]
    kind: Kind = "contact"
    inverted: bool = False


class SensorSettings(_Section):
    """Sensors at the rooms."""

    mqtt: Annotated[
        str,
        Field(
            pattern=r"^(mqtts?://[^\s/?#]+/?)?$",
            description="MQTT broker that distributes what sensors at the rooms report, "
            "`mqtt://user:password@192.168.1.5` say, or `mqtts://` with TLS; empty is none. See "
            "[Sensors at the rooms](../how-to/sensors.md).",
        ),
    ] = ""
    rooms: Annotated[
        dict[str, RoomSensor],
        Field(
            description="The sensor of each room at that broker, in a section of its own such as "
            "`[sensors.rooms.3]`: `topic`; `kind`, `contact` (the default) or `occupancy`; "
            "`inverted = true` where it reports the opposite."
        ),
    ] = {}


class SummarySettings(_Section):
    """The daily summary, sent to people and programs."""

    email: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[^@\s,<>]+@[^@\s,<>]+$")], ...],
        Field(
            description="Who is sent the figures of each day by e-mail, a quarter of an hour after "
            "the shop has closed, or at 22:00 without `shop.opening_hours`; empty is nobody."
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
    ] = ""
    webhook: Annotated[
        str,
        Field(
            pattern=r"^(https?://\S+)?$",
            description="HTTP address that is sent the figures of each day as JSON, signed as "
            "Standard Webhooks says with the secret (`whsec_…`) in "
            "`FITTINGROOM_SUMMARY_SECRET` or `FITTINGROOM_SUMMARY_SECRET_FILE`; empty is none.",
        ),
    ] = ""

    @model_validator(mode="after")
    def _complete(self) -> SummarySettings:
        if self.email and not self.smtp:
            raise ValueError("summary.email needs summary.smtp")
        return self


class Settings(_Section):
    """Everything a site can set, in the sections of `fittingroom.toml`."""

    shop: ShopSettings = ShopSettings()
    database: DatabaseSettings = DatabaseSettings()
    catalogue: CatalogueSettings = CatalogueSettings()
    web: WebSettings = WebSettings()
    vision: VisionSettings = VisionSettings()
    matching: MatchingSettings = MatchingSettings()
    screen: ScreenSettings = ScreenSettings()
    outfits: OutfitSettings = OutfitSettings()
    privacy: PrivacySettings = PrivacySettings()
    summary: SummarySettings = SummarySettings()
    sensors: SensorSettings = SensorSettings()
