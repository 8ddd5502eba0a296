"""Reading a product feed: Google's columns, in CSV, RSS or Atom, or Shopify's export.

Column names and values follow Google Merchant Center's product data specification.
A row that cannot be used becomes a `Problem` that names line, column and reason; a value that
is only left out becomes a note of its row.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from common.tables import Problem, Record, Values, find_header, parse_table, split_lines
from common.textfile import read_text_file
from services.catalogue.merchant_xml import is_xml, read_merchant_xml
from services.catalogue.shopify import is_shopify, read_shopify
from services.catalogue.texts import clean_text
from store.gtin import normalise_gtin
from store.prices import Price, PriceError, parse_price
from store.rows import Row
from store.sales import parse_offer

log = logging.getLogger("fittingroom.feed")

COLUMNS: Final = (
    "id",
    "item_group_id",
    "title",
    "description",
    "image_link",
    "additional_image_link",
    "availability",
    "quantity",
    "price",
    "sale_price",
    "sale_price_effective_date",
    "brand",
    "gtin",
    "color",
    "size",
    "gender",
    "age_group",
    "material",
    "pattern",
    "product_type",
    "google_product_category",
    # Ours: where it lies, for staff who fetch it.
    "shelf",
)
REQUIRED: Final = ("id", "title", "image_link", "availability", "price")
_TEXTS: Final = (
    "title", "description", "brand", "color", "size", "gender", "age_group", "material", "pattern",
    "product_type", "google_product_category", "shelf",
)  # fmt: skip
_AVAILABLE: Final = {
    "instock": True,
    "available": True,
    "limitedavailability": True,
    "lowstock": True,
    "instoreonly": True,
    "outofstock": False,
    "soldout": False,
    "unavailable": False,
    "notavailable": False,
    "preorder": False,
    "presale": False,
    "backorder": False,
    "onbackorder": False,
    "availablefororder": False,
    "madetoorder": False,
    "onlineonly": False,
    "discontinued": False,
}
#: A field longer than this is no product data but a broken quote. Descriptions may be long;
#: what is looked up by is not.
_LONGEST_FIELD: Final = 10_000
_LONGEST: Final = {"description": 130_000, "id": 500, "item_group_id": 500, "color": 500}
_BINARY: Final = re.compile("[\x00\ud800-\udfff]")
_WHOLE: Final = re.compile(r"[+-]?\d{1,9}(\.0{1,3})?")
#: More pieces of one size than this are a mistake in the feed.
_MOST_PIECES: Final = 1_000_000
_EXPONENT: Final = re.compile(r"\d([.,]\d+)?[eE]\+\d+")


def read_feed(path: Path, currency: str = "") -> Iterator[Row | Problem]:
    """Read a feed.

    Args:
        path: CSV (comma, semicolon, tab or pipe) with Google's column names in its first line,
            RSS or Atom, or a Shopify export; compressed or not.
        currency: The shop's own (ISO 4217), for prices that name none.

    Yields:
        A row or a problem for every line of data, in order.

    Raises:
        InputError: The feed cannot be read or its header lacks a required column.
    """
    seen: dict[str, int] = {}
    for line, values in _read_records(path):
        if isinstance(values, Problem):
            yield values
            continue
        try:
            parsed = _parse(line, values, currency)
        except Exception as error:  # whatever a row holds, it ends no import
            log.exception("%s, line %d cannot be read", path, line)
            parsed = Problem(line, "row", f"cannot be read ({error}).", "row cannot be read")
        if isinstance(parsed, Row) and parsed.id in seen:
            reason = f"{parsed.id!r} stands already in line {seen[parsed.id]}."
            parsed = Problem(line, "id", reason, "id stands there twice", parsed.id)
        if isinstance(parsed, Row):
            seen[parsed.id] = line
        yield parsed


def _read_records(path: Path) -> Iterator[Record]:
    text = read_text_file(path)
    if is_xml(text):
        return read_merchant_xml(text, path)
    # The first line alone says what the columns mean.
    _, header = find_header(split_lines(text[:20_000].lstrip())[0], COLUMNS)
    if is_shopify(header):
        return read_shopify(parse_table(text, path, (), header))
    return parse_table(text, path, REQUIRED, COLUMNS)


def _parse(line: int, values: Values, currency: str) -> Row | Problem:
    sku = values.get("id", "").strip()
    if problem := _unusable(line, values):
        return replace(problem, id=sku)
    available = _availability(values["availability"])
    if available is None:
        reason = (
            f"{values['availability']!r} is none of in_stock, out_of_stock, preorder, backorder."
        )
        return Problem(line, "availability", reason, "unknown availability", sku)
    notes: list[Problem] = []
    try:
        price = _price(line, values, currency, notes)
    except PriceError as error:
        return Problem(line, "price", f"{values['price']!r} {error}", "price not usable", sku)
    texts = {column: clean_text(values.get(column, "")) for column in _TEXTS}
    if not texts["title"]:
        return Problem(line, "title", "has no text.", "empty", sku)
    offer = parse_offer(line, values, price, currency, notes)
    if _EXPONENT.fullmatch(sku):
        reason = f"{sku!r} looks like a number that a spreadsheet has shortened."
        notes.append(Problem(line, "id", reason, "id may be damaged", sku))
    return Row(
        line=line,
        id=sku,
        group=values.get("item_group_id", "").strip() or sku,
        title=texts["title"],
        pictures=(values["image_link"], *_links(values.get("additional_image_link", ""))),
        available=available,
        price=price.minor if price else None,
        currency=price.currency if price else "",
        gtin=_gtin(line, values, notes),
        texts=texts,
        offer=offer,
        quantity=_quantity(line, values, notes) if available else None,
        notes=tuple(replace(note, id=sku) for note in notes),
    )


def _unusable(line: int, values: Values) -> Problem | None:
    for column, value in values.items():
        longest = _LONGEST.get(column, _LONGEST_FIELD)
        if len(value) > longest:
            reason = f"has {len(value)} characters, which is no product data."
            return Problem(line, column, reason, "not product data")
        if _BINARY.search(value):
            reason = "has characters that belong to no text."
            return Problem(line, column, reason, "not product data")
    for column in REQUIRED:
        if not values.get(column, "").strip():
            return Problem(line, column, "is empty.", "empty")
    return None


def _availability(text: str) -> bool | None:
    """Read an availability in any usual spelling, or as an address of schema.org."""
    name = re.sub(r"^https?://schema\.org/", "", text.strip().lower())
    return _AVAILABLE.get(re.sub(r"[\s_\-]+", "", name))


def _price(line: int, values: Values, currency: str, notes: list[Problem]) -> Price | None:
    """Parse the price; None where the row is used without one."""
    text = values["price"]
    if values.get("_shop_currency") and not currency:
        reason = (
            "this export names no currency, so that no price is shown. Set catalogue.currency in "
            "fittingroom.toml, and import it again."
        )
        notes.append(Problem(line, "price", reason, "no currency"))
        return None
    price = parse_price(text, currency)
    if price.minor == 0:
        notes.append(Problem(line, "price", f"{text!r} is not shown.", "price is 0"))
        return None
    if price.guessed:
        reason = f"{text!r} was read as thousands; write decimals with two digits."
        notes.append(Problem(line, "price", reason, "price read as thousands"))
    return price


def _gtin(line: int, values: Values, notes: list[Problem]) -> str:
    text = values.get("gtin", "").strip().strip("'").removesuffix(".0")
    if not text:
        return ""
    found = normalise_gtin(text)
    if found is None:
        reason = f"{text!r} is no GTIN (8, 12, 13 or 14 digits, check digit) and is left out."
        notes.append(Problem(line, "gtin", reason, "GTIN not valid"))
    return found or ""


def _quantity(line: int, values: Values, notes: list[Problem]) -> int | None:
    """Parse the pieces on hand; None where the feed has no number of them."""
    text = values.get("quantity", "").strip()
    if not text:
        return None
    if not _WHOLE.fullmatch(text) or abs(int(float(text))) > _MOST_PIECES:
        reason = f"{text!r} is no number of pieces and is left out."
        notes.append(Problem(line, "quantity", reason, "quantity not valid"))
        return None
    return max(int(float(text)), 0)  # below 0 is what was sold before it came


def _links(text: str) -> list[str]:
    """Split additional pictures at commas, except those within an address."""
    parts = re.split(r",(?=\s*(?:https?:)?//)" if "//" in text else ",", text)
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))
