from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from models.manifest import load_manifest
from store import Site, StoreError, catalogue, looks
from store.schema import Colourway, Look, Variant, Vector


def test_sizes_of_a_colour_are_one_colourway(shop: Site) -> None:
    with shop.store.read() as session:
        ids = catalogue.colourways_by_sku(session, ["T1-S", "T1-M", "T1b-S", "nothing"])
        assert ids["T1-S"] == ids["T1-M"] != ids["T1b-S"]
        assert "nothing" not in ids
        colourway = session.get_one(Colourway, ids["T1-M"])
        assert (colourway.sku, colourway.article.category) == ("T1-S", "top")
        assert [v.stock.available for v in colourway.variants] == [True, False]


def test_a_search_finds_percent_and_underscore_as_they_are(shop: Site) -> None:
    with shop.store.write() as session:
        ids = catalogue.colourways_by_sku(session, ["K1"])
        session.get_one(Colourway, ids["K1"]).article.title = "Skirt 100% linen_mix"
    with shop.store.read() as session:
        assert catalogue.search_colourways(session, "%", 9) == [ids["K1"]]
        assert catalogue.search_colourways(session, "_", 9) == [ids["K1"]]
        assert catalogue.search_colourways(session, "SKIRT 100%", 9) == [ids["K1"]]


def test_measures_the_colour_of_the_picture(shop: Site) -> None:
    with shop.store.read() as session:
        ids = catalogue.colourways_by_sku(session, ["T1-S", "T1b-S"])
        red = session.get_one(Colourway, ids["T1-S"]).lab
        blue = session.get_one(Colourway, ids["T1b-S"]).lab
    assert red[1] > 20  # towards red
    assert blue[2] < -10  # towards blue


def test_the_gallery_holds_every_colourway_normalised(shop: Site) -> None:
    entry = load_manifest().embedder
    with shop.store.read() as session:
        gallery = catalogue.load_gallery(session, entry.model, entry.local_features)
    assert sorted(gallery.skus) == ["B1", "C1", "H1", "K1", "T1-S", "T1b-S"]
    assert abs((gallery.embeddings**2).sum(1) - 1).max() < 1e-2
    assert gallery.local_features.shape == (6, *entry.local_features)
    lengths = np.linalg.norm(gallery.local_features.astype(float), axis=2)
    assert abs(lengths / 127 - 1).max() < 0.05


def test_a_gallery_may_lack_a_few_pictures_while_an_import_runs(
    shop: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    entry = load_manifest().embedder
    asked = (entry.model, entry.local_features)
    with shop.store.write() as session:
        first = session.scalars(select(Vector).order_by(Vector.picture_id)).first()
        session.delete(first)
    with shop.store.read() as session:
        with pytest.raises(StoreError, match="1 pictures are not embedded"):
            catalogue.load_gallery(session, *asked)  # one of six is not a few
        monkeypatch.setattr(catalogue, "_WAITING", 0.2)
        assert len(catalogue.load_gallery(session, *asked).skus) == 5
        assert "not known until then" in caplog.text
        with pytest.raises(StoreError, match="fittingroom catalogue index"):
            catalogue.require_vectors(session, asked[0])


def test_looks_name_unknown_skus_and_keep_the_rest(shop: Site, tmp_path: Path) -> None:
    path = tmp_path / "looks.csv"
    path.write_text("outfit,sku\nA,T1-M\nA,K1\nA,NOPE\nA,T1-S\nB,T1b-S\nB,H1\n,K1\n")
    with shop.store.write() as session:
        report = looks.import_looks(session, path, 0.0)
    assert (report.added, report.changed, report.unchanged) == (2, 0, 0)
    assert [(p.line, p.column) for p in report.problems] == [(4, "sku"), (8, "outfit")]
    with shop.store.write() as session:
        assert looks.import_looks(session, path, 0.0).unchanged == 2
        look = session.query(Look).filter_by(code="A").one()
        assert len(look.items) == 2  # two sizes of one colourway are one article


def test_rows_of_one_colour_and_size_are_told_apart(site: Site, pictures: Path, tmp_path: Path
                                                    ) -> None:  # fmt: skip
    from services.catalogue.importing import import_feed
    from tests.conftest import feed_row, write_feed

    feed = write_feed(
        tmp_path / "f.csv", feed_row(id="A", size=""),
        feed_row(id="B", size="", image_link="tee-blue.jpg"),
    )  # fmt: skip
    for _ in range(2):
        import_feed(site, feed, pictures, 0.0)
        with site.store.read() as session:
            ids = catalogue.colourways_by_sku(session, ["A", "B"])
            assert ids["A"] != ids["B"]
            assert session.query(Variant).count() == 2
