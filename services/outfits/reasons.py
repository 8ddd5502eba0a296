"""The reasons for outfits in words, in every language of the screens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from common.texts import N_, texts
from models.stylist import Reason

#: By kind of reason; `{one}` is carried, `{other}` goes with it.
TEXTS: Final = {
    "look": N_("Our stylists pair {one} with {other}"),
    "tone": N_("{one} and {other}: tone on tone"),
    "contrast": N_("{one} and {other}: a contrast of light and dark"),
    "accent": N_("A touch of colour with a neutral: {one} and {other}"),
    "colours": N_("The colours of {one} and {other} go together"),
    "style": N_("{other}: cut and fabric to match {one}"),
}


def say_why(
    reason: Reason, titles: Mapping[int, str], unknown: str = "", language: str = "en"
) -> str:
    """Put a reason into words.

    Args:
        reason: With colourway ids.
        titles: Of the colourways.
        unknown: Category of the carried garment that the shop does not know.
        language: One of `common.languages.LANGUAGES`; English where it is another.
    """
    spoken = texts(language)
    text = TEXTS[reason.kind]
    one = titles.get(reason.one, "") if reason.one is not None else spoken.get(unknown, unknown)
    return spoken.get(text, text).format(one=one, other=titles.get(reason.other, ""))
