from __future__ import annotations

import numpy as np
import pytest

from calibration import parse_camera
from tests.conftest import noise
from vision.frame import Frame
from vision.mask import Blanker


@pytest.mark.parametrize("size", [(100, 200), (480, 640), (33, 57)])
def test_masked_pixels_are_black_and_others_untouched(size: tuple[int, int]) -> None:
    gate = {"from": [0.9, 0], "to": [0.9, 1], "in": "left", "rooms": ["1"]}
    mask = {"points": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}
    camera = parse_camera({"name": "c", "source": "0", "gate": [gate], "mask": [mask]}, "test")
    image = np.maximum(noise(*size), 1)
    before = image.copy()
    blanked = Blanker(camera).blank(Frame("c", 0, image)).image
    half = size[1] // 2
    assert (blanked[:, : half - 1] == 0).all()
    assert (blanked[:, half + 2 :] == image[:, half + 2 :]).all()
    assert (image == before).all()  # the source's own buffer is not written to
