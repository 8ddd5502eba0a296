"""Renditions: trimmed, on white, in two sizes; made once, and later where they are missing."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from common.image import Image
from services.catalogue.renditions import SIZES, make_missing, rendition_file, save_renditions, trim
from store import Site, StoreError
from tests.conftest import noise

FILE = f"ab/{'ab' * 16}.jpg"


def packshot(ground: int = 246, ink: int = 90, wide: int = 40, tall: int = 120) -> Image:
    """An article in a corner of its picture, on a ground that becomes darker downwards."""
    shade = np.linspace(ground, ground - 14, 400, dtype=np.float32)[:, None, None]
    picture = np.repeat(np.repeat(shade, 300, 1), 3, 2).astype(np.uint8)
    picture[40 : 40 + tall, 30 : 30 + wide] = ink
    return picture


def solid(image: Image) -> tuple[int, int, int, int]:
    ys, xs = np.nonzero(image.min(axis=-1) < 180)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


@pytest.mark.parametrize(("wide", "tall"), [(40, 120), (200, 60), (90, 120)])
def test_an_article_fills_the_middle_of_a_white_picture(wide: int, tall: int) -> None:
    trimmed = trim(packshot(wide=wide, tall=tall))
    height, width = trimmed.shape[:2]
    assert width / height == pytest.approx(3 / 4, abs=0.02)
    left, top, right, bottom = solid(trimmed)
    assert (left + right) / 2 == pytest.approx(width / 2, abs=3)
    assert (top + bottom) / 2 == pytest.approx(height / 2, abs=3)
    assert max((right - left) / width, (bottom - top) / height) == pytest.approx(0.92, abs=0.05)
    assert np.median(trimmed[[0, -1]]) == 255
    assert np.median(trimmed[:, [0, -1]]) == 255


def test_thin_straps_are_not_cut_off() -> None:
    picture = packshot(wide=80, tall=100)
    picture[300:] = picture[299]
    picture[140:300, 68:71] = 60  # hangs down from the middle
    trimmed = trim(picture)
    _, top, _, bottom = solid(trimmed)
    assert bottom - top == pytest.approx(300 - 40, abs=4)


@pytest.mark.parametrize(
    "picture",
    [noise(400, 300), packshot(ground=190, ink=250), np.full((400, 300, 3), 250, np.uint8)],
    ids=["photo", "paler than its ground", "nothing"],
)
def test_other_pictures_stay_as_they_are(picture: Image) -> None:
    assert trim(picture) is picture


def test_a_white_article_keeps_its_edges() -> None:
    """White on nearly white: its shadowed outline must be inside the picture."""
    picture = packshot(ink=247, wide=150, tall=200)
    picture[40:240, 30:33] = picture[40:240, 177:180] = 215
    picture[40:43, 30:180] = picture[237:240, 30:180] = 215
    trimmed = trim(picture)
    ys, xs = np.nonzero(trimmed.min(axis=-1) < 235)
    assert xs.min() > 0
    assert ys.min() > 0
    assert np.ptp(xs) == pytest.approx(150, abs=4)
    assert np.ptp(ys) == pytest.approx(200, abs=4)


def test_both_sizes_are_written_once(site: Site) -> None:
    save_renditions(site, FILE, cv2.resize(packshot(wide=200, tall=330), (1350, 1800)))
    written = {size: site.pictures / rendition_file(FILE, size) for size in SIZES}
    for size, path in written.items():
        image = cv2.imread(str(path))
        assert max(image.shape) == SIZES[size]
    stamps = [path.stat().st_mtime_ns for path in written.values()]
    save_renditions(site, FILE, packshot())
    assert [path.stat().st_mtime_ns for path in written.values()] == stamps


def test_a_small_picture_is_not_blown_up(site: Site) -> None:
    save_renditions(site, FILE, packshot())
    image = cv2.imread(str(site.pictures / rendition_file(FILE, "large")))
    assert max(image.shape) < 400


def test_missing_ones_are_made_from_the_picture(site: Site) -> None:
    path = site.pictures / FILE
    path.parent.mkdir(parents=True)
    cv2.imwrite(str(path), packshot())
    wanted = rendition_file(FILE, "small")
    make_missing(site, wanted)
    assert (site.pictures / wanted).is_file()


@pytest.mark.parametrize(
    "path",
    [
        rendition_file(FILE, "large"),
        "v1/large/ab/../../../fittingroom.webp",
        "v1/huge/ab/" + "ab" * 16 + ".webp",
        "v1/small/ab/" + "a" * 9999 + ".webp",
        "v1/small/ab/\0.webp",
        FILE,
    ],
)
def test_nothing_is_made_of_what_is_not_there(site: Site, path: str) -> None:
    before = sorted(site.folder.rglob("*"))
    make_missing(site, path)
    assert sorted(site.folder.rglob("*")) == before


def test_a_full_disk_is_one_clear_error(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("services.catalogue.renditions.write_whole", full)
    with pytest.raises(StoreError, match="cannot be written .No space left"):
        save_renditions(site, FILE, packshot())
