"""Shopify's product export as Google's columns; both the old and the new names of its columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from common.tables import Problem, Record, Values

#: Names of the columns since 2024, by those before.
_NEW_NAMES: Final = {
    "url_handle": "handle",
    "description": "body_(html)",
    "sku": "variant_sku",
    "barcode": "variant_barcode",
    "gtin": "variant_barcode",
    "variant_gtin": "variant_barcode",
    "price": "variant_price",
    "compare_at_price": "variant_compare_at_price",
    "inventory_quantity": "variant_inventory_qty",
    "inventory_tracker": "variant_inventory_tracker",
    "continue_selling_when_out_of_stock": "variant_inventory_policy",
    "product_image_url": "image_src",
    "variant_image_url": "variant_image",
    "standard_product_type": "product_category",
    "google_shopping_/_gender": "gender",
    "google_shopping_/_age_group": "age_group",
    "google_shopping_/_google_product_category": "google_category",
}
_COLOURS: Final = frozenset({
    "color", "colour", "farbe", "couleur", "colore", "kleur", "cor", "färg", "farve", "farge",
    "kolor", "barva", "renk",
})  # fmt: skip
_SIZES: Final = frozenset({
    "size", "grösse", "größe", "groesse", "taille", "talla", "taglia", "maat", "tamanho",
    "storlek", "størrelse", "rozmiar", "velikost", "beden",
})  # fmt: skip
_TRUE: Final = frozenset({"true", "continue", "yes", "1"})


def is_shopify(header: Sequence[str]) -> bool:
    """Check whether columns are those of a Shopify export."""
    names = {_NEW_NAMES.get(name, name) for name in header}
    return {"handle", "variant_price", "title"} <= names and "id" not in names


def read_shopify(records: Iterable[Record]) -> Iterator[Record]:
    """Turn a Shopify export's rows into rows of Google's columns, one a variant.

    A product's rows follow each other: the first one has its texts, others only their variant's
    values or another picture.
    """
    product: list[tuple[int, Values]] = []
    for line, values in records:
        if isinstance(values, Problem):
            yield line, values
            continue
        row = {_NEW_NAMES.get(name, name): value for name, value in values.items()}
        if product and row.get("handle") != product[0][1].get("handle"):
            yield from _variants(product)
            product = []
        product.append((line, row))
    yield from _variants(product)


def _variants(rows: list[tuple[int, Values]]) -> Iterator[Record]:
    if not rows:
        return
    first = rows[0][1]
    names = [first.get(f"option{n}_name", "").casefold() for n in (1, 2, 3)]
    pictures = [row["image_src"] for _, row in rows if row.get("image_src")]
    of_variants = {row["variant_image"] for _, row in rows if row.get("variant_image")}
    common = [link for link in pictures if link not in of_variants]
    for line, row in rows:
        options = [row.get(f"option{n}_value", "") for n in (1, 2, 3)]
        if row.get("variant_price") or row.get("variant_sku") or any(options):
            own = row.get("variant_image") or (pictures[0] if pictures else "")
            more = [link for link in common if link != own]
            yield line, _google(first, row, dict(zip(names, options, strict=True)), [own, *more])


def _google(first: Values, row: Values, options: dict[str, str], pictures: list[str]) -> Values:
    values = [value for value in options.values() if value and value != "Default Title"]
    handle = first.get("handle", "")
    price, sale = _prices(row)
    return {
        "id": row.get("variant_sku")
        or "-".join([handle, *(re.sub(r"\s+", "-", v) for v in values)]),
        "item_group_id": handle,
        "title": first.get("title", ""),
        "description": first.get("body_(html)", ""),
        "image_link": pictures[0],
        "additional_image_link": ",".join(pictures[1:]),
        "availability": _availability(first, row),
        "price": price,
        "sale_price": sale,
        # The export's prices are in the shop's currency, which it does not name.
        "_shop_currency": "1",
        "brand": first.get("vendor", ""),
        "quantity": row.get("variant_inventory_qty", "") if _is_tracked(row) else "",
        "gtin": row.get("variant_barcode", ""),
        "color": _option(options, _COLOURS),
        "size": _option(options, _SIZES),
        "gender": first.get("gender", ""),
        "age_group": first.get("age_group", ""),
        "product_type": first.get("type", ""),
        "google_product_category": first.get("google_category")
        or first.get("product_category", ""),
    }


def _option(options: dict[str, str], names: frozenset[str]) -> str:
    return next((value for name, value in options.items() if name in names), "")


def _availability(first: Values, row: Values) -> str:
    if first.get("status", "active").lower() not in ("active", ""):
        return "out_of_stock"
    quantity = row.get("variant_inventory_qty", "")
    if (
        not _is_tracked(row)
        or not quantity
        or row.get("variant_inventory_policy", "").lower() in _TRUE
    ):
        return "in_stock"
    return "in_stock" if _number(quantity) > 0 else "out_of_stock"


def _is_tracked(row: Values) -> bool:
    return row.get("variant_inventory_tracker", "-") != ""


def _prices(row: Values) -> tuple[str, str]:
    """Return price and sale price: Shopify's price is what is paid, the other what it was."""
    price, before = row.get("variant_price", ""), row.get("variant_compare_at_price", "")
    return (before, price) if before and _number(before) > _number(price) else (price, "")


def _number(text: str) -> Decimal:
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return Decimal(0)
