"""GTINs (the numbers of EAN and UPC bar codes) in one form: 14 digits, padded with zeros.

UPC-A, EAN-13 and GTIN-14 write the same number with 12, 13 or 14 digits, and a spreadsheet
drops zeros at its start. Both what the catalogue holds and what is looked up are padded.
"""

from __future__ import annotations

from typing import Final

#: Digits of a GTIN as the catalogue holds it.
DIGITS: Final = 14
_SHORTEST: Final = 8
_SEPARATORS: Final = str.maketrans("", "", " -\u00a0\u2009\u202f\u2011\u2013")


def normalise_gtin(text: str) -> str | None:
    """Return a GTIN in 14 digits, or None where the text is not one.

    Args:
        text: GTIN-8, UPC-A (12), EAN-13 or GTIN-14; zeros at the start may be missing, spaces and
            hyphens between the digits are ignored. The GS1 check digit must be right.
    """
    digits = text.strip().translate(_SEPARATORS)
    if not (digits.isascii() and digits.isdigit() and _SHORTEST <= len(digits) <= DIGITS):
        return None
    if int(digits) == 0 or check_digit(digits[:-1]) != digits[-1]:
        return None
    return digits.zfill(DIGITS)


def check_digit(digits: str) -> str:
    """Compute the GS1 check digit that follows some digits (GS1 General Specifications, 7.9)."""
    total = sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(reversed(digits)))
    return str((10 - total % 10) % 10)
