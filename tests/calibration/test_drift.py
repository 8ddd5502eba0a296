from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from calibration import CameraError
from calibration.drift import (
    background,
    compare,
    load_reference,
    make_reference,
    reference_path,
    save_reference,
)

Image = np.ndarray


def room(seed: int = 0, width: int = 960, height: int = 540) -> Image:
    """Draw a wall with shelves full of things, and a floor."""
    rng = np.random.default_rng(seed)
    image = np.full((height, width, 3), (150, 170, 180), np.uint8)
    image[int(height * 0.75) :] = (90, 100, 110)
    for _ in range(160):
        x, y = rng.integers(0, width - 20), rng.integers(0, int(height * 0.7))
        w, h = rng.integers(10, 90), rng.integers(10, 60)
        colour = tuple(int(c) for c in rng.integers(30, 220, 3))
        cv2.rectangle(image, (int(x), int(y)), (int(x + w), int(y + h)), colour, -1)
    return image


def seen(image: Image, grain: int) -> Image:
    """Add noise, and a person who stands elsewhere in every picture."""
    noisy = image + _noise(grain, image.shape)
    left = 100 * grain % (image.shape[1] - 80)
    noisy[image.shape[0] // 4 :, left : left + 70] = (40, 40, 60)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


@lru_cache(maxsize=16)
def _noise(grain: int, shape: tuple[int, ...]) -> np.ndarray:
    """Draw a sensor's noise once for each picture of a size: it takes longer than the rest."""
    return np.random.default_rng(grain).normal(0, 3, shape).astype(np.float32)


def pictures(image: Image) -> list[Image]:
    return [seen(image, grain) for grain in range(7)]


def turned(image: Image, degrees: float, opening: float = 70.0) -> Image:
    height, width = image.shape[:2]
    focal = width / 2 / np.tan(np.radians(opening / 2))
    lens = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    turn = cv2.Rodrigues(np.array([0, np.radians(degrees), 0.0]))[0]
    way = lens @ turn @ np.linalg.inv(lens)
    return np.asarray(cv2.warpPerspective(image, way, (width, height), borderMode=4))


def changed(image: Image, factors: float | list[float]) -> Image:
    return np.asarray(np.clip(image * np.array(factors), 0, 255), np.uint8)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda image: image, ""),
        (lambda image: changed(image, 0.6), ""),
        (lambda image: cv2.resize(image, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA), ""),
        (lambda image: turned(image, 0.3), ""),
        (lambda image: turned(image, 2), "moved"),
        (lambda image: turned(image, -10), "moved"),
        (lambda _image: room(seed=9), "moved"),
        (lambda image: cv2.GaussianBlur(image, (0, 0), 5), "blurred"),
        (lambda image: np.full_like(image, 70), "covered"),
        (lambda image: cv2.GaussianBlur(changed(image, 0.2), (0, 0), 60), "covered"),
        (lambda image: changed(image, 0.02), "black"),
        (lambda image: changed(image, [0.6, 1.0, 1.3]), "colour"),
    ],
)
def test_what_became_of_a_camera(change: Callable[[Image], Image], problem: str) -> None:
    reference = make_reference(background(pictures(room())))
    assert compare(reference, background(pictures(change(room())))).problem == problem


def test_masks_do_not_hide_a_turn() -> None:
    def masked(image: Image) -> Image:
        blanked = image.copy()
        blanked[:, :300] = blanked[:150] = 0
        return blanked

    reference = make_reference(background([masked(p) for p in pictures(room())]))
    same = [masked(p) for p in pictures(room())]
    moved = [masked(p) for p in pictures(turned(room(), 2))]
    assert compare(reference, background(same)).problem == ""
    assert compare(reference, background(moved)).problem == "moved"


def test_a_plain_picture_is_no_reference() -> None:
    with pytest.raises(CameraError, match="too plain"):
        make_reference(np.full((540, 960, 3), 128, np.uint8))


def test_a_reference_is_kept_without_its_picture(tmp_path: Path) -> None:
    (tmp_path / "cameras").mkdir()
    assert load_reference(tmp_path, "door") is None
    reference = make_reference(room())
    path = save_reference(tmp_path, "door", reference)
    assert path == reference_path(tmp_path, "door")
    assert path.stat().st_size < room().nbytes / 20
    loaded = load_reference(tmp_path, "door")
    assert loaded is not None
    assert compare(loaded, room()).problem == ""
    assert loaded.tint == pytest.approx(reference.tint)
    path.write_bytes(b"by hand")
    with pytest.raises(CameraError, match="delete it"):
        load_reference(tmp_path, "door")
