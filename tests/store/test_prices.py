from __future__ import annotations

import pytest

from store.prices import PriceError, minor_units, parse_price, to_major


@pytest.mark.parametrize(
    ("text", "minor", "currency"),
    [
        ("1.299,00 EUR", 129900, "EUR"),
        ("1,299.00 USD", 129900, "USD"),
        ("1.299 EUR", 129900, "EUR"),
        ("1,299 USD", 129900, "USD"),
        ("EUR 19.99", 1999, "EUR"),
        ("19,99 €", 1999, "EUR"),
        ("€19.99", 1999, "EUR"),
        ("19.99eur", 1999, "EUR"),
        ("1'299.00 CHF", 129900, "CHF"),
        ("1’299.— CHF", 129900, "CHF"),
        ("1 299,00 EUR", 129900, "EUR"),
        ("1\u00a0299,00 EUR", 129900, "EUR"),
        ("1\u202f299,00 EUR", 129900, "EUR"),
        ("12,34,567.00 INR", 123456700, "INR"),
        ("1500 JPY", 1500, "JPY"),
        ("¥1,500", 1500, "JPY"),
        ("1500.00 JPY", 1500, "JPY"),
        ("12.500 KWD", 12500, "KWD"),
        ("12,5 KWD", 12500, "KWD"),
        ("BHD 7.250", 7250, "BHD"),
        ("١٩٫٩٩ EUR", 1999, "EUR"),
        (".99 EUR", 99, "EUR"),
        ("19.9 EUR", 1990, "EUR"),
        ("19,- EUR", 1900, "EUR"),
        ("$19.99", 1999, "USD"),
        ("$5 CAD", 500, "CAD"),
        ("19,99 zł", 1999, "PLN"),
        ("0.00 EUR", 0, "EUR"),
    ],
)
def test_reads_prices_as_shops_write_them(text: str, minor: int, currency: str) -> None:
    price = parse_price(text)
    assert (price.minor, price.currency) == (minor, currency)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-5.00 EUR", "negative"),
        ("−5.00 EUR", "negative"),
        ("EUR -5", "negative"),
        ("5.00- EUR", "negative"),
        ("(5.00) EUR", "negative"),
        ("19.99", "has no currency"),
        ("from 19.99 EUR", "no known currency"),
        ("19.99 XXX", "no known currency"),
        ("199 kr", "no known currency"),
        ("19.99 EUR - 29.99 EUR", "no price"),
        ("1e5 EUR", "no price"),
        ("NaN EUR", "no price"),
        ("", "no price"),
        ("19 99 EUR", "no single number"),
        ("1.2990,00 EUR", "no single number"),
        ("0.999 EUR", "too many decimals"),
        ("12.50 JPY", "no decimals"),
        ("999999999999999999 EUR", "more than any article"),
        ("9" * 5000 + " EUR", "no price"),
    ],
)
def test_refuses_what_is_no_single_price(text: str, said: str) -> None:
    with pytest.raises(PriceError, match=said):
        parse_price(text)


def test_the_shop_s_own_currency_fills_in() -> None:
    assert parse_price("19.99", "EUR").currency == "EUR"
    assert parse_price("$19.99", "AUD").currency == "AUD"
    assert parse_price("$19.99", "EUR").currency == "USD"
    assert parse_price("199 kr", "SEK").minor == 19900
    assert parse_price("19.99 USD", "EUR").currency == "USD"


def test_thousands_that_could_be_decimals_are_said_to_be_guessed() -> None:
    assert parse_price("1.299 EUR").guessed
    assert not parse_price("1.299,00 EUR").guessed
    assert not parse_price("1.299 KWD").guessed


def test_minor_units_are_those_of_iso_4217() -> None:
    assert [minor_units(c) for c in ("EUR", "JPY", "KWD", "HUF", "???")] == [100, 1, 1000, 100, 100]
    assert to_major(1500, "JPY") == 1500
    assert to_major(12500, "KWD") == 12.5
