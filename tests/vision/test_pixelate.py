from __future__ import annotations

import numpy as np

from tests.conftest import noise
from vision.pixelate import pixelate


def test_a_box_becomes_a_coarse_mosaic_and_the_rest_stays() -> None:
    image = noise(200, 300)
    before = image.copy()
    hidden = pixelate(image, [np.array([100, 50, 160, 170], np.float32)])
    assert np.array_equal(image, before)
    inside = hidden[50:170, 100:160]
    assert len(np.unique(inside.reshape(-1, 3), axis=0)) <= 11 * 11
    assert np.array_equal(hidden[:, :90], image[:, :90])
    # Hair and hands stick out of a box: its margin is hidden too.
    assert not np.array_equal(hidden[40:48, 100:160], image[40:48, 100:160])


def test_boxes_at_the_edge_and_outside() -> None:
    image = noise(100, 100)
    corners = [(-20, -20, 30, 40), (90, 90, 140, 150), (300, 300, 340, 400), (60, 60, 60, 60)]
    hidden = pixelate(image, [np.array(c, np.float32) for c in corners])
    for inside in ((slice(0, 40), slice(0, 30)), (slice(90, 100), slice(90, 100))):
        assert not (hidden[inside] == image[inside]).all(axis=2).any()
    assert len(np.unique(hidden[:40, :30].reshape(-1, 3), axis=0)) <= 10 * 10
    # Nothing else is touched, by a box outside the picture or one without an area either.
    assert np.array_equal(hidden[:, 40:80], image[:, 40:80])
