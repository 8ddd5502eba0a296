"""Resolve the code on a tag, scanned or typed, to a variant.

A tag carries the shop's own article number (SKU) or a GTIN: as UPC or EAN, within a GS1
element string, as a GS1 Digital Link, or as an EPC URN from an RFID reader. Scanners put an AIM
symbology identifier (ISO/IEC 15424) before it, control characters around it, and type it through
a keyboard layout.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import biip
from biip.gs1_messages import GS1Message
from biip.upc import Upc
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.errors import NotFound, StoreError
from store.gtin import DIGITS, check_digit, normalise_gtin
from store.layouts import as_other_layouts
from store.schema import Variant

_SEPARATOR: Final = "\x1d"
_SHOWN: Final = 60
#: Fewer characters are no article number, but the start of many.
_SHORTEST_NUMBER: Final = 3
#: How scanners write the separator (FNC1) where they cannot type it.
_WRITTEN_SEPARATOR: Final = re.compile(r"<GS>|\{GS\}|\[GS\]|<FNC1>|\{FNC1\}|␝|\\x1d|\^\]", re.I)
_AIM: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")
#: Where `]` is a dead key, it is missing.
_AIM_BEFORE_NUMBER: Final = re.compile(r"^\]?[A-Za-z]\d")
_LINK: Final = re.compile(r"(?:^https?:/)?/[^?#]*/(?:01|gtin)/(\d{8,14})(?=[/?#]|$)", re.I)
#: EPC Tag Data Standard 1.13, chapters 6.3.1 and 12: company prefix, indicator, item reference.
_EPC: Final = re.compile(
    r"urn:epc:(?:(?:id|idpat):sgtin:|class:lgtin:|(?:tag|pat):sgtin-(?:96|198):[\d*]+\.)"
    r"(\d{6,12})\.(\d)(\d{0,6})\.",
    re.I,
)
_HOST: Final = re.compile(r"^[\w.-]+\.\w+(?::\d+)?/", re.I)


@dataclass(frozen=True)
class Tagged:
    """The variant or article that a tag names.

    Attributes:
        variant: The variant, or any one of the colourway where the tag names no size.
        sized: Whether it names the size.
    """

    variant: Variant
    sized: bool


def find_tagged(session: Session, code: str) -> Tagged:
    """Find the article that a tag names, with its size or without.

    Args:
        session: A session of the catalogue.
        code: As scanned or typed (`look_up`), or a colourway's article number, which the SKUs of
            its sizes begin with.

    Raises:
        StoreError: No article has this code, or several have.
    """
    found = look_up(session, code)
    if len(found) == 1:
        return Tagged(found[0], True)
    if not found:
        found = _by_article_number(session, code)
        if len({variant.colourway_id for variant in found}) == 1:
            return Tagged(found[0], False)
    if not found:
        raise NotFound(f"No article {_shown(code)!r} in the catalogue; look at the tag once more.")
    skus = ", ".join(sorted(variant.sku for variant in found)[:4])
    raise StoreError(
        f"{_shown(code)!r} is the number of several articles ({skus}); enter the article number."
    )


def _shown(code: str) -> str:
    """Shorten a code for a message: a QR code can hold 4,000 characters of anything."""
    text = clean(code)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def look_up(session: Session, code: str) -> Sequence[Variant]:
    """List the variants that a tag may name: one, or several where the catalogue is ambiguous.

    In this order, and the first that is there: the SKU as it stands, a GTIN in any form, the
    SKU in capital or small letters, and the same for what the code would be under another
    keyboard layout.

    Args:
        session: A session of the catalogue.
        code: As scanned or typed.
    """
    typed = clean(code)
    for text in (typed, *as_other_layouts(typed)):
        for search in (_by_sku, _by_gtin, _by_letters):
            if found := search(session, text):
                return found
    return ()


def clean(code: str) -> str:
    """Remove what is not of the code: spaces and control characters around it, and within.

    The GS1 separator (FNC1, ASCII 29) stays within the code. Digits of other scripts and
    full-width letters become ASCII.
    """
    text = "".join(_ascii_digit(c) for c in unicodedata.normalize("NFKC", code))
    text = _WRITTEN_SEPARATOR.sub(_SEPARATOR, text)
    kept = (c for c in text if c == _SEPARATOR or unicodedata.category(c) not in ("Cc", "Cf"))
    return "".join(kept).strip()


def _ascii_digit(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)


def read_gtins(text: str) -> list[str]:
    """List the GTINs that a code may mean, in 14 digits, the likeliest first.

    Args:
        text: A bar code's digits, a GS1 element string with or without parentheses, or a
            GS1 Digital Link, or an EPC URN; perhaps behind an AIM symbology identifier.
    """
    content = _AIM_BEFORE_NUMBER.sub("", text.strip(_SEPARATOR)).strip(_SEPARATOR)
    found = [normalise_gtin(content), _gtin_of_link(content), _gtin_of_elements(content)]
    found.append(_gtin_of_epc(content))
    found.append(_gtin_of_upc_e(content))
    return list(dict.fromkeys(gtin for gtin in found if gtin))


def _gtin_of_link(content: str) -> str | None:
    address = content if "://" in content else _HOST.sub("https://host/", content)
    match = _LINK.search(address)
    return normalise_gtin(match[1]) if match else None


def _gtin_of_epc(content: str) -> str | None:
    """Read an SGTIN, which holds a GTIN without its check digit and the indicator in between."""
    match = _EPC.match(content)
    if match is None or len(match[1]) + len(match[3]) != DIGITS - 2:
        return None
    digits = match[2] + match[1] + match[3]
    return normalise_gtin(digits + check_digit(digits))


def _gtin_of_elements(content: str) -> str | None:
    """Read a GS1 element string; the scan may break off behind the GTIN."""
    start = re.match(r"\(01\) ?(\d{14})|01(\d{14})", content)
    if start is None:
        return _gtin_within(content)
    return normalise_gtin(start[1] or start[2])


def _gtin_within(content: str) -> str | None:
    """Read a GS1 element string that starts with something else than the GTIN."""
    try:
        message = (
            GS1Message.parse_hri(content) if content.startswith("(") else GS1Message.parse(content)
        )
    except biip.ParseError:
        return None
    element = message.element_strings.get(ai="01")
    return normalise_gtin(element.value) if element else None


def _gtin_of_upc_e(content: str) -> str | None:
    """Expand a UPC-E of eight digits."""
    if not re.fullmatch(r"[01]\d{7}", content):
        return None
    try:
        return normalise_gtin(Upc.parse(content).as_upc_a())
    except biip.ParseError:
        return None


def _by_sku(session: Session, text: str) -> Sequence[Variant]:
    return session.scalars(select(Variant).where(Variant.sku.in_(_skus(text)))).all()


def _by_gtin(session: Session, text: str) -> Sequence[Variant]:
    for gtin in read_gtins(text):
        query = select(Variant).where(Variant.gtin == gtin).order_by(Variant.id)
        if found := session.scalars(query).all():
            return found
    return ()


def _by_letters(session: Session, text: str) -> Sequence[Variant]:
    wanted = {form for sku in _skus(text) for form in (sku.lower(), sku.upper())}
    either = func.lower(Variant.sku).in_(wanted) | func.upper(Variant.sku).in_(wanted)
    return session.scalars(select(Variant).where(either).order_by(Variant.id)).all()


def _by_article_number(session: Session, code: str) -> Sequence[Variant]:
    """List the variants whose SKU is this number, a mark, and more: `4711-02-XS` of `4711-02`."""
    typed = clean(code)
    for text in (typed, *as_other_layouts(typed)):
        [*_, number] = _skus(text)
        if len(number) < _SHORTEST_NUMBER:
            continue
        starts = func.lower(Variant.sku).startswith(number.lower(), autoescape=True)
        ordered = session.scalars(select(Variant).where(starts).order_by(Variant.id))
        if found := [v for v in ordered if not v.sku[len(number) : len(number) + 1].isalnum()]:
            return found
    return ()


def _skus(text: str) -> list[str]:
    """List candidate SKUs: the whole code, and the part after an AIM identifier."""
    whole = text.strip(_SEPARATOR)
    return [whole, *([_AIM.sub("", whole, count=1)] if _AIM.match(whole) else [])]
