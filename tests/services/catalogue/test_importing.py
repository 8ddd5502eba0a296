from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

import services.catalogue.importing
from services.catalogue.importing import import_feed
from store import Site
from store.inventory import load_stock_figures
from store.schema import Article, Stock, Variant, Vector
from tests.conftest import SHOP_ROWS, feed_row, write_feed


def counts(site: Site) -> tuple[int, int, int]:
    with site.store.read() as session:
        return tuple(  # type: ignore[return-value]
            session.scalar(select(func.count()).select_from(table))
            for table in (Article, Variant, Vector)
        )


def test_a_second_import_changes_nothing(shop: Site, pictures: Path, tmp_path: Path) -> None:
    before = counts(shop)
    report = import_feed(shop, write_feed(tmp_path / "again.csv", *SHOP_ROWS), pictures, 0.0)
    assert (report.added, report.changed, report.unchanged) == (0, 0, len(SHOP_ROWS))
    assert counts(shop) == before == (5, 7, 6)  # the tee's two sizes share their picture


def test_only_what_changed_is_changed(shop: Site, pictures: Path, tmp_path: Path) -> None:
    rows = [feed_row(price="9.90 EUR"), *SHOP_ROWS[1:]]
    report = import_feed(shop, write_feed(tmp_path / "new.csv", *rows), pictures, 0.0)
    assert (report.added, report.changed, report.unchanged) == (0, 1, len(SHOP_ROWS) - 1)
    with shop.store.read() as session:
        assert session.scalar(select(Variant.price).where(Variant.sku == "T1-S")) == 990


def test_a_new_picture_under_the_same_name_is_embedded_anew(
    site: Site, pictures: Path, tmp_path: Path
) -> None:
    images = tmp_path / "images"
    shutil.copytree(pictures, images)
    feed = write_feed(tmp_path / "f.csv", feed_row())
    import_feed(site, feed, images, 0.0)
    with site.store.read() as session:
        before = session.scalars(select(Vector.data)).one()
    shutil.copy(images / "coat.jpg", images / "tee.jpg")
    os.utime(images / "tee.jpg", (1, 1))
    assert import_feed(site, feed, images, 0.0).changed == 1
    with site.store.read() as session:
        after = session.scalars(select(Vector.data)).one()
    old, new = (np.frombuffer(data, np.float16).astype(np.float32) for data in (before, after))
    assert float(old @ new) < 0.95


def test_bad_pictures_are_named_and_the_rest_is_kept(
    site: Site, pictures: Path, tmp_path: Path
) -> None:
    images = tmp_path / "images"
    shutil.copytree(pictures, images)
    (images / "text.jpg").write_text("this is text")
    (images / "noise.jpg").write_bytes(np.random.default_rng(0).bytes(10_000_000))
    feed = write_feed(
        tmp_path / "f.csv", feed_row(id="A"), feed_row(id="B", image_link="gone.jpg"),
        feed_row(id="C", image_link="text.jpg"), feed_row(id="D", image_link="noise.jpg"),
        feed_row(id="E", image_link="../../secret.jpg"), feed_row(id="F", price="free"),
        feed_row(id="G", size="XL"),
    )  # fmt: skip
    report = import_feed(site, feed, images, 0.0)
    assert report.added == 2
    assert [(p.line, p.column) for p in report.problems] == [
        (3, "image_link"), (4, "image_link"), (5, "image_link"), (6, "image_link"), (7, "price"),
    ]  # fmt: skip


def test_an_import_that_broke_off_goes_on(
    site: Site, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import services.catalogue.importing

    monkeypatch.setattr(services.catalogue.importing, "_BATCH", 3)
    real, calls = services.catalogue.importing._save, []

    def failing(*arguments: object) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(services.catalogue.importing, "_save", failing)
    feed = write_feed(tmp_path / "feed.csv", *SHOP_ROWS)
    with pytest.raises(KeyboardInterrupt):
        import_feed(site, feed, pictures, 0.0)
    assert counts(site)[1] == 3  # the first batch, whole
    report = import_feed(site, feed, pictures, 0.0)
    assert (report.added, report.unchanged) == (len(SHOP_ROWS) - 3, 3)


def pieces(site: Site) -> dict[str, int | None]:
    with site.store.read() as session:
        return dict(session.execute(select(Variant.sku, Stock.quantity).join(Stock)).all())


def with_quantities(path: Path, *quantities: str) -> Path:
    lines = write_feed(path, *SHOP_ROWS[: len(quantities)]).read_text().splitlines()
    extra = ["quantity", *quantities]
    path.write_text("\n".join(f"{x},{y}" for x, y in zip(lines, extra, strict=True)) + "\n")
    return path


def test_quantities_are_stored_and_weigh_in_the_stock_figures(
    site: Site, pictures: Path, tmp_path: Path
) -> None:
    feed = with_quantities(tmp_path / "f.csv", "4", "9", "many", "-2")
    report = import_feed(site, feed, pictures, 0.0)
    assert pieces(site) == {"T1-S": 4, "T1-M": None, "T1b-S": None, "K1": 0}  # T1-M is sold out
    assert [(n.line, n.column) for n in report.notes] == [(4, "quantity")]
    with site.store.read() as session:
        figures = load_stock_figures(session, 0.0)
    assert dict(zip(figures.skus, figures.count.tolist(), strict=True))["T1-S"] == 4


def test_where_only_quantities_change_no_picture_is_read(
    site: Site, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_feed(site, with_quantities(tmp_path / "f.csv", "4", "", "2"), pictures, 0.0)

    def fail(*_: object) -> None:
        raise AssertionError("a picture is read again")

    monkeypatch.setattr(services.catalogue.importing, "load_picture", fail)
    report = import_feed(site, with_quantities(tmp_path / "g.csv", "3", "", "2"), pictures, 0.0)
    assert (report.changed, report.unchanged) == (1, 2)
    assert pieces(site) == {"T1-S": 3, "T1-M": None, "T1b-S": 2}
    report = import_feed(site, write_feed(tmp_path / "h.csv", *SHOP_ROWS[:3]), pictures, 0.0)
    assert pieces(site) == {"T1-S": None, "T1-M": None, "T1b-S": None}
