"""Scenes from a shop's corrected pictures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.errors import ModelError
from models.training.detector.corrected import Corrected, corrected_scene
from models.training.detector.dataset import render_scene

GREEN = (0, 255, 0)


@pytest.fixture
def pictures(tmp_path: Path) -> list[Corrected]:
    """A picture with a green garment of 60×90 px, and one with nothing in it."""
    image = np.full((240, 400, 3), 128, np.uint8)
    image[100:190, 200:260] = GREEN
    cv2.imwrite(str(tmp_path / "a.png"), image)
    cv2.imwrite(str(tmp_path / "b.png"), np.full((240, 400, 3), 128, np.uint8))
    box = np.array([[4, 200, 100, 260, 190]], np.float32)
    return [
        Corrected(tmp_path / "a.png", box),
        Corrected(tmp_path / "b.png", np.zeros((0, 5), np.float32)),
    ]


@pytest.mark.parametrize("seed", range(30))
def test_boxes_stay_on_their_garments(pictures: list[Corrected], seed: int) -> None:
    scene = corrected_scene(pictures[:1], 224, np.random.default_rng(seed))
    assert scene.image.shape == (224, 224, 3)
    green = (scene.image[..., 1].astype(int) - scene.image[..., 2] > 100).astype(np.uint8)
    if not len(scene.boxes):
        assert green.mean() < 0.1
        return
    left, top, width, height = cv2.boundingRect(green)
    np.testing.assert_allclose(scene.boxes, [[4, left, top, left + width, top + height]], atol=2.5)


def test_a_picture_without_garments_is_a_scene_too(pictures: list[Corrected]) -> None:
    scene = corrected_scene(pictures[1:], 64, np.random.default_rng(0))
    assert scene.boxes.shape == (0, 5)


def test_one_scene_in_four_is_of_the_shop(pictures: list[Corrected], tmp_path: Path) -> None:
    first = render_scene(tmp_path, tmp_path / "poses.json", 64, (0, 4), pictures)
    again = render_scene(tmp_path, tmp_path / "poses.json", 64, (0, 4), pictures)
    assert np.array_equal(first.image, again.image)
    with pytest.raises(ModelError, match="no photos of people"):  # composed of the data
        render_scene(tmp_path, tmp_path / "poses.json", 64, (0, 5), pictures)
