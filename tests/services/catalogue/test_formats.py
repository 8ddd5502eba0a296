"""Feeds in other formats than CSV with Google's columns: XML and Shopify's export."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.errors import InputError
from services.catalogue.feed import Problem, read_feed
from store.rows import Row
from store.sales import price_at
from store.schema import Variant
from tests.conftest import feed_row, write_feed

ITEM = (
    "<g:id>1</g:id><title>wrong</title><g:title>Women&amp;#39;s Tee</g:title>"
    "<description><![CDATA[<p>Soft &amp; warm</p>]]></description>"
    "<g:image_link>https://x.example/w_1,h_2/a.jpg</g:image_link>"
    "<g:additional_image_link>https://x.example/w_1,h_2/b.jpg</g:additional_image_link>"
    "<g:additional_image_link>c.jpg</g:additional_image_link>"
    "<g:availability>in_stock</g:availability><g:price>19.99 EUR</g:price>"
    "<g:shipping><g:price>4.00 EUR</g:price></g:shipping>"
)
SPACE = 'xmlns:g="http://base.google.com/ns/1.0"'


def feed(path: Path, text: str) -> list[Row | Problem]:
    path.write_text(text, encoding="utf-8")
    return list(read_feed(path))


@pytest.mark.parametrize(
    "text",
    [
        f'<?xml version="1.0"?>\n<rss version="2.0" {SPACE}><channel><title>Shop</title>'
        f"<item>{ITEM}</item></channel></rss>",
        f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACE}><title>Shop</title>'
        f"<entry>{ITEM}</entry></feed>",
    ],
)
def test_reads_rss_and_atom(tmp_path: Path, text: str) -> None:
    (row,) = feed(tmp_path / "f.xml", text)
    assert isinstance(row, Row)
    assert (row.id, row.title, row.price) == ("1", "Women's Tee", 1999)
    assert row.texts["description"] == "Soft & warm"
    assert row.pictures[0] == "https://x.example/w_1,h_2/a.jpg"
    assert row.pictures[1].startswith("https://x.example/w_1,h_2/b.jpg")


def test_names_the_line_of_an_item_that_lacks_something(tmp_path: Path) -> None:
    text = (
        f"<rss {SPACE}><channel>\n<item>{ITEM}</item>\n<item><g:id>2</g:id></item></channel></rss>"
    )
    row, problem = feed(tmp_path / "f.xml", text)
    assert isinstance(row, Row)
    assert isinstance(problem, Problem)
    assert (problem.line, problem.column, problem.id) == (3, "title", "2")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"<rss {SPACE}><channel>\n<item>Tee & Top</item></channel></rss>", "line 2"),
        ("<html><body>404</body></html>", "no product feed"),
        ('<!DOCTYPE a [<!ENTITY b "b">]><rss>&b;</rss>', "entities"),
    ],
)
def test_refuses_other_xml(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        feed(tmp_path / "f.xml", text)


OLD = (
    "Handle,Title,Body (HTML),Vendor,Type,Option1 Name,Option1 Value,Option2 Name,Option2 Value,"
    "Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,"
    "Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Variant Image,Status\n"
    "tee,Tee,<p>Soft</p>,Acme,T-shirt,Color,Red,Size,S,TEE-R-S,shopify,4,deny,19.99,29.99,"
    "4006381333931,https://x.example/1.jpg,https://x.example/red.jpg,active\n"
    "tee,,,,,,Blue,,M,,shopify,0,deny,19.99,,,https://x.example/2.jpg,,\n"
    "tee,,,,,,,,,,,,,,,,https://x.example/3.jpg,,\n"
    "bag,Bag,,Acme,Bag,Title,Default Title,,,BAG,,,deny,5,,,https://x.example/b.jpg,,archived\n"
)
NEW = (
    "Title,URL handle,Description,Vendor,Product category,Type,Tags,Status,SKU,Barcode,"
    "Option1 name,Option1 value,Price,Compare-at price,Inventory quantity,Product image URL\n"
    "Tee,tee,x,Acme,Apparel,T-shirt,,active,TEE-S,,Size,S,19.99,,4,https://x.example/x.jpg?v=1\n"
)


def test_reads_shopify_s_older_export(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(OLD)
    red, blue, bag = read_feed(path, "EUR")
    assert isinstance(red, Row)
    assert isinstance(blue, Row)
    assert isinstance(bag, Row)
    assert (red.id, red.group, red.texts["color"], red.texts["size"]) == (
        "TEE-R-S",
        "tee",
        "Red",
        "S",
    )
    assert (red.price, red.offer and red.offer.price, red.gtin) == (2999, 1999, "04006381333931")
    assert red.pictures[0].endswith("red.jpg")
    assert (blue.id, blue.title, blue.available, blue.price) == ("tee-Blue-M", "Tee", False, 1999)
    assert [link[-5:] for link in blue.pictures] == ["1.jpg", "2.jpg", "3.jpg"]
    assert (bag.available, bag.texts["size"]) == (False, "")


def test_reads_shopify_s_newer_export_without_a_currency(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(NEW)
    (row,) = read_feed(path)
    assert isinstance(row, Row)
    assert (row.id, row.available, row.price, row.texts["brand"]) == ("TEE-S", True, None, "Acme")
    assert "catalogue.currency" in str(row.notes[0])
    (row,) = read_feed(path, "EUR")
    assert isinstance(row, Row)
    assert (row.price, row.currency, row.notes) == (1999, "EUR", ())


SALE = "id,title,image_link,availability,price,sale_price,sale_price_effective_date\n"


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("sale", "period", "offer"),
    [
        ("29.99 EUR", "", (2999, None, None)),
        ("29.99 EUR", "2026-11-01T13:00-0800/2026-11-15T15:30+0000",
         (2999, at("2026-11-01T21:00"), at("2026-11-15T15:30"))),
        ("29.99 EUR", "2026-11-01T00:00Z/", (2999, at("2026-11-01"), None)),
        ("29.99 EUR", "2026-11-01T00:00Z/9999-12-31", (2999, at("2026-11-01"), None)),
        ("29.99 EUR", "0001-01-01/9999-12-31T23:59:59Z", (2999, None, None)),
        ("49.99 EUR", "", None),
    ],
)  # fmt: skip
def test_reads_sale_prices(tmp_path: Path, sale: str, period: str, offer: object) -> None:
    (row,) = feed(tmp_path / "f.csv", f"{SALE}1,Tee,a.jpg,in_stock,49.99 EUR,{sale},{period}\n")
    assert isinstance(row, Row)
    assert not row.notes
    assert (row.offer and (row.offer.price, row.offer.start, row.offer.end)) == offer


@pytest.mark.parametrize(
    ("sale", "period"),
    [("59.99 EUR", ""), ("9.99 USD", ""), ("soon", ""), ("29.99 EUR", "tomorrow"),
     ("29.99 EUR", "2026-11-15/2026-11-01"), ("29.99 EUR", "2026-11-15"), ("29.99 EUR", "/"),
     ("29.99 EUR", "2026-13-01/2026-14-01")],
)  # fmt: skip
def test_a_sale_price_that_cannot_be_right_is_left_out(
    tmp_path: Path, sale: str, period: str
) -> None:
    (row,) = feed(tmp_path / "f.csv", f"{SALE}1,Tee,a.jpg,in_stock,49.99 EUR,{sale},{period}\n")
    assert isinstance(row, Row)
    assert row.offer is None
    assert [note.kind for note in row.notes] == ["no sale price"]


def test_a_sale_price_counts_while_it_is_valid() -> None:
    sold = Variant(price=4999, sale_price=2999, sale_from=100.0, sale_until=200.0)
    assert [price_at(sold, now) for now in (99.0, 100.0, 199.0, 200.0)] == [4999, 2999, 2999, 4999]
    always = Variant(price=4999, sale_price=2999)
    assert price_at(always, 0.0) == 2999
    assert price_at(Variant(price=4999), 0.0) == 4999


@pytest.mark.parametrize(
    ("text", "available"),
    [("in stock", True), ("In Stock", True), ("instock", True), ("in-stock", True),
     ("https://schema.org/InStock", True), ("http://schema.org/LimitedAvailability", True),
     ("pre-order", False), ("onbackorder", False), ("available for order", False),
     ("https://schema.org/SoldOut", False), ("discontinued", False), ("auf Lager", None)],
)  # fmt: skip
def test_reads_availability_in_its_usual_spellings(
    tmp_path: Path, text: str, available: bool | None
) -> None:
    (row,) = read_feed(write_feed(tmp_path / "f.csv", feed_row(availability=text)))
    assert (row.available if isinstance(row, Row) else None) is available


@pytest.mark.parametrize(
    ("gtin", "kept"),
    [("4006381333931", "04006381333931"), ("4 006381-333931", "04006381333931"),
     ("36000291452", "00036000291452"), ("4006381333932", ""), ("12", "")],
)  # fmt: skip
def test_a_wrong_gtin_costs_the_gtin_alone(tmp_path: Path, gtin: str, kept: str) -> None:
    (row,) = read_feed(write_feed(tmp_path / "f.csv", feed_row(gtin=gtin)))
    assert isinstance(row, Row)
    assert row.gtin == kept
    assert [note.column for note in row.notes] == ([] if kept else ["gtin"])


def test_ids_keep_zeros_and_inner_spaces(tmp_path: Path) -> None:
    rows = (feed_row(id=name) for name in ("00123", "123", '" A 1 "', "A/1#2", "abc", "ABC"))
    read = read_feed(write_feed(tmp_path / "f.csv", *rows))
    assert [row.id for row in read] == ["00123", "123", "A 1", "A/1#2", "abc", "ABC"]


def test_long_descriptions_are_read_and_binary_rows_are_named(tmp_path: Path) -> None:
    head = "id,title,image_link,availability,price,description\n"
    good = f"1,Tee,a.jpg,in_stock,9 EUR,{'long ' * 3000}\n"
    row, binary, endless = feed(
        tmp_path / "f.csv",
        head + good + "2,T\0ee,a.jpg,in_stock,9 EUR,\n" + f"3,{'x' * 20000},a,in_stock,9 EUR,\n",
    )
    assert isinstance(row, Row)
    assert isinstance(binary, Problem)
    assert isinstance(endless, Problem)
    assert (binary.column, endless.column) == ("title", "title")


def test_a_row_that_nobody_thought_of_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(text: str) -> str:
        if text == "odd":
            raise ZeroDivisionError("by zero")
        return text

    monkeypatch.setattr("services.catalogue.feed.clean_text", failing)
    feed_file = write_feed(tmp_path / "f.csv", feed_row(title="odd"), feed_row(id="B"))
    problem, row = read_feed(feed_file)
    assert isinstance(problem, Problem)
    assert "by zero" in str(problem)
    assert isinstance(row, Row)
