"""The languages that shoppers choose among.

A further one is a row here and a catalogue in `common/translations`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Language:
    """A language of the screens: its own name, and which way it is written."""

    name: str
    right_to_left: bool = False


#: By ISO code; the order is that of the setting's default.
LANGUAGES: Final = {
    "en": Language("English"),
    "de": Language("Deutsch"),
    "fr": Language("Français"),
    "es": Language("Español"),
    "zh": Language("中文"),
    "ar": Language("العربية", right_to_left=True),
}
