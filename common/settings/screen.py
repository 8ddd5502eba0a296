"""Settings of what shoppers see."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from common.settings.section import Section
from common.theme import build_accent


def _colour(text: str) -> str:
    """Check that words in a colour can be read.

    Raises:
        ValueError: They cannot, or it is none.
    """
    if text:
        build_accent(text)
    return text


class ScreenSettings(Section):
    """The pages in the rooms."""

    outfits: Annotated[int, Field(ge=0, le=24, description="Outfits shown at the most.")] = 6
    suggestions: Annotated[
        Literal["open", "closed"],
        Field(description="Whether suggestions are shown at once or when the shopper wants them."),
    ] = "open"
    quiet_minutes: Annotated[
        float, Field(gt=0, le=240, description="A visit in which nothing happens ends after this.")
    ] = 20.0
    colour: Annotated[
        str,
        AfterValidator(_colour),
        Field(
            pattern=r"^(#[0-9A-Fa-f]{6})?$",
            description="The shop's own colour for buttons and marks, `#7a1f3d` say, with a "
            "contrast of 4.5 or more to the page; pages in the dark scheme have a lighter one. "
            "Empty is green.",
        ),
    ] = ""
    logo: Annotated[
        str,
        Field(
            pattern=r"^([\w -][\w. -]*\.(svg|png|webp|jpg))?$",
            description="File in the site folder with the shop's logo, shown in place of its name: "
            "SVG, PNG, WebP or JPEG, to be read on a light and on a dark page.",
        ),
    ] = ""
    typeface: Annotated[
        str,
        Field(
            pattern=r"^([\w -][\w. -]*\.woff2)?$",
            description="File in the site folder with the shop's typeface (WOFF2, best a variable "
            "one). It needs the letters of all languages that the screens offer.",
        ),
    ] = ""


class OutfitSettings(Section):
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
