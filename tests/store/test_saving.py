"""What becomes of colourways when a feed renames, respells and moves what they are made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from store import Site, create_or_upgrade, open_store, saving
from store.database import Store
from store.rows import Row
from store.saving import PictureFile, Plan, place_of, save_row, take_out_of_stock
from store.schema import (
    Article,
    Colourway,
    Feedback,
    Look,
    LookItem,
    Picture,
    Stock,
    Variant,
    View,
    Visit,
    VisitItem,
)

MIGRATIONS = Path(saving.__file__).parent / "migrations" / "versions"
PICTURE = (PictureFile("a.jpg", "aa/a.jpg", (50.0, 0.0, 0.0)),)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    pgserver = pytest.importorskip("pgserver")
    server = pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    create_or_upgrade(url)
    store = open_store(url)
    yield store
    store.close()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "sqlite":
        site: Site = request.getfixturevalue("site")
        return site.store
    opened: Store = request.getfixturevalue("postgres")
    with opened.write() as session:
        for table in (Feedback, VisitItem, Visit, LookItem, Look, View, Picture, Stock, Variant,
                      Colourway, Article):  # fmt: skip
            session.query(table).delete()
    return opened


def row(sku: str, colour: str, size: str = "", group: str = "G") -> Row:
    return Row(1, sku, group, "Tee", ("a.jpg",), True, 1999, "EUR",
               texts={"color": colour, "size": size})  # fmt: skip


def bring(store: Store, *rows: Row, complete: bool = True) -> None:
    """Save rows as an import of one feed does."""
    plan = Plan({one.id: place_of(one) for one in rows}, complete)
    with store.write() as session:
        for one in rows:
            save_row(session, one, "top", PICTURE, "", plan)


def shop(store: Store) -> dict[str, tuple[str, str, list[str]]]:
    """Return group, colour and variants of each colourway by its SKU; checks that it holds."""
    with store.read() as session:
        found = {}
        for way in session.scalars(select(Colourway).order_by(Colourway.id)):
            skus = [variant.sku for variant in way.variants]
            assert way.sku in skus
            assert way.pictures
            found[way.sku] = (way.article.code, way.colour, skus)
        assert all(article.colourways for article in session.scalars(select(Article)))
        return found


def refer(store: Store, sku: str) -> int:
    """Let a look, a visit, a view and feedback refer to a variant's colourway; returns its id."""
    with store.write() as session:
        key = session.scalars(select(Variant.colourway_id).where(Variant.sku == sku)).one()
        session.add(Look(code=f"look {sku}", items=[LookItem(colourway_id=key, position=0)]))
        visit = Visit(room="1", opened_at=0, touched_at=0)
        session.add(visit)
        session.flush()
        session.add(VisitItem(visit_id=visit.id, category="top", colourway_id=key, score=1,
                              candidates=()))  # fmt: skip
        session.add(Feedback(time=0, visit_id=visit.id, kind="tried", outfit="1", colourway_id=key,
                             position=0, propensity=1, features=[]))  # fmt: skip
        session.add(View(colourway_id=key, model="m", data=b"", camera="c", time=0))
        return key


def references(store: Store) -> set[int]:
    with store.read() as session:
        columns = (LookItem.colourway_id, VisitItem.colourway_id, Feedback.colourway_id,
                   View.colourway_id)  # fmt: skip
        return {key for column in columns for key in session.scalars(select(column))}


@pytest.mark.parametrize(
    ("before", "after"), [("Red", "Crimson"), ("", "Red"), ("Rosé", "ROSE"), ("Red", "")]
)
def test_a_renamed_colour_keeps_its_colourway(store: Store, before: str, after: str) -> None:
    bring(store, row("S", before, "S"), row("M", before, "M"))
    key = refer(store, "S")
    bring(store, row("S", after, "S"), row("M", after, "M"))
    assert shop(store) == {"S": ("G", after, ["S", "M"])}
    assert references(store) == {key}


def test_colours_of_one_article_may_swap_their_names(store: Store) -> None:
    bring(store, row("1", "Red", "S"), row("2", "Blue", "S"))
    bring(store, row("1", "Blue", "S"), row("2", "Red", "S"))
    assert {skus[0]: colour for _, colour, skus in shop(store).values()} == {
        "1": "Blue", "2": "Red"}  # fmt: skip


def test_one_size_that_leaves_gets_a_colour_of_its_own(store: Store) -> None:
    bring(store, row("S", "Red", "S"), row("M", "Red", "M"))
    key = refer(store, "S")
    bring(store, row("S", "Blue", "S"), row("M", "Red", "M"))
    assert shop(store) == {"M": ("G", "Red", ["M"]), "S": ("G", "Blue", ["S"])}
    assert references(store) == {key}
    with store.read() as session:
        assert session.get_one(Colourway, key).colour == "Red"


def test_colours_that_become_one_are_merged(store: Store) -> None:
    bring(store, row("S", "Red", "S"), row("M", "Crimson", "M"))
    kept = refer(store, "S")
    refer(store, "M")
    bring(store, row("S", "Red", "S"), row("M", "Red", "M"))
    assert shop(store) == {"S": ("G", "Red", ["S", "M"])}
    assert references(store) == {kept}


def test_a_group_that_moves_keeps_its_colourway(store: Store) -> None:
    bring(store, row("S", "Red", "S"), row("M", "Red", "M"))
    key = refer(store, "S")
    bring(store, row("S", "Red", "S", "H"), row("M", "Red", "M", "H"))
    assert shop(store) == {"S": ("H", "Red", ["S", "M"])}
    assert references(store) == {key}


def test_a_variant_joins_another_group(store: Store) -> None:
    bring(store, row("1", "Red", "S", "A"), row("2", "Red", "M", "B"))
    refer(store, "2")
    bring(store, row("1", "Red", "S", "A"), row("2", "Red", "M", "A"))
    assert shop(store) == {"1": ("A", "Red", ["1", "2"])}


def test_a_new_sku_takes_the_place_of_one_no_longer_listed(store: Store) -> None:
    bring(store, row("old", "Red", "S"))
    key = refer(store, "old")
    bring(store, row("new", "Red", "S"))
    assert shop(store) == {"old": ("G", "Red", ["old", "new"])}
    assert references(store) == {key}


def test_a_partial_feed_leaves_what_it_does_not_list(store: Store) -> None:
    bring(store, row("S", "Red", "S"), row("M", "Red", "M"))
    bring(store, row("S", "Blue", "S"), complete=False)
    assert shop(store) == {"M": ("G", "Red", ["M"]), "S": ("G", "Blue", ["S"])}


def test_a_colourway_that_an_older_version_left_empty_is_used_again(store: Store) -> None:
    bring(store, row("1", "Red"))
    key = refer(store, "1")
    with store.write() as session:
        left = session.get_one(Colourway, key)
        moved = Colourway(article_id=left.article_id, key="blue", sku="x", colour="Blue")
        session.add(moved)
        session.flush()
        session.scalars(select(Variant)).one().colourway_id = moved.id
    bring(store, row("1", "Green"), row("2", "Blue"))
    with store.read() as session:
        colours = {v.sku: v.colourway.colour for v in session.scalars(select(Variant))}
    assert colours == {"1": "Green", "2": "Blue"}


def test_what_a_feed_no_longer_lists_is_out_of_stock(store: Store) -> None:
    bring(store, row("S", "Red", "S"), row("M", "Red", "M"))
    with store.write() as session:
        assert take_out_of_stock(session, {"S"}) == 1
        assert take_out_of_stock(session, {"S"}) == 0
    with store.read() as session:
        stock = {v.sku: v.stock.available for v in session.scalars(select(Variant))}
    assert stock == {"S": True, "M": False}


def test_a_price_larger_than_32_bits_is_kept(store: Store) -> None:
    large = Row(1, "1", "G", "Tee", ("a.jpg",), True, 99_999_999_999, "IDR")
    bring(store, large)
    with store.read() as session:
        assert session.scalars(select(Variant.price)).one() == 99_999_999_999


def test_downgrading_and_upgrading_keeps_prices(tmp_path: Path) -> None:
    from store.migrate import downgrade, revisions

    url = f"sqlite:///{tmp_path / 'x.db'}"
    create_or_upgrade(url)
    store = open_store(url)
    sold = [("1", 1999, "EUR"), ("2", 1500, "JPY"), ("3", 12500, "KWD")]
    rows = [Row(1, i, i, "Tee", ("a.jpg",), True, price, c) for i, price, c in sold]
    bring(store, *rows)
    store.close()
    known = revisions()
    added = next(path.stem[:4] for path in MIGRATIONS.glob("*_sale_prices.py"))
    downgrade(url, known[known.index(added) - 1])
    create_or_upgrade(url)
    store = open_store(url)
    with store.read() as session:
        found = session.execute(select(Variant.sku, Variant.price, Variant.currency)).all()
    store.close()
    assert [tuple(one) for one in found] == sold
