"""Pictures as shops have them: what is kept of them, and what is refused."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from services.catalogue.download import Limits, PictureError
from services.catalogue.pictures import Source, fetch_picture, render
from tests.conftest import huge_png

RED = (200, 40, 30)


def packshot(mode: str = "RGB") -> Image.Image:
    """Draw a red garment on white; transparent around it where the mode can be."""
    ground = (255, 255, 255, 0) if mode == "RGBA" else (255, 255, 255)
    picture = Image.new("RGBA" if mode == "RGBA" else "RGB", (60, 80), ground)
    picture.paste((*RED, 255)[: len(ground)], (10, 10, 50, 40))
    return picture if mode in ("RGB", "RGBA") else picture.convert(mode)


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def near(pixel: np.ndarray, rgb: tuple[int, int, int], by: int = 12) -> bool:
    return bool((abs(pixel[::-1].astype(int) - rgb) <= by).all())


@pytest.mark.parametrize(
    ("picture", "form", "options", "suffix"),
    [
        (packshot(), "JPEG", {"quality": 95}, "jpg"),
        (packshot(), "JPEG", {"quality": 95, "progressive": True}, "jpg"),
        (packshot(), "PNG", {}, "png"),
        (packshot(), "WEBP", {"lossless": True}, "webp"),
        (packshot(), "AVIF", {}, "jpg"),
        (packshot(), "TIFF", {}, "jpg"),
        (packshot(), "BMP", {}, "jpg"),
        (packshot(), "GIF", {}, "jpg"),
        (packshot("CMYK"), "JPEG", {"quality": 95}, "jpg"),
        (packshot("RGBA"), "PNG", {}, "jpg"),
        (packshot("RGBA"), "WEBP", {"lossless": True}, "jpg"),
        (packshot("RGBA").quantize(8), "PNG", {}, "jpg"),
    ],
)  # fmt: skip
def test_shows_right_colours_on_white(
    picture: Image.Image, form: str, options: dict[str, object], suffix: str
) -> None:
    data = saved(picture, form, **options)
    image, kept, kind = render(data, "a")
    assert image.shape == (80, 60, 3)
    assert near(image[25, 30], RED)
    assert near(image[2, 2], (255, 255, 255))
    assert kind == suffix
    browser = Image.open(io.BytesIO(kept))
    assert (browser.format, browser.size) == ({"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}[kind],
                                              (60, 80))  # fmt: skip
    assert (kept == data) == (form in ("JPEG", "PNG", "WEBP") and picture.mode == "RGB")


def test_stands_upright_as_its_camera_was_held() -> None:
    turned, exif = packshot().transpose(Image.Transpose.ROTATE_90), Image.Exif()
    exif[0x0112] = 6  # the camera was held so that this must be turned by 90°
    image, kept, _ = render(saved(turned, "JPEG", quality=95, exif=exif.tobytes()), "a")
    assert image.shape == (80, 60, 3)
    assert near(image[25, 30], RED)
    assert Image.open(io.BytesIO(kept)).getexif().get(0x0112, 1) == 1


def test_shows_the_first_frame_of_what_moves() -> None:
    second = Image.new("RGB", (60, 80), (0, 0, 255))
    for form in ("GIF", "WEBP"):
        data = saved(packshot(), form, save_all=True, append_images=[second], duration=100)
        image, _, suffix = render(data, "a")
        assert near(image[25, 30], RED)
        assert suffix == "jpg"


def test_deep_grey_is_scaled_and_not_cut_off() -> None:
    deep = Image.fromarray(np.full((80, 60), 0x8000, np.uint16))
    image, _, _ = render(saved(deep, "PNG"), "a")
    assert near(image[40, 30], (128, 128, 128), 2)


def test_print_profiles_become_screen_colours() -> None:
    wide = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    image, _, _ = render(saved(packshot(), "JPEG", quality=95, icc_profile=wide), "a")
    assert near(image[25, 30], RED)  # a profile that does not fit is left out


def test_large_pictures_are_scaled_down() -> None:
    image, kept, _ = render(saved(Image.new("RGB", (3000, 2000), RED), "JPEG"), "a")
    assert image.shape[:2] == (933, 1400)
    assert Image.open(io.BytesIO(kept)).size == (1400, 933)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (huge_png(10_000, 10_000), "64 million at most"),
        (huge_png(40_000, 40_000), "64 million at most"),
        (saved(Image.new("RGB", (1, 1)), "PNG"), "the least"),
        (saved(Image.new("RGB", (3000, 10)), "PNG"), "the least"),
        (saved(Image.new("RGB", (3000, 40)), "PNG"), "strip"),
        (saved(Image.new("RGBA", (60, 80), (0, 0, 0, 0)), "PNG"), "visible"),
        (saved(packshot(), "JPEG")[:-400], "damaged"),
        (b"<!doctype html><title>404</title>", "HTML page"),
        (b"\n<html><body>Sign in</body></html>", "HTML page"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"this is text", "no picture"),
        (b"", "empty"),
    ],
)  # fmt: skip
def test_refuses_what_shows_no_article(data: bytes, said: str) -> None:
    with pytest.raises(PictureError, match=said):
        render(data, "a")


def test_what_is_no_picture_is_so_after_a_library_has_replaced_pillows_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def opened(*_args: object, **_options: object) -> None:
        raise ModuleNotFoundError("No module named 'pi_heif'")

    monkeypatch.setattr("PIL.Image.open", opened)
    with pytest.raises(PictureError, match="is no picture"):
        render(b"this is text", "a")


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    for link in ("pipe.jpg", "folder.jpg"):
        with pytest.raises(PictureError, match="is no file"):
            fetch_picture(Source(tmp_path, Limits()), link)
