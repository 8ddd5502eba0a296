"""Pasted cloth takes on the look of its place."""

from __future__ import annotations

import cv2
import numpy as np

from models.training.scenes.crowd import SMALLEST, stand
from models.training.scenes.settle import settle
from tests.conftest import noise


def cloth() -> np.ndarray:
    """A sharp check pattern, opaque."""
    y, x = np.mgrid[:80, :60]
    grey = np.where((x // 4 + y // 4) % 2, 210, 60).astype(np.uint8)
    return np.dstack([grey, grey, grey, np.full_like(grey, 255)])


def detail(image: np.ndarray) -> float:
    return float(np.abs(cv2.Laplacian(image[..., 1].astype(np.float32), cv2.CV_32F)).mean())


def test_cloth_is_blurred_in_a_blurred_place_and_kept_in_a_sharp_one() -> None:
    place = np.asarray(cv2.resize(noise(50, 50), (200, 200), interpolation=cv2.INTER_NEAREST))
    soft = np.asarray(cv2.GaussianBlur(noise(200, 200), (0, 0), 4), np.uint8)
    rng = np.random.default_rng
    sharp, blurred = (settle(cloth(), canvas, 60, 60, rng(0)) for canvas in (place, soft))
    assert detail(blurred) < 0.7 * detail(sharp)
    assert blurred.shape == cloth().shape
    assert blurred.dtype == np.uint8


def test_cloth_takes_the_light_and_the_grain_of_its_place() -> None:
    warm = np.empty((200, 200, 3), np.uint8)
    warm[:] = (60, 110, 160)
    night = np.asarray(
        np.clip(np.random.default_rng(1).normal(14, 6, warm.shape), 0, 255), np.uint8
    )
    plain = np.full((80, 60, 4), (150, 150, 150, 255), np.uint8)
    lit = settle(plain, warm, 60, 60, np.random.default_rng(0))[..., :3].mean((0, 1))
    assert lit[2] > lit[1] > lit[0]
    dark = settle(plain, night, 60, 60, np.random.default_rng(0))[..., :3]
    assert dark.mean() < 75
    assert dark.std() > 2


def test_what_lies_outside_is_left_alone() -> None:
    canvas = noise(100, 100)
    layer = cloth()
    assert settle(layer, canvas, 500, 500, np.random.default_rng(0)) is layer
    assert settle(layer, canvas, -500, 20, np.random.default_rng(0)) is layer


def test_a_crowd_grows_towards_the_camera() -> None:
    for seed in range(20):
        rows = stand(30, 448, np.random.default_rng(seed))
        feet, tall = rows[:, 1], rows[:, 2]
        assert (np.diff(feet) >= 0).all()
        assert tall.min() >= SMALLEST
        assert tall[feet.argmax()] >= tall[feet.argmin()]
