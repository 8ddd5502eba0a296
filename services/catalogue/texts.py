"""Texts of feeds as people read them: without tags, entities and stray characters."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TAG: Final = re.compile(r"(<(?:!--|/?[A-Za-z])[^<>]*>)")
_NAME: Final = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)")
_INLINE: Final = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "ins", "kbd", "mark", "q",
    "s", "small", "span", "strong", "sub", "sup", "u", "wbr",
})  # fmt: skip
_HIDDEN: Final = frozenset({"script", "style", "template"})


def clean_text(text: str) -> str:
    """Return a text as a feed reader shows it.

    Entities are decoded, and decoded once more where a program has escaped them twice. Tags go;
    white space of any kind becomes one space; what no screen can show goes.
    """
    for _ in range(2):
        text = _without_tags(_ENTITY.sub(lambda match: html.unescape(match[0]), text))
        if not _ENTITY.search(text):
            break
    shown = (" " if c.isspace() else c for c in text if c.isspace() or _is_shown(c))
    return " ".join("".join(shown).split())


def _is_shown(character: str) -> bool:
    # Joiners belong to scripts such as Persian; other marks of this category break lines at most.
    return character in "\u200c\u200d" or unicodedata.category(character) not in ("Cc", "Cf", "Cs")


def _without_tags(text: str) -> str:
    if "<" not in text:
        return text
    kept, hidden = [], ""
    for part in _TAG.split(text):
        name = match[1].lower() if _TAG.fullmatch(part) and (match := _NAME.match(part)) else ""
        if hidden:
            hidden = "" if name == hidden and part.startswith("</") else hidden
        elif name in _HIDDEN:
            hidden = "" if part.startswith("</") else name
        elif not _TAG.fullmatch(part):
            kept.append(part)
        elif name not in _INLINE:
            kept.append(" ")
    return "".join(kept)
