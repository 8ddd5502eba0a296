"""Articles as pages show them, and how long they stay described."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from services.catalogue.cards import CardBook, Cards
from services.catalogue.renditions import VERSION
from store import Site, journal
from store.catalogue import colourways_by_sku
from store.schema import Variant

SKUS = ("T1-S", "T1b-S", "K1", "H1")


@pytest.fixture
def keys(shop: Site) -> dict[str, int]:
    with shop.store.read() as session:
        return colourways_by_sku(session, SKUS)


def read(shop: Site, keys: dict[str, int], now: float = 0.0) -> Cards:
    with shop.store.read() as session:
        return Cards.read(session, keys.values(), now)


def change(shop: Site, sku: str, **values: object) -> int:
    """Change a variant as an import does; returns its id."""
    with shop.store.write() as session:
        variant = session.scalars(select(Variant).where(Variant.sku == sku)).one()
        for name, value in values.items():
            setattr(variant, name, value)
        journal.append(session, 1.0, "catalogue.changed", "", {})
        return variant.id


def test_a_card_says_what_an_article_is_and_costs(shop: Site, keys: dict[str, int]) -> None:
    card = read(shop, keys).card(keys["T1-S"])
    for name, size in (("picture", "large"), ("thumbnail", "small")):
        assert card.pop(name).startswith(f"/pictures/{VERSION}/{size}/")
    assert card == {
        "sku": "T1-S", "style": "T1", "title": "Crew-neck tee", "brand": "", "category": "top",
        "colour": "red", "price": {"amount": 14.9, "currency": "EUR", "from": False},
    }  # fmt: skip


def test_details_are_its_sizes_and_the_other_colours(shop: Site, keys: dict[str, int]) -> None:
    detailed = read(shop, keys).card(keys["T1-S"], details=True)
    assert detailed["sizes"] == [
        {"size": "S", "available": True},
        {"size": "M", "available": False},
    ]
    assert [(c["sku"], c["colour"], c["available"]) for c in detailed["colours"]] == [
        ("T1b-S", "blue", True),
        ("T1-S", "red", True),
    ]
    assert [size["size"] for size in detailed["colours"][0]["sizes"]] == ["S"]


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [(("L", "XS"), ["XS", "L"]), (("W32", "W28"), ["W28", "W32"]), (("one", "40"), ["40", "one"])],
)
def test_sizes_stand_in_the_order_that_people_know(
    shop: Site, keys: dict[str, int], sizes: tuple[str, str], shown: list[str]
) -> None:
    for sku, size in zip(("T1-S", "T1-M"), sizes, strict=True):
        change(shop, sku, size=size)
    found = read(shop, keys).card(keys["T1-S"], details=True)["sizes"]
    assert [one["size"] for one in found] == shown


def test_the_lowest_price_says_that_it_is_the_lowest(shop: Site, keys: dict[str, int]) -> None:
    number = change(shop, "T1-M", price=990)
    cards = read(shop, keys)
    assert cards.card(keys["T1-S"])["price"] == {"amount": 9.9, "currency": "EUR", "from": True}
    variant = cards.variant(keys["T1-S"], number)
    assert variant is not None
    assert (variant["sku"], variant["size"], variant["shelf"]) == ("T1-M", "M", "A4")
    assert variant["price"] == {"amount": 9.9, "currency": "EUR", "from": False}
    change(shop, "K1", price=None)
    assert read(shop, keys).card(keys["K1"])["price"] is None


def test_a_size_is_known_where_there_is_only_one(shop: Site, keys: dict[str, int]) -> None:
    cards = read(shop, keys)
    assert cards.variant(keys["T1-S"], None) is None
    only = cards.variant(keys["K1"], None)
    assert only is not None
    assert only["sku"] == "K1"


def test_shelves_are_one_size_s_or_those_of_all(shop: Site, keys: dict[str, int]) -> None:
    cards, number = read(shop, keys), change(shop, "T1-M")
    assert cards.shelf(keys["T1-S"], number) == "A4"
    assert set(cards.shelf(keys["T1-S"], None).split(", ")) == {"A3", "A4"}
    assert cards.shelf(keys["K1"], None) == ""


def test_a_card_that_is_changed_by_its_page_is_changed_there_alone(
    shop: Site, keys: dict[str, int]
) -> None:
    cards = read(shop, keys)
    cards.card(keys["K1"])["title"] = "mine"
    assert cards.card(keys["K1"])["title"] == "Skirt"


@pytest.fixture
def queries(shop: Site) -> list[str]:
    """What is read of articles, one entry a query."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM colourway" in statement:
            asked.append(statement)

    event.listen(shop.store.engine, "before_cursor_execute", note)
    return asked


def test_what_was_described_is_read_again_only_after_a_change(
    shop: Site, keys: dict[str, int], queries: list[str]
) -> None:
    book = CardBook(lambda: 0.0)

    def title(*skus: str) -> str:
        with shop.store.read() as session:
            cards = book.open(session, [keys[sku] for sku in skus])
        return str(cards.card(keys[skus[0]])["price"])

    first = title("T1-S", "K1")
    read_once = len(queries)
    assert read_once > 0
    assert title("T1-S") == title("T1-S", "K1") == first
    assert len(queries) == read_once
    title("H1", "K1")
    assert len(queries) > read_once
    change(shop, "T1-S", price=2500)
    change(shop, "T1-M", price=2500)
    assert "25.0" in title("T1-S")


def test_a_sale_that_begins_and_ends_is_shown_at_its_time(shop: Site, keys: dict[str, int]) -> None:
    for sku in ("T1-S", "T1-M"):
        change(shop, sku, sale_price=990, sale_from=100.0, sale_until=200.0)
    now = [0.0]
    book = CardBook(lambda: now[0])

    def price() -> float:
        with shop.store.read() as session:
            return float(book.open(session, [keys["T1-S"]]).card(keys["T1-S"])["price"]["amount"])

    shown = []
    for now[0] in (50.0, 100.0, 199.0, 200.0):
        shown.append(price())
    assert shown == [14.9, 9.9, 9.9, 14.9]
