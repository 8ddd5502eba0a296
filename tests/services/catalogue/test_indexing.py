"""Which pictures of an article are embedded, and what is cut out of them before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from sqlalchemy import func, select

import services.catalogue.indexing
from common.image import Image
from models.appearance import Shot
from models.embedders.protocol import GarmentEmbedder
from models.matching import GalleryFeatures
from models.parsers.protocol import CLASSES, Parsed
from services.catalogue.importing import import_feed
from services.catalogue.indexing import index
from store import Site, catalogue, journal
from store.schema import Picture, Vector
from tests.cli.test_cli import run
from tests.conftest import SHOP_ROWS, write_feed
from tests.services.catalogue.test_importing import counts

#: The ground of a picture says what the drawn parser takes it for.
GROUNDS = {"packshot": 255, "worn": 200, "detail": 150, "nothing": 100}
#: The article's colour, and the colour of who wears it, BGR.
ARTICLE, PERSON = (20, 20, 180), (90, 140, 200)
COLUMNS = "id\ttitle\timage_link\tadditional_image_link\tavailability\tprice\tproduct_type"


class DrawnParser:
    """Reads what a picture shows from the grey of its ground."""

    def __init__(self, model: str) -> None:
        self.model = model

    def parse(self, images: Sequence[Image]) -> Parsed:
        picture = np.zeros((len(images), 4), np.float32)
        pixels = np.zeros((len(images), len(CLASSES), 32, 24), np.float32)
        for row, image in enumerate(images):
            grounds = [abs(int(image[0, 0, 0]) - grey) for grey in GROUNDS.values()]
            picture[row, int(np.argmin(grounds))] = 1
            small = cv2.resize(image, (24, 32), interpolation=cv2.INTER_NEAREST).astype(int)
            is_article = np.abs(small - ARTICLE).max(2) < 40
            is_person = np.abs(small - PERSON).max(2) < 40
            pixels[row, CLASSES.index("top")], pixels[row, 1] = is_article, is_person
            pixels[row, 0] = ~(is_article | is_person)
        return Parsed(picture, pixels)


def draw(path: Path, kind: str, article: bool = True) -> None:
    image = np.full((160, 120, 3), GROUNDS[kind], np.uint8)
    if kind == "worn":
        cv2.rectangle(image, (40, 10), (80, 150), PERSON, -1)
    if article:
        cv2.rectangle(image, (30, 40), (90, 110), ARTICLE, -1)
    cv2.imwrite(str(path), image)


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pictures of each kind, in a folder of a feed; the parser is a drawn one."""
    monkeypatch.setattr(services.catalogue.indexing, "open_parser", lambda *_: DrawnParser("first"))
    folder = tmp_path / "photos"
    folder.mkdir()
    for kind in GROUNDS:
        draw(folder / f"{kind}.png", kind)
    draw(folder / "stranger.png", "worn", article=False)
    rows = [
        "A\tTee\tworn.png\tpackshot.png,detail.png\tin_stock\t9 EUR\tTops",
        "B\tTee\tworn.png\tdetail.png\tin_stock\t9 EUR\tTops",
        "C\tTee\tdetail.png\tnothing.png\tin_stock\t9 EUR\tTops",
        "D\tTee\tnothing.png\tstranger.png\tin_stock\t9 EUR\tTops",
        "E\tTee\tnothing.png\t\tin_stock\t9 EUR\tTops",
        "F\tTee\tnothing.png\t\tout_of_stock\t9 EUR\tTops",
    ]
    (folder / "feed.tsv").write_text("\n".join([COLUMNS, *rows]) + "\n")
    return folder


def shown(site: Site) -> dict[str, list[tuple[str, str, bool]]]:
    """Every picture by its colourway's SKU: link, kind, and whether it has a vector."""
    with site.store.read() as session:
        vectors = set(session.scalars(select(Vector.picture_id)))
        found: dict[str, list[tuple[str, str, bool]]] = {}
        for picture in session.scalars(select(Picture).order_by(Picture.id)):
            entry = picture.link, picture.kind, picture.id in vectors
            found.setdefault(picture.colourway.sku, []).append(entry)
        return found


def test_the_best_pictures_of_each_article_are_embedded(site: Site, photos: Path) -> None:
    import_feed(site, photos / "feed.tsv", photos, 0.0)
    assert shown(site) == {
        "A": [
            ("worn.png", "worn", False),
            ("packshot.png", "packshot", True),
            ("detail.png", "detail", False),
        ],
        "B": [("worn.png", "worn", True), ("detail.png", "detail", False)],
        "C": [("detail.png", "detail", True), ("nothing.png", "nothing", False)],
        "D": [("nothing.png", "nothing", False), ("stranger.png", "not_found", True)],
        "E": [("nothing.png", "nothing", True)],
        "F": [("nothing.png", "nothing", True)],
    }
    with site.store.read() as session:
        catalogue.require_vectors(session, services.catalogue.indexing.open_shared_embedder().model)


def test_only_the_article_is_embedded(
    site: Site, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, shots = services.catalogue.indexing.embed_articles, list[Shot]()

    def watch(embedder: GarmentEmbedder, given: Iterable[Shot]) -> Iterator[GalleryFeatures]:
        given = list(given)
        shots.extend(given)
        return real(embedder, given)

    monkeypatch.setattr(services.catalogue.indexing, "embed_articles", watch)
    import_feed(site, photos / "feed.tsv", photos, 0.0)
    cut = [shot for shot in shots if shot.alpha is not None]
    assert len(cut) == 1
    inside = cut[0].alpha > 127  # type: ignore[operator]
    colours = cut[0].image[inside].astype(int)
    # The drawn parser's cells are 5 pixels wide.
    assert (np.abs(colours - ARTICLE).max(1) < 60).mean() > 0.9
    assert inside.sum() > 0.85 * 61 * 71


def test_other_weights_of_the_parser_cut_worn_articles_out_again(
    site: Site, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_feed(site, photos / "feed.tsv", photos, 0.0)
    assert index(site, 0.0) == 0
    other = DrawnParser("second")
    monkeypatch.setattr(services.catalogue.indexing, "open_parser", lambda *_: other)
    before = shown(site)
    assert index(site, 0.0) == 1  # the worn one of B: packshots stay as they are
    assert shown(site) == before
    off = site.settings.catalogue.model_copy(update={"parser": ""})
    settings = site.settings.model_copy(update={"catalogue": off})
    monkeypatch.setattr(type(site), "settings", settings, raising=False)
    object.__setattr__(site, "settings", settings)
    index(site, 0.0)
    assert all(kind == "" and vector for rows in shown(site).values() for _, kind, vector in rows)


def test_a_new_category_is_looked_for(site: Site, photos: Path) -> None:
    import_feed(site, photos / "feed.tsv", photos, 0.0)
    feed = photos / "feed.tsv"
    feed.write_text(feed.read_text().replace("Tops", "Bags"))
    import_feed(site, feed, photos, 0.0)
    assert shown(site)["B"] == [("worn.png", "not_found", False), ("detail.png", "detail", True)]


def test_the_report_lists_articles_without_a_good_picture(
    site: Site, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run("catalogue", "import", photos / "feed.tsv", "--site", site.folder, "--json")
    report = json.loads(result.stdout)
    assert report["without_good_picture"] == [
        {"id": "C", "reason": "only close-ups", "image_link": "detail.png"},
        {
            "id": "D",
            "reason": "worn, and the article was not found on the person",
            "image_link": "stranger.png",
        },
        {"id": "E", "reason": "no picture shows an article", "image_link": "nothing.png"},
    ]
    assert report["cut_out_of_photos"] == 1
    assert "E: no good picture: no picture shows an article (nothing.png)." in result.stderr
    assert "1 articles are worn in every picture" in result.stderr


def test_pictures_that_were_not_embedded_are_when_the_feed_comes_again(
    site: Site, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import services.catalogue.indexing

    real = services.catalogue.indexing.embed_articles

    def failing(embedder: GarmentEmbedder, shots: Iterable[Shot]) -> Iterator[GalleryFeatures]:
        yield from islice(real(embedder, shots), 3)
        raise KeyboardInterrupt

    feed = write_feed(tmp_path / "feed.csv", *SHOP_ROWS)
    with monkeypatch.context() as patch:
        patch.setattr(services.catalogue.indexing, "_BATCH", 2)
        patch.setattr(services.catalogue.indexing, "embed_articles", failing)
        with pytest.raises(KeyboardInterrupt) as stopped:
            import_feed(site, feed, pictures, 0.0)
    assert counts(site) == (5, 7, 3)  # all rows, and every vector that was computed
    (note,) = stopped.value.__notes__
    assert note.startswith("3 of 6 pictures are embedded and kept; run the same command again")
    report = import_feed(site, feed, pictures, 0.0)
    assert (report.added, report.unchanged) == (0, 7)
    assert counts(site) == (5, 7, 6)
    with site.store.read() as session:
        (told,) = journal.after(session, 0)
    assert (told.kind, told.payload["embedded"]) == ("catalogue.changed", 3)


def test_index_embeds_for_new_weights(shop: Site) -> None:
    assert index(shop, 0.0) == 0
    with shop.store.write() as session:
        for vector in session.scalars(select(Vector)):
            vector.model = "older"
        session.flush()
        pictures = session.scalar(select(func.count()).select_from(Picture))
    assert index(shop, 0.0) == pictures
    from models.manifest import load_manifest

    with shop.store.read() as session:
        entry = load_manifest().embedder
        gallery = catalogue.load_gallery(session, entry.model, entry.local_features)
        assert len(gallery.skus) == pictures


def test_a_worn_picture_is_parsed_once(
    site: Site, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, parsed = services.catalogue.indexing.find_article, list[bytes]()

    def find(parser: DrawnParser, image: Image, category: str) -> object:
        parsed.append(image.tobytes() + category.encode())
        return real(parser, image, category)

    monkeypatch.setattr(services.catalogue.indexing, "find_article", find)
    import_feed(site, photos / "feed.tsv", photos, 0.0)
    with site.store.read() as session:
        pictures = session.scalar(select(func.count()).select_from(Picture))
    assert len(parsed) == pictures  # the worn picture of B is cut out by the mask of its one look


def test_what_broke_off_before_it_was_embedded_is_parsed_again(
    site: Site, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(services.catalogue.indexing, "embed_articles", lambda *_: iter(()))
        with pytest.raises(ValueError, match="zip"):
            import_feed(site, photos / "feed.tsv", photos, 0.0)
    index(site, 0.0)
    assert shown(site)["B"] == [("worn.png", "worn", True), ("detail.png", "detail", False)]
