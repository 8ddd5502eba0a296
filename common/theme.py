"""A shop's own colour, with contrasts that people can read (WCAG 2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: Contrast of text to what it stands on (WCAG 2.2, 1.4.3).
TEXT_CONTRAST: Final = 4.5
#: What the pages stand on, in `web/static/base.css`: the darkest of the light scheme that words in
#: the shop's colour stand on, and the lightest of the dark one.
LIGHT_GROUND: Final = "#f6f3ee"
DARK_GROUND: Final = "#322f2b"
_STEP: Final = 0.01


@dataclass(frozen=True)
class Accent:
    """A shop's colour in both schemes, and that of words on it; CSS hex."""

    light: str
    on_light: str
    dark: str
    on_dark: str


def build_accent(colour: str) -> Accent:
    """Build a shop's colours of both schemes; in the dark one it is as light as it has to be.

    Args:
        colour: CSS hex, as `#1f4d3f`.

    Raises:
        ValueError: Words in this colour cannot be read on the light page; names the nearest that
            can.
    """
    from coloraide import Color  # takes a while to import

    contrast = Color(colour).contrast(Color(LIGHT_GROUND))
    if contrast < TEXT_CONTRAST:
        nearest = _shift(colour, LIGHT_GROUND, -_STEP)
        raise ValueError(
            f"{colour} has a contrast of {contrast:.1f} to the page; {TEXT_CONTRAST} is needed. "
            f"{nearest} is the nearest that has it"
        )
    return Accent(colour, "#ffffff", _shift(colour, DARK_GROUND, _STEP), "#141210")


def _shift(colour: str, ground: str, step: float) -> str:
    """Make a colour darker or lighter until words in it can be read on a ground; CSS hex."""
    from coloraide import Color

    shifted = Color(colour).convert("oklch")
    while True:
        shown = str(shifted.convert("srgb").fit().to_string(hex=True))
        if Color(shown).contrast(Color(ground)) >= TEXT_CONTRAST:
            return shown
        shifted["lightness"] += step
