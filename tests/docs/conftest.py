"""What the pages assume: a site with articles, a camera's video, and files to import."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from calibration import parse_camera, save_camera
from models.simulation.fabric import Fabric
from models.simulation.figure import Look
from models.training.scenes.clips import write_clip
from models.training.scenes.drawn import draw_garment
from models.training.scenes.entrance import draw_entrance
from models.training.scenes.sheet import Design
from models.training.scenes.walks import hold, straight
from tests.conftest import SHOP_ROWS, draw_beforehand, write_feed
from tests.docs.blocks import ROOT, Shell

GATE = {"from": [0.66, 0.5], "to": [0.66, 1.0], "in": "right", "rooms": ["1"]}
CLIP_S = 7.0


@pytest.fixture(scope="session")
def files(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a reader brings along: a feed with pictures, looks, sales, a video, a crop."""
    folder = tmp_path_factory.mktemp("brought")
    write_feed(folder / "feed.csv", *SHOP_ROWS)
    write_feed(folder / "changes.csv", SHOP_ROWS[0])
    shutil.copytree(pictures, folder / "packshots")
    (folder / "looks.csv").write_text("outfit,sku\nL1,T1-S\nL1,K1\nL1,H1\n")
    (folder / "sales.csv").write_text(
        "receipt,time,sku\n1,2026-11-20 10:00,T1-S\n1,2026-11-20 10:00,K1\n"
    )
    (folder / "questions.jsonl").write_text('{"context": ["T1-S"], "candidates": ["K1", "H1"]}\n')
    shutil.copy(pictures / "tee.jpg", folder / "crop.jpg")
    _film(folder / "entrance.mp4")
    capture = cv2.VideoCapture(str(folder / "entrance.mp4"))
    capture.set(cv2.CAP_PROP_POS_FRAMES, 35)
    cv2.imwrite(str(folder / "picture.jpg"), capture.read()[1])
    return folder


def _film(path: Path) -> None:
    """Film somebody who walks in with a tee."""
    anna = Look((108, 142, 192), (52, 78, 118), Fabric("plain", (150, 138, 122)),
                Fabric("denim", (96, 72, 52)), (46, 48, 52), 0.46, 0.95, 1)  # fmt: skip
    tee = draw_garment(Design("top", Fabric("plain", (60, 60, 190)), 0, 1), "T1-S")
    walks = [straight(0.5, anna, hold(tee))]
    write_clip(path, draw_entrance(), walks, CLIP_S, 10, lambda frames, _count: frames)


@pytest.fixture(scope="session")
def prepared(files: Path, stocked_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the how-to pages, with those files in it and a camera that plays the video."""
    folder = tmp_path_factory.mktemp("prepared") / "myshop"
    shutil.copytree(stocked_site, folder)
    shutil.copytree(files, folder, dirs_exist_ok=True)
    data = {"source": "entrance.mp4", "gate": [GATE]}
    camera = parse_camera({"name": "entrance", **data}, "test")
    save_camera(folder, camera.confirm_masks("the tests", "2026-01-01", 960, 540))
    save_camera(folder, parse_camera({"name": "stairs", **data}, "test"))
    return folder


@pytest.fixture
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shell]:
    """A terminal where the page under test begins: in the site, or in an empty folder."""
    page: Path = request.getfixturevalue("page")
    if page.parent.name == "how-to":
        copied = shutil.copytree(request.getfixturevalue("prepared"), tmp_path / "myshop")
        opened = Shell(copied)
    else:
        brought = request.getfixturevalue("files")
        shutil.copytree(brought, tmp_path / "myshop")
        draw_beforehand(tmp_path / "myshop" / "shop" / "images", brought / "packshots")
        shutil.copy(brought / "entrance.mp4", tmp_path / "myshop" / "shop")
        opened = Shell(tmp_path)
    yield opened
    opened.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test that takes a `page` the tutorial, the how-to pages and the README in turn."""
    if "page" not in metafunc.fixturenames:
        return
    docs = ROOT / "docs"
    pages = [ROOT / "README.md", *docs.glob("tutorial/*.md"), *docs.glob("how-to/*.md")]
    metafunc.parametrize("page", sorted(pages), ids=lambda page: str(page.relative_to(ROOT)))
