"""Settings of what shoppers see."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from common.settings.section import Section


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
