"""Prices as feeds write them, in the minor units of their currency.

Currency codes and their minor units are ISO 4217's (yen 1, cent 100, fils 1000).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import moneyed
from price_parser import Price as Parsed

#: Signs and words that name one currency.
_SIGNS: Final = {
    "€": "EUR", "EURO": "EUR", "EUROS": "EUR", "£": "GBP", "US$": "USD", "USD$": "USD",
    "$US": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD",
    "S$": "SGD", "SG$": "SGD", "NT$": "TWD", "MX$": "MXN", "R$": "BRL", "FR": "CHF", "FR.": "CHF",
    "SFR": "CHF", "SFR.": "CHF", "ZŁ": "PLN", "KČ": "CZK", "FT": "HUF", "₺": "TRY", "₴": "UAH",
    "₽": "RUB", "₹": "INR", "₩": "KRW", "₫": "VND", "₪": "ILS", "₱": "PHP", "฿": "THB", "₦": "NGN",
    "₸": "KZT", "ЛВ": "BGN", "ЛВ.": "BGN", "РУБ": "RUB", "РУБ.": "RUB", "LEI": "RON", "د.إ": "AED",
    "د.ك": "KWD", "د.ب": "BHD", "ر.س": "SAR", "元": "CNY", "円": "JPY",
}  # fmt: skip
#: Signs of several currencies, with the one that is meant where the shop's own is not among them.
_SHARED: Final = {
    "$": ("USD", ("USD", "CAD", "AUD", "NZD", "MXN", "SGD", "HKD", "ARS", "CLP", "COP")),
    "¥": ("JPY", ("JPY", "CNY")),
    "KR": ("", ("SEK", "NOK", "DKK", "ISK")),
    "KR.": ("", ("SEK", "NOK", "DKK", "ISK")),
    "RS": ("", ("INR", "PKR", "LKR", "MUR")),
    "RS.": ("", ("INR", "PKR", "LKR", "MUR")),
}  # fmt: skip
#: Nothing that hangs in a fitting room costs more, in any currency.
_HIGHEST: Final = Decimal(1_000_000_000)
#: Characters of a price at the most.
_LONGEST: Final = 60
_SHAPE: Final = re.compile(
    r"(?P<before>[^\d+\-(),]*?)\s*(?P<sign>[+\-(]?)\s*(?P<before2>[^\d+\-(),\s.]*)\s*"
    r"(?P<number>[.,]?\d[\d.,' ]*)(?P<dash>-{1,2})?\s*(?P<after>[^\d]*)"
)
_ONE_WAY: Final = str.maketrans("٫٬，’‘ʼ´`−–—‒", ".,,'''''----")
_GROUPS: Final = {
    "": r"\d+",
    # Lakh and crore are written in groups of two.
    ",": r"\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}",
    ".": r"\d{1,3}(?:\.\d{3})+",
    "'": r"\d{1,3}(?:'\d{3})+",
    " ": r"\d{1,3}(?: \d{3})+",
}


class PriceError(ValueError):
    """A price that cannot be used; the message ends a sentence that begins with its text."""


@dataclass(frozen=True)
class Price:
    """An amount in minor units, and its currency's ISO 4217 code.

    `guessed` is true where the only separator could as well have been a decimal point.
    """

    minor: int
    currency: str
    guessed: bool = False


def is_currency(code: str) -> bool:
    """Check whether a code is one of ISO 4217's for money that people pay with."""
    if code.startswith("X") and code not in ("XAF", "XCD", "XCG", "XOF", "XPF"):
        return False  # metals, bonds, tests
    try:
        return len(code) == 3 and bool(moneyed.get_currency(code))
    except moneyed.CurrencyDoesNotExist:
        return False


def minor_units(currency: str) -> int:
    """Return how many minor units one unit of a currency has; 100 where it is unknown."""
    try:
        return int(moneyed.get_currency(currency).sub_unit)
    except moneyed.CurrencyDoesNotExist:
        return 100


def to_major(minor: int, currency: str) -> float:
    """Convert minor units to the unit that people read: 1299 EUR to 12.99, 1299 JPY to 1299."""
    return minor / minor_units(currency)


def parse_price(text: str, currency: str = "") -> Price:
    """Parse a price such as `1.299,00 EUR`, `$19.99` or `1'299.00 CHF`.

    Three digits behind the only separator are thousands, but decimals where the currency has
    three of them (KWD, BHD).

    Args:
        text: As the feed has it.
        currency: The shop's own, for a price without one and for signs such as `$` and `kr`.

    Raises:
        PriceError: It is no single price that is 0 or more.
    """
    match = _SHAPE.fullmatch(_to_ascii(text)) if len(text) <= _LONGEST else None
    if match is None:
        raise PriceError("is no price like '49.99 EUR'.")
    number = match["number"].strip()
    # `19.-` is how the Swiss write a round price, `5.00-` how accountants write a debt.
    if match["sign"] in ("-", "(") or (match["dash"] == "-" and number[-1] not in ".,"):
        raise PriceError("is negative.")
    words = [match[part].strip() for part in ("before", "before2", "after")]
    code = _currency([word for word in words if word], currency)
    amount = _amount(number, minor_units(code))
    if amount > _HIGHEST:
        raise PriceError("is more than any article costs.")
    guessed = re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", number) is not None and minor_units(code) != 1000
    return Price(int(amount * minor_units(code)), code, guessed)


def _to_ascii(text: str) -> str:
    """Write digits, spaces, apostrophes and dashes of all scripts in one way."""
    plain = "".join(
        c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf"
    )
    digits = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in plain)
    return " ".join(digits.translate(_ONE_WAY).split())


def _currency(words: list[str], own: str) -> str:
    if not words:
        if own:
            return own
        raise PriceError(
            "has no currency. Write '49.99 EUR', or set catalogue.currency in fittingroom.toml."
        )
    named = [code for word in words if word.upper() not in _SHARED and (code := _code(word, ""))]
    found = {_code(word, (*named, own)[0]) for word in words}
    if "" in found or len(found) > 1:
        raise PriceError(f"has no known currency ({' '.join(words)!r}).")
    return found.pop()


def _code(word: str, own: str) -> str:
    word = word.upper()
    if word in _SHARED:
        usual, several = _SHARED[word]
        return own if own in several else usual
    if word in _SIGNS:
        return _SIGNS[word]
    return word if is_currency(word) else ""


def _amount(number: str, units: int) -> Decimal:
    """Read a number whose thousands and decimals are written in any usual way."""
    decimals = len(str(units)) - 1
    whole, point, fraction = _split(number.rstrip(".,") if number[-1] in ".," else number, decimals)
    marks = {mark for mark in whole if not mark.isdigit()}
    if len(marks) > 1 or not re.fullmatch(_GROUPS["".join(marks)], whole or "0"):
        raise PriceError("is no single number.")
    if fraction.rstrip("0") and len(fraction.rstrip("0")) > decimals:
        many = f"{decimals} decimals" if decimals else "no decimals"
        raise PriceError(f"has too many decimals; this currency has {many}.")
    text = re.sub(r"\D", "", whole) or "0"
    parsed = Parsed.fromstring(f"{text}.{fraction}" if point else text, decimal_separator=".")
    if parsed.amount is None:
        raise PriceError("is no price like '49.99 EUR'.")
    return parsed.amount


def _split(number: str, decimals: int) -> tuple[str, str, str]:
    """Split a number at its decimal point or comma, if it has one."""
    last = max(number.rfind("."), number.rfind(","))
    if last < 0:
        return number, "", ""
    mark, fraction = number[last], number[last + 1 :]
    if number.count(mark) > 1:
        return number, "", ""
    others = any(other in number[:last] for other in ".,' " if other != mark)
    thousands = (
        len(fraction) == 3 and decimals != 3 and not others and number[:last] not in ("", "0")
    )
    if thousands:
        return number, "", ""
    return number[:last], mark, fraction
