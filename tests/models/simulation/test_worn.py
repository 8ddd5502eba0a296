"""Cutting an article out of a photo by its mask."""

from __future__ import annotations

import numpy as np
import pytest

from models.appearance import Shot, appearances
from models.errors import ModelError
from models.simulation.worn import cut_worn, show_on_ground
from tests.conftest import noise


def photo_and_mask() -> tuple[np.ndarray, np.ndarray]:
    """A red article with a green hand before it, on noise."""
    image, alpha = noise(200, 160), np.zeros((200, 160), np.uint8)
    image[40:140, 30:110] = (20, 20, 200)
    alpha[40:140, 30:110] = 255
    image[80:100, 60:80] = (20, 200, 20)
    alpha[80:100, 60:80] = 0
    return image, alpha


def test_a_hand_before_the_article_is_filled_with_its_cloth() -> None:
    cutout = cut_worn(*photo_and_mask(), "A", "top")
    assert cutout.image.shape == (100, 80, 4)
    assert (cutout.image[..., 3] > 127).all()
    assert np.abs(cutout.image[..., :3].astype(int) - (20, 20, 200)).max() < 30


def test_it_is_shown_on_a_light_ground() -> None:
    shown = show_on_ground(cut_worn(*photo_and_mask(), "A", "top"))
    assert shown.shape == (106, 84, 3)
    assert (shown[0] == 240).all()
    assert np.abs(shown[50, 40].astype(int) - (20, 20, 200)).max() < 30


def test_nothing_but_the_article_is_in_its_views() -> None:
    image, alpha = photo_and_mask()
    crop, *views = appearances(Shot(image, "top", alpha))
    assert views
    assert np.abs(crop[5:-5, 5:-5].astype(int) - (20, 20, 200)).max() < 30


def test_an_empty_mask_is_refused_and_the_picture_embedded_whole() -> None:
    image = noise(200, 160)
    with pytest.raises(ModelError, match="not found"):
        cut_worn(image, np.zeros((200, 160), np.uint8), "A", "top")
    assert len(appearances(Shot(image, "top", np.zeros((200, 160), np.uint8)))) == 1
