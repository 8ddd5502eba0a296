"""Shared fixtures: a site, the real data where it is at hand, the demo's shop."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import struct
import tempfile
import uuid
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

# Parallel workers would fight over the processor if each computed on all of it, and so would the
# programs they start. Before NumPy, which reads this once.
if "PYTEST_XDIST_WORKER" in os.environ:
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")

import cv2
import numpy as np
import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from sqlalchemy import Engine, create_engine

import models.engine
from models.simulation.fabric import Fabric
from models.taxonomy import CATEGORIES
from models.training.scenes.drawn import draw_garment, packshot_of
from models.training.scenes.sheet import Design
from store import Site, init_site, open_site
from store.database import Store

# How long an example takes is the machine's affair.
settings.register_profile("fittingroom", deadline=None)
settings.load_profile("fittingroom")

# A shell that starts us in the background has Ctrl-C ignored, here and in what tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh site's folder, to be copied: making one takes longer than most tests."""
    return init_site(tmp_path_factory.mktemp("empty") / "site", "Test shop").folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts a server or a database by the fixtures that do so."""
    for item in items:
        names = {*getattr(item, "fixturenames", ())}
        if names & {"server", "browser", "postgres"} or "[postgres" in item.name:
            item.add_marker("integration")


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash PINs and passwords in no time; `test_secret.py` does it as a shop does."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("store.secret._hasher", lambda: hasher)


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Compile each model once for all tests of a worker: that takes longer than most tests."""
    compiled: dict[tuple[Any, ...], Any] = {}
    real = models.engine._compile

    def compile_once(weights: bytes, options: dict[str, Any], *how: Any) -> Any:
        key = (hashlib.sha256(weights).digest(), tuple(sorted(options.items())), *how)
        if key not in compiled:
            if len(compiled) >= 12:  # trainings export weights that nobody loads twice
                del compiled[next(iter(compiled))]
            compiled[key] = real(weights, options, *how)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models.engine, "_compile", compile_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def embedded_once() -> Iterator[None]:
    """Embed each picture that is imported once: many tests import the same few articles."""
    from models.appearance import Shot, embed_articles
    from models.embedders.protocol import GarmentEmbedder
    from models.matching import GalleryFeatures
    from services.catalogue import indexing

    embedded: dict[tuple[str, str, bytes, bytes], GalleryFeatures] = {}

    def embed(embedder: GarmentEmbedder, shots: Iterable[Shot]) -> Iterator[GalleryFeatures]:
        for shot in shots:
            worn = b"" if shot.alpha is None else shot.alpha.tobytes()
            key = (embedder.model, shot.category, shot.image.tobytes(), worn)
            if key not in embedded:
                (embedded[key],) = embed_articles(embedder, [shot])
            yield embedded[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexing, "embed_articles", embed)
        yield


@pytest.fixture(autouse=True)
def closed_stores(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close the databases that a test opened: from Python 3.13 on, an open one is an error."""
    opened: list[Store] = []
    prepare = Store.__init__

    def remember(store: Store, url: str) -> None:
        prepare(store, url)
        opened.append(store)

    monkeypatch.setattr(Store, "__init__", remember)
    yield
    for store in opened:
        store.close()


@pytest.fixture
def site(empty_site: Path, tmp_path: Path) -> Iterator[Site]:
    with open_site(shutil.copytree(empty_site, tmp_path / "site")) as copied:
        yield copied


@pytest.fixture(scope="session")
def postgres() -> Iterator[Engine]:
    """A real PostgreSQL with pgvector."""
    pgserver: Any = pytest.importorskip("pgserver", reason="pgserver is not installed")
    folder = tempfile.mkdtemp()  # short: a socket's path has a limit
    server = pgserver.get_server(folder)
    engine = create_engine(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
    yield engine
    engine.dispose()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: Engine) -> Iterator[str]:
    """Address of an empty database of its own at that PostgreSQL."""
    name = f"test_{uuid.uuid4().hex}"
    with postgres.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        yield postgres.url.set(database=name).render_as_string(hide_password=False)
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = Path(os.environ.get("FITTINGROOM_SHARED", SHARED))
    if not (folder / "data" / "articles" / "articles.csv").is_file():
        pytest.skip(f"the real data is not at {folder}")
    return folder


HEADER = (
    "id item_group_id title image_link availability price color size product_type gtin shelf"
).split()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packshots of six drawn articles."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, category, colour in (
        ("tee", "top", (60, 60, 190)),
        ("tee-blue", "top", (180, 90, 40)),
        ("skirt", "skirt", (60, 58, 60)),
        ("shoes", "shoes", (40, 40, 40)),
        ("coat", "coat", (110, 155, 192)),
        ("bag", "bag", (90, 60, 120)),
    ):
        shot = packshot_of(draw_garment(Design(category, Fabric("plain", colour), 0, 1)), 240, 320)
        cv2.imwrite(str(folder / f"{name}.jpg"), shot)
    return folder


def feed_row(**values: str) -> str:
    """Write a valid CSV row of HEADER with some values changed."""
    row = {
        "id": "T1-S",
        "item_group_id": "T1",
        "title": "Crew-neck tee",
        "image_link": "tee.jpg",
        "availability": "in_stock",
        "price": "14.90 EUR",
        "color": "red",
        "size": "S",
        "product_type": "Tops > Tee",
        "gtin": "",
        "shelf": "",
    } | values
    return ",".join(row[name] for name in HEADER)


def write_feed(path: Path, *rows: str) -> Path:
    """Write a feed of rows made by `feed_row`."""
    path.write_text("\n".join([",".join(HEADER), *rows]) + "\n", encoding="utf-8")
    return path


#: A small shop: a tee in two colours, a skirt, shoes, a coat and a bag.
SHOP_ROWS = (
    feed_row(shelf="A3"),
    feed_row(id="T1-M", size="M", availability="out_of_stock", shelf="A4"),
    feed_row(id="T1b-S", color="blue", image_link="tee-blue.jpg"),
    feed_row(id="K1", item_group_id="K1", title="Skirt", image_link="skirt.jpg", size="",
             color="charcoal", product_type="Skirts"),
    feed_row(id="H1", item_group_id="H1", title="Boots", image_link="shoes.jpg", size="",
             color="black", product_type="Footwear > Boots"),
    feed_row(id="C1", item_group_id="C1", title="Wool coat", image_link="coat.jpg", size="",
             color="camel", product_type="Coats"),
    feed_row(id="B1", item_group_id="B1", title="Handbag", image_link="bag.jpg", size="",
             color="plum", product_type="Bags"),
)  # fmt: skip


@pytest.fixture(scope="session")
def stocked_site(
    empty_site: Path, pictures: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A site's folder with the small shop imported, to be copied."""
    from services.catalogue.importing import import_feed

    folder = tmp_path_factory.mktemp("stocked")
    with open_site(shutil.copytree(empty_site, folder / "site")) as stocked:
        report = import_feed(stocked, write_feed(folder / "feed.csv", *SHOP_ROWS), pictures, 0.0)
    assert not report.problems
    return stocked.folder


@pytest.fixture
def shop(site: Site, stocked_site: Path) -> Site:
    """The site with the small shop in it."""
    shutil.copy(stocked_site / "fittingroom.db", site.folder)
    shutil.copytree(stocked_site / "pictures", site.pictures, dirs_exist_ok=True)
    return site


def draw_beforehand(images: Path, packshots: Path) -> None:
    """Leave there what the demo draws for a minute, unless it is; the demo keeps what it finds."""
    from services.demo import shop as demo_shop

    images.mkdir(parents=True, exist_ok=True)
    found = sorted(packshots.iterdir())
    for code, (_, design) in demo_shop._designs().items():
        image = images / f"{code.replace(' ', '-')}.jpg"
        if not image.exists():
            shutil.copy(found[CATEGORIES.index(design.category) % len(found)], image)


def free_port() -> int:
    """Find a port of this machine that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Make a picture of noise."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def huge_png(width: int, height: int) -> bytes:
    """Write a PNG that says it is huge and holds next to nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )
