"""What a picture is taken for, and which pixels of it are the article."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from common.image import Image
from models.parsers.garment import article_mask, choose_kind, find_article
from models.parsers.protocol import CLASSES, PICTURE_CLASSES, Parsed, PictureKind

H, W = 32, 24


def pixels_of(**boxes: tuple[int, int, int, int]) -> np.ndarray:
    """Class probabilities of rectangles (left, top, right, bottom) on background."""
    pixels = np.zeros((len(CLASSES), H, W), np.float32)
    pixels[0] = 1
    for name, (left, top, right, bottom) in boxes.items():
        pixels[:, top:bottom, left:right] = 0
        pixels[CLASSES.index(name), top:bottom, left:right] = 1
    return pixels


def found_rows(mask: np.ndarray | None) -> tuple[int, int] | None:
    if mask is None:
        return None
    rows = np.flatnonzero((mask > 0).any(1))
    return int(rows[0]), int(rows[-1]) + 1


OUTFIT = {"person": (8, 0, 16, 6), "sweater": (6, 6, 18, 14), "jeans": (6, 14, 18, 28)}


@pytest.mark.parametrize(
    ("category", "rows"),
    [("sweater", (6, 14)), ("top", (6, 14)), ("trousers", (14, 28)), ("dress", (6, 28)),
     ("jacket", (6, 14)), ("bag", None), ("shoes", None)],
)  # fmt: skip
def test_the_part_of_the_body_counts(category: str, rows: tuple[int, int] | None) -> None:
    assert found_rows(article_mask(pixels_of(**OUTFIT), category)) == rows


def test_classes_of_one_part_count_together() -> None:
    pixels = pixels_of(**OUTFIT)
    upper = np.s_[6:14, 6:18]
    pixels[:, *upper] = 0
    for name, share in (("top", 0.3), ("shirt", 0.3), ("dress", 0.4)):
        pixels[CLASSES.index(name), *upper] = share
    assert found_rows(article_mask(pixels, "shirt")) == (6, 14)


def test_specks_are_no_part_of_an_article() -> None:
    mask = article_mask(pixels_of(**OUTFIT, top=(0, 30, 1, 31)), "sweater")
    assert found_rows(mask) == (6, 14)


@pytest.mark.parametrize(
    ("probabilities", "kind"),
    [
        ((0.3, 0.55, 0.1, 0.05), PictureKind.PACKSHOT),  # unsure: left as it is
        ((0.2, 0.75, 0.0, 0.05), PictureKind.WORN),
        ((0.3, 0.0, 0.7, 0.0), PictureKind.PACKSHOT),
        ((0.05, 0.0, 0.9, 0.05), PictureKind.DETAIL),
        ((0.05, 0.0, 0.0, 0.95), PictureKind.NOTHING),
    ],
)
def test_a_picture_is_a_packshot_unless_another_kind_is_nearly_certain(
    probabilities: tuple[float, ...], kind: PictureKind
) -> None:
    assert choose_kind(np.array(probabilities, np.float32)) is kind


class Scripted:
    """Returns given results, one a call, and keeps the shapes of what it was asked."""

    model = "scripted"

    def __init__(self, kind: PictureKind, *pixels: np.ndarray) -> None:
        self._kinds = np.eye(4, dtype=np.float32)[[PICTURE_CLASSES.index(kind)]]
        self._pixels, self.shapes = list(pixels), list[tuple[int, ...]]()

    def parse(self, images: Sequence[Image]) -> Parsed:
        self.shapes += [image.shape for image in images]
        pixels = self._pixels.pop(0)
        both = [pixels, pixels[..., ::-1]][: len(images)]  # the second is the mirror image
        return Parsed(self._kinds.repeat(len(images), 0), np.stack(both))


def test_the_second_look_is_closer_and_lies_in_its_place() -> None:
    fine = pixels_of(sweater=(4, 4, 20, 28))
    parser = Scripted(PictureKind.WORN, pixels_of(**OUTFIT), fine)
    found = find_article(parser, np.zeros((320, 240, 3), np.uint8), "sweater")
    assert found.kind is PictureKind.WORN
    assert found.alpha is not None
    assert parser.shapes[1][0] < 160
    rows = np.flatnonzero((found.alpha > 127).any(1))
    assert 50 < rows[0] < 70
    assert 130 < rows[-1] < 150


def test_what_is_not_worn_is_not_cut_out() -> None:
    image = np.zeros((320, 240, 3), np.uint8)
    parser = Scripted(PictureKind.PACKSHOT, pixels_of(**OUTFIT))
    assert find_article(parser, image, "sweater").alpha is None
    parser = Scripted(PictureKind.WORN, pixels_of(**OUTFIT))
    assert find_article(parser, image, "hat").alpha is None
    parser = Scripted(PictureKind.WORN, pixels_of(**OUTFIT))
    assert find_article(parser, image, "other").alpha is None  # no class of the parser
    parser = Scripted(PictureKind.WORN, pixels_of(**OUTFIT), pixels_of())
    found = find_article(parser, image, "sweater")  # lost at the second look: the first counts
    assert found.alpha is not None
    assert (found.alpha > 127).any()
