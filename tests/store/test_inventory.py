"""The shop in rows of numbers, as suggestions are made from it."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import select

from store import Site, journal, looks
from store.catalogue import colourways_by_sku
from store.inventory import (
    Inventory,
    Sizes,
    inventory_version,
    load_inventory,
    load_sizes,
    load_stock_figures,
)
from store.schema import Colourway, Sale, Stock, Variant, Vector, Visit, VisitItem

DIMENSIONS = 256


def load(shop: Site) -> Inventory:
    with shop.store.read() as session:
        model = session.scalars(select(Vector.model)).first() or ""
        return load_inventory(session, model, DIMENSIONS)


def test_every_colourway_is_a_row(shop: Site) -> None:
    found = load(shop)
    rows = dict(zip(found.skus, zip(found.styles, found.categories, found.types, strict=True),
                    strict=True))  # fmt: skip
    assert rows == {
        "T1-S": ("T1", "top", "tee"),
        "T1b-S": ("T1", "top", "tee"),
        "K1": ("K1", "skirt", "skirts"),
        "H1": ("H1", "shoes", "boots"),
        "C1": ("C1", "coat", "coats"),
        "B1": ("B1", "bag", "bags"),
    }
    assert list(found.ids) == sorted(found.ids)
    assert found.audiences == ("/",) * 6
    with shop.store.read() as session:
        assert colourways_by_sku(session, found.skus) == dict(
            zip(found.skus, map(int, found.ids), strict=True)
        )


def test_vectors_and_colours_are_those_of_the_pictures(shop: Site) -> None:
    found = load(shop)
    assert found.vectors.shape == (6, DIMENSIONS)
    assert np.linalg.norm(found.vectors, axis=1) == pytest.approx(np.ones(6), abs=0.01)
    lightness, red, _ = found.colours[found.skus.index("T1-S")]
    assert red > 20
    assert found.colours[found.skus.index("C1")][0] > lightness
    with shop.store.read() as session:
        other = load_inventory(session, "another embedder", DIMENSIONS)
    assert not other.vectors.any()


def test_a_price_is_the_lowest_of_all_sizes_or_not_known(shop: Site) -> None:
    with shop.store.write() as session:
        variants = {v.sku: v for v in session.scalars(select(Variant))}
        variants["T1-S"].price, variants["T1-M"].price = 1990, 1290
        variants["T1-S"].sale_price = 500  # a sale leaves it in its price class
        variants["K1"].price = None
    found = load(shop)
    prices = dict(zip(found.skus, found.prices.tolist(), strict=True))
    assert prices["T1-S"] == 1290
    assert np.isnan(prices["K1"])


def test_looks_are_those_that_people_made_or_kept(shop: Site) -> None:
    with shop.store.write() as session:
        keys = list(session.scalars(select(Colourway.id).order_by(Colourway.id)))
        mine = looks.write_look(session, keys[:2], "", 1.0)
        dropped = looks.write_look(session, keys[2:4], "", 1.0)
        looks.judge_look(session, dropped, "dropped", 2.0)
        looks.replace_composed(session, [(keys[:3], 0.9), (keys[3:6], 0.8)], 3.0)
    assert load(shop).looks == {mine: (0, 1)}
    with shop.store.write() as session:
        composed = looks.page_of_looks(session, "composed", None, 0, 10)[0][0].id
        looks.judge_look(session, composed, "kept", 4.0)
    found = load(shop)
    assert set(found.looks) == {mine, composed}
    assert found.kept == {mine, composed}
    assert len(found.looks[composed]) == 3


def test_sizes_are_those_made_and_those_on_hand(shop: Site) -> None:
    with shop.store.read() as session:
        sizes, keys = load_sizes(session), colourways_by_sku(session, ["T1-S", "T1b-S", "K1"])
    assert sizes[keys["T1-S"]] == Sizes(frozenset({"S", "M"}), frozenset({"S"}))
    assert sizes[keys["T1b-S"]] == Sizes(frozenset({"S"}), frozenset({"S"}))
    assert sizes[keys["K1"]].made == {""}


def test_the_version_changes_with_what_the_inventory_is_made_of(shop: Site) -> None:
    def version(kind: str) -> int:
        with shop.store.write() as session:
            journal.append(session, 1.0, kind, "", {})
        with shop.store.read() as session:
            return inventory_version(session)

    first = version("catalogue.changed")
    assert version("crossing") == first
    second = version("looks.changed")
    assert second > first
    assert version("catalogue.changed") > second


def test_before_any_change_the_version_is_none(site: Site) -> None:
    with site.store.read() as session:
        assert inventory_version(session) == 0
    assert len(load(site).ids) == 0


def test_stock_figures_tell_pieces_last_sale_and_last_visit_to_a_room(shop: Site) -> None:
    day, now = 86_400.0, 1_000 * 86_400.0
    with shop.store.write() as session:
        variants = {v.sku: v for v in session.scalars(select(Variant))}
        session.get_one(Stock, variants["T1-S"].id).quantity = 3
        for sku in ("K1", "B1"):
            session.get_one(Stock, variants[sku].id).available = sku == "K1"
        for number, days in enumerate((40, 2)):
            sale = Sale(receipt=str(number), time=now - days * day, variant_id=variants["T1-M"].id)
            session.add(sale)
        for days, state in ((9, "out"), (5, "in"), (1, "not_mine")):
            visit = Visit(room="1", opened_at=now - days * day, touched_at=now)
            session.add(visit)
            session.flush()
            session.add(VisitItem(visit_id=visit.id, category="bag", score=1, state=state,
                                  colourway_id=variants["B1"].colourway_id))  # fmt: skip
    with shop.store.read() as session:
        found = load_stock_figures(session, now).of(["T1-S", "K1", "B1"])
    assert found.listed.tolist() == [True, True, False]
    assert found.count[0] == 3
    assert np.isnan(found.count[1:]).all()
    assert found.sold_days[0] == pytest.approx(2)
    assert np.isnan(found.sold_days[1:]).all()
    assert found.seen_days[2] == pytest.approx(5)
    assert np.isnan(found.seen_days[:2]).all()
