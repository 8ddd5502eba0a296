"""Whole imports: what one bad row, picture or feed costs, and what the report says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

import services.catalogue.importing
from cli.catalogue import describe_rate
from services.catalogue.importing import import_feed
from store import Site, StoreError, saving
from store.schema import Colourway, Variant
from tests.cli.test_cli import run
from tests.conftest import feed_row, write_feed


@pytest.fixture(autouse=True)
def _without_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tested here needs no embedder, which takes a second to load."""
    monkeypatch.setattr(services.catalogue.importing, "embed_missing", lambda *_: 0)


@pytest.fixture
def images(pictures: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    shutil.copytree(pictures, folder)
    (folder / "page.jpg").write_text("<!doctype html><p>404")
    return folder


def stock(site: Site) -> dict[str, bool]:
    with site.store.read() as session:
        return {v.sku: v.stock.available for v in session.scalars(select(Variant))}


def bring(site: Site, tmp_path: Path, images: Path, *rows: str, **options: bool):  # type: ignore[no-untyped-def]
    feed = write_feed(tmp_path / "feed.csv", *rows)
    return import_feed(site, feed, images, 0.0, **options)


def test_a_row_that_cannot_be_saved_costs_no_other(
    site: Site, tmp_path: Path, images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = saving.save_row

    def failing(session, row, *rest) -> None:  # type: ignore[no-untyped-def]
        real(session, row, *rest)
        if row.id == "B":
            session.add(Colourway(article_id=1, key="k", sku="A"))  # there is one already
            session.flush()
        if row.id == "C":
            raise OverflowError("too large")

    monkeypatch.setattr(saving, "save_row", failing)
    rows = [feed_row(id=name, size=name) for name in "ABCD"]
    report = bring(site, tmp_path, images, *rows)
    assert [(p.line, p.kind) for p in report.problems] == [
        (3, "row cannot be saved"), (4, "row cannot be saved")]  # fmt: skip
    assert "UNIQUE" in str(report.problems[0])
    assert report.added == 2
    assert stock(site) == {"A": True, "D": True}


def test_a_bad_additional_picture_costs_itself(site: Site, tmp_path: Path, images: Path) -> None:
    head = "id,title,image_link,additional_image_link,availability,price\n"
    rows = (
        'A,Tee,tee.jpg,"page.jpg,coat.jpg",in_stock,9 EUR\n'
        "B,Tee,page.jpg,coat.jpg,in_stock,9 EUR\n"
        "C,Tee,page.jpg,gone.jpg,in_stock,9 EUR\n"
    )
    (tmp_path / "f.csv").write_text(head + rows)
    report = import_feed(site, tmp_path / "f.csv", images, 0.0)
    assert [(p.line, p.column, p.id) for p in report.problems] == [(4, "image_link", "C")]
    assert [(n.line, n.column) for n in report.notes] == [
        (2, "additional_image_link"), (3, "image_link")]  # fmt: skip
    with site.store.read() as session:
        kept = {w.sku: [p.link for p in w.pictures] for w in session.scalars(select(Colourway))}
    assert kept == {"A": ["tee.jpg", "coat.jpg"], "B": ["coat.jpg"]}


def test_what_left_the_feed_is_out_of_stock_until_it_comes_back(
    site: Site, tmp_path: Path, images: Path
) -> None:
    both = [feed_row(id="A"), feed_row(id="B", size="M")]
    bring(site, tmp_path, images, *both)
    assert bring(site, tmp_path, images, both[0]).removed == 1
    assert stock(site) == {"A": True, "B": False}
    again = bring(site, tmp_path, images, *both)
    assert (again.changed, again.unchanged) == (1, 1)
    assert stock(site) == {"A": True, "B": True}


def test_a_row_that_is_skipped_keeps_its_article_in_stock(
    site: Site, tmp_path: Path, images: Path
) -> None:
    bring(site, tmp_path, images, feed_row(id="A"), feed_row(id="B", size="M"))
    bad = feed_row(id="B", size="M", price="soon")
    assert bring(site, tmp_path, images, feed_row(id="A"), bad).removed == 0
    assert stock(site) == {"A": True, "B": True}


def test_partial_and_broken_feeds_take_nothing_out_of_stock(
    site: Site, tmp_path: Path, images: Path
) -> None:
    bring(site, tmp_path, images, feed_row(id="A"), feed_row(id="B", size="M"))
    assert bring(site, tmp_path, images, feed_row(id="A"), partial=True).removed == 0
    broken = [feed_row(id=name, price="soon") for name in ("C", "D")]
    report = bring(site, tmp_path, images, feed_row(id="A"), *broken)
    assert "more than half" in report.kept_because
    assert "no row" in bring(site, tmp_path, images, *broken).kept_because
    assert "no row" in bring(site, tmp_path, images).kept_because
    assert stock(site) == {"A": True, "B": True}


def test_a_feed_that_broke_off_takes_nothing_out_of_stock(
    site: Site, tmp_path: Path, images: Path
) -> None:
    rows = [feed_row(id=f"A{n}", size=f"{n}") for n in range(60)]
    bring(site, tmp_path, images, *rows)
    short = bring(site, tmp_path, images, *rows[:30])
    assert "lists only 30 of the 60 variants in stock" in short.kept_because
    assert (short.removed, short.exit_code) == (0, 1)
    assert sum(stock(site).values()) == 60
    assert bring(site, tmp_path, images, *rows[:45]).removed == 15
    assert bring(site, tmp_path, images, *rows[:10], allow_removals=True).removed == 35
    assert sum(stock(site).values()) == 10


def test_a_disk_that_is_full_ends_the_import(
    site: Site, tmp_path: Path, images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("common.files.os.replace", full)
    with pytest.raises(StoreError, match="No space left"):
        bring(site, tmp_path, images, feed_row())


def test_the_command_reports_and_answers_by_its_exit_code(
    site: Site, tmp_path: Path, images: Path
) -> None:
    def command(*rows: str, json_too: bool = False) -> tuple[int, str, str]:
        feed = write_feed(tmp_path / "feed.csv", *rows)
        more = ["--json"] if json_too else []
        done = run("catalogue", "import", feed, "--images", images, "--site", site.folder, *more)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    code, out, told = command(feed_row())
    assert (code, out) == (0, "")
    assert "1 added" in told
    bad = feed_row(id="B", image_link="page.jpg")
    code, out, told = command(feed_row(), bad, feed_row(id="C", price="?"), json_too=True)
    assert code == 1
    report = json.loads(out)
    assert (report["unchanged"], report["skipped"]) == (1, 2)
    assert report["reasons"] == {"no picture of an article": 1, "price not usable": 1}
    assert [(p["line"], p["id"], p["column"]) for p in report["problems"]] == [
        (3, "B", "image_link"), (4, "C", "price")]  # fmt: skip
    assert "1 skipped: price not usable" in told
    assert command(bad)[0] == 2
    assert command()[0] == 2


def test_prices_of_all_currencies_are_shown_in_their_unit(
    site: Site, tmp_path: Path, images: Path
) -> None:
    from services.catalogue.cards import CardBook

    head = "id,title,image_link,availability,price,sale_price,sale_price_effective_date\n"
    rows = (
        "A,Tee,tee.jpg,in_stock,1500 JPY,,\nB,Tee,tee.jpg,in_stock,12.500 KWD,,\n"
        "C,Tee,tee.jpg,in_stock,49.99 EUR,29.99 EUR,1970-01-01T00:01:40Z/1970-01-01T00:03:20Z\n"
    )
    (tmp_path / "f.csv").write_text(head + rows)
    import_feed(site, tmp_path / "f.csv", images, 0.0)
    time = iter([0.0, 99.0, 100.0, 199.0, 200.0])
    book = CardBook(lambda: next(time))

    def shown() -> Iterator[float]:
        with site.store.read() as session:
            keys = dict(session.execute(select(Colourway.sku, Colourway.id)).all())
            cards = book.open(session, keys.values())
            yield from (cards.card(keys[sku])["price"]["amount"] for sku in "ABC")

    assert list(shown()) == [1500, 12.5, 49.99]
    assert [list(shown())[2] for _ in range(4)] == [49.99, 29.99, 29.99, 49.99]


@pytest.mark.parametrize(
    ("count", "seconds", "said"),
    [(90, 9.0, "10 per second"), (5, 10.0, "30 per minute"), (1, 90.0, "90 s each")],
)
def test_the_rate_of_an_import_is_never_zero(count: int, seconds: float, said: str) -> None:
    assert describe_rate(count, seconds) == said
