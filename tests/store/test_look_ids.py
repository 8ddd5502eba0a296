"""Look books by any number that a shop has for its articles."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from store import Site, looks
from store.look_ids import ArticleIds
from store.rows import Row
from store.saving import PictureFile, Plan, place_of, save_row
from store.schema import Look, Variant
from tests.cli.test_cli import run

PICTURE = (PictureFile("a.jpg", "aa/a.jpg", (50.0, 0.0, 0.0)),)
#: SKU, group, colour, size, category, in stock: numbered by style, colour and size.
ARTICLES = (
    ("100-01-S", "100", "red", "S", "shirt", False),
    ("100-02-S", "100", "blue", "S", "shirt", True),
    ("100-02-M", "100", "blue", "M", "shirt", True),
    ("200-07-S", "200", "black", "S", "trousers", True),
    ("300-01-S", "300", "red", "S", "dress", True),
    ("400-01", "400", "brown", "", "bag", True),
    ("500-01", "500", "black", "", "shoes", True),
    ("600-01-A", "600", "", "", "scarf", True),
    ("600-01-B", "601", "", "", "hat", True),
)


@pytest.fixture
def shop(site: Site) -> Site:
    rows = [
        Row(1, sku, group, group, ("a.jpg",), there, 1999, "EUR",
            gtin="04006381333931" if sku == "200-07-S" else "",
            texts={"color": colour, "size": size})
        for sku, group, colour, size, _, there in ARTICLES
    ]  # fmt: skip
    with site.store.write() as session:
        plan = Plan({row.id: place_of(row) for row in rows})
        for row, article in zip(rows, ARTICLES, strict=True):
            save_row(session, row, article[4], PICTURE, "", plan)
    return site


@pytest.mark.parametrize(
    ("text", "sku"),
    [
        ("100-01-S", "100-01-S"), ("100-02-M", "100-02-S"), ("100-02", "100-02-S"),
        ("100", "100-02-S"), ("300", "300-01-S"), ("400-01", "400-01"),
        ("4006381333931", "200-07-S"), ("600-01", None), ("100-0", None), ("nothing", None),
    ],
)  # fmt: skip
def test_finds_articles_by_size_colour_and_style(shop: Site, text: str, sku: str | None) -> None:
    with shop.store.read() as session:
        skus = dict(session.execute(select(Variant.sku, Variant.colourway_id)).all())
        assert ArticleIds(session).find(text) == (skus[sku] if sku else None)


def pieces(site: Site) -> dict[str, list[str]]:
    with site.store.read() as session:
        found = session.scalars(select(Look).order_by(Look.id))
        return {look.code: [item.colourway.sku for item in look.items] for look in found}


BOOK = (
    "outfit,sku\nwhole,100-02\nwhole,200\nwhole,400-01\n"
    "lost shoes,100-02-M\nlost shoes,200-07\nlost shoes,999\n"
    "only a bag and shoes left,999-01\nonly a bag and shoes left,400-01\n"
    "only a bag and shoes left,500-01\n"
    "no top any more,200\nno top any more,998\nno top any more,500-01\n"
    "dress,300\ndress,997\ndress,500\n"
    "one piece,300-01-S\none piece,300\n"
    "accessories,400\naccessories,500\n"
    "dress and bag,300\ndress and bag,400\n"
)


def test_looks_that_lose_pieces_are_flagged_or_refused(shop: Site, tmp_path: Path) -> None:
    path = tmp_path / "looks.csv"
    path.write_text(BOOK)
    done = run("catalogue", "import-looks", path, "--site", shop.folder, "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert (report["added"], report["refused"], report["skipped"]) == (4, 4, 4)
    assert {
        look["outfit"]: (look["refused"], look["unknown"]) for look in report["incomplete"]
    } == {
        "lost shoes": (False, ["999"]),
        "only a bag and shoes left": (True, ["999-01"]),
        "no top any more": (True, ["998"]),
        "dress": (False, ["997"]),
        "one piece": (True, []),
        "accessories": (True, []),
    }  # fmt: skip
    assert pieces(shop) == {
        "whole": ["100-02-S", "200-07-S", "400-01"],
        "lost shoes": ["100-02-S", "200-07-S"],
        "dress": ["300-01-S", "500-01"],
        "dress and bag": ["300-01-S", "400-01"],
    }
    assert "'lost shoes': 1 unknown ('999'), imported with 2 pieces" in done.stderr
    assert "'no top any more': 1 unknown ('998'), not imported" in done.stderr


def test_a_refused_look_leaves_what_there_was(shop: Site, tmp_path: Path) -> None:
    path = tmp_path / "looks.csv"
    path.write_text("outfit,sku\nA,100\nA,200\n")
    done = run("catalogue", "import-looks", path, "--site", shop.folder)
    assert (done.returncode, done.stdout) == (0, "")
    path.write_text("outfit,sku\nA,100\nA,999\n")
    assert run("catalogue", "import-looks", path, "--site", shop.folder).returncode == 2
    assert pieces(shop) == {"A": ["100-02-S", "200-07-S"]}


def test_without_kinds_two_pieces_are_a_look(shop: Site, tmp_path: Path) -> None:
    path = tmp_path / "looks.csv"
    path.write_text("outfit;sku\nA;400\nA;500\nB;400\n")
    with shop.store.write() as session:
        report = looks.import_looks(session, path, 0.0)
    assert (report.added, report.refused) == (1, 1)
