"""Settings of the shop: who it is, its articles, and what is kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from common.languages import LANGUAGES
from common.settings.section import Section


def _language(code: str) -> str:
    """Check that the screens are translated to a language.

    Raises:
        ValueError: They are not.
    """
    if code not in LANGUAGES:
        raise ValueError(f"{code!r} is no language of the screens; known: {', '.join(LANGUAGES)}.")
    return code


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


class ShopSettings(Section):
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


class DatabaseSettings(Section):
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


class CatalogueSettings(Section):
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
            "what a person wears: `mobilenet`, or the name of an installed plug-in. Empty embeds "
            "every picture whole. After a change run `fittingroom catalogue index`."
        ),
    ] = "mobilenet"


class PrivacySettings(Section):
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
