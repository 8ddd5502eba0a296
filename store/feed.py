"""Reading a product feed: Google's columns, CSV or TSV, row by row.

Column names and values follow Google Merchant Center's product data specification.
A row that cannot be used becomes a `Problem` that names line, column and reason.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from store.errors import StoreError

COLUMNS: Final = (
    "id",
    "item_group_id",
    "title",
    "description",
    "image_link",
    "additional_image_link",
    "availability",
    "price",
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
    # Ours: where it lies, for whoever fetches it.
    "shelf",
)
REQUIRED: Final = ("id", "title", "image_link", "availability", "price")
_AVAILABLE: Final = {
    "in_stock": True,
    "in stock": True,
    "out_of_stock": False,
    "out of stock": False,
    "preorder": False,
    "backorder": False,
}
_PRICE: Final = re.compile(r"(?P<amount>\d+(?:[.,]\d{1,3})?)\s*(?P<currency>[A-Z]{3})")
# A field longer than this is no product data but a broken quote.
_LONGEST_FIELD: Final = 10_000


@dataclass(frozen=True)
class Row:
    """One valid row: a variant with its article's data. `price` is in minor units."""

    line: int
    id: str
    group: str
    title: str
    pictures: tuple[str, ...]
    available: bool
    price: int
    currency: str
    gtin: str = ""
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """A row that was skipped, and why."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"line {self.line}, {self.column}: {self.reason}"


def read_feed(path: Path) -> Iterator[Row | Problem]:
    """Read a feed.

    Args:
        path: A CSV or TSV file in UTF-8 with Google's column names in its first line.

    Yields:
        A row or a problem for every line of data, in order.

    Raises:
        StoreError: The file cannot be read or its header lacks a required column.
    """
    seen: dict[str, int] = {}
    for line, values in read_table(path, REQUIRED, COLUMNS):
        if isinstance(values, Problem):
            yield values
            continue
        parsed = _parse(line, values)
        if isinstance(parsed, Row) and parsed.id in seen:
            parsed = Problem(line, "id", f"{parsed.id!r} stands already in line {seen[parsed.id]}.")
        if isinstance(parsed, Row):
            seen[parsed.id] = line
        yield parsed


def read_table(
    path: Path, required: tuple[str, ...], known: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, str] | Problem]]:
    """Read any headed CSV or TSV; yields (line number, values or problem).

    Raises:
        StoreError: The file cannot be read or its header lacks a required column.
    """
    first = _first_line(path)
    with path.open(newline="", encoding="utf-8-sig") as file:
        file.readline()
        tab = first.count("\t") > first.count(",")
        header = next(csv.reader([first], delimiter="\t" if tab else ","), [])
        header = [name.strip().lower().replace(" ", "_").removeprefix("g:") for name in header]
        if missing := [name for name in required if name not in header]:
            found = ", ".join(header[:8])[:200] or "nothing"
            raise StoreError(
                f"{path}, line 1: the header lacks {', '.join(missing)} (found: {found}). "
                f"Expected columns: {', '.join(known)}."
            )
        yield from _lines(path, csv.reader(file, delimiter="\t" if tab else ","), header)


def _first_line(path: Path) -> str:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return file.readline()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise StoreError(f"{path}: cannot be read ({reason}).") from error


def _lines(
    path: Path, reader: Any, header: list[str]
) -> Iterator[tuple[int, dict[str, str] | Problem]]:
    """Pair the values of a `csv.reader` behind the header line with their columns."""
    while True:
        line = reader.line_num + 2
        try:
            values: list[str] = next(reader)
        except StopIteration:
            return
        except (csv.Error, UnicodeDecodeError) as error:
            if isinstance(error, UnicodeDecodeError):
                raise StoreError(f"{path}, after line {line}: not text in UTF-8.") from error
            yield line, Problem(line, "row", f"cannot be read ({error}).")
            continue
        if not any(value.strip() for value in values):
            continue
        if len(values) != len(header):
            yield (
                line,
                Problem(
                    line, "row", f"{len(values)} fields where {len(header)} stand in the header."
                ),
            )
            continue
        yield line, {k: v.strip() for k, v in zip(header, values, strict=True)}


def _parse(line: int, values: dict[str, str]) -> Row | Problem:
    for column in REQUIRED:
        if not values.get(column):
            return Problem(line, column, "is empty.")
    for column, value in values.items():
        if len(value) > _LONGEST_FIELD or "\x00" in value:
            return Problem(line, column, "is not product data (too long or binary).")
    available = _AVAILABLE.get(values["availability"].lower())
    if available is None:
        known = ", ".join(k for k in _AVAILABLE if "_" in k or " " not in k)
        return Problem(line, "availability", f"{values['availability']!r} is none of {known}.")
    price = _price(values["price"])
    if price is None:
        return Problem(line, "price", f"{values['price']!r} is not like '49.99 EUR'.")
    gtin = values.get("gtin", "")
    if gtin and not _valid_gtin(gtin):
        return Problem(line, "gtin", f"{gtin!r} is no GTIN (8, 12, 13 or 14 digits, check digit).")
    extra = [part.strip() for part in values.get("additional_image_link", "").split(",")]
    texts = {c: values.get(c, "") for c in COLUMNS if c not in REQUIRED or c == "title"}
    return Row(
        line=line,
        id=values["id"],
        group=values.get("item_group_id") or values["id"],
        title=values["title"],
        pictures=(values["image_link"], *filter(None, extra)),
        available=available,
        price=price[0],
        currency=price[1],
        gtin=gtin,
        texts=texts,
    )


def _price(text: str) -> tuple[int, str] | None:
    match = _PRICE.fullmatch(text.strip().upper())
    if not match:
        return None
    try:
        amount = Decimal(match["amount"].replace(",", "."))
    except InvalidOperation:  # the pattern leaves nothing that Decimal refuses
        return None
    return int((amount * 100).to_integral_value()), match["currency"]


def _valid_gtin(text: str) -> bool:
    """Check length and the GS1 check digit."""
    if not text.isascii() or not text.isdigit() or len(text) not in (8, 12, 13, 14):
        return False
    total = sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(reversed(text[:-1])))
    return (10 - total % 10) % 10 == int(text[-1])
