"""Texts of the screens in the shopper's language: one gettext catalogue per language.

A text's id is its English wording. `N_` marks texts that are chosen at run time, so that they
are found when the catalogues are brought up to date (`make translations`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.mofile import read_mo

#: The folder of the catalogues, `CODE/LC_MESSAGES/messages.mo` each.
TRANSLATIONS: Final = Path(__file__).parent / "translations"


def N_(text: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a text for translation; returns it as it is."""
    return text


@cache
def texts(language: str) -> dict[str, str]:
    """Return a language's texts by id; empty for English, whose texts are the ids."""
    path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.mo"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        catalogue = read_mo(file)
    return {str(m.id): str(m.string) for m in catalogue if m.id}
