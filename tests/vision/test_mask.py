from __future__ import annotations

import numpy as np
import pytest

from calibration import parse_camera
from common.gallery import Gallery
from models.embedders.mobilenet import MobileNetEmbedder
from tests.conftest import noise
from tests.vision.stage import StageDetector
from vision.frame import Frame
from vision.mask import PrivacyMask
from vision.match import Matcher
from vision.pipeline import Pipeline


@pytest.mark.parametrize("size", [(100, 200), (480, 640), (33, 57)])
def test_masked_pixels_are_black_and_others_untouched(size: tuple[int, int]) -> None:
    gate = {"from": [0.9, 0], "to": [0.9, 1], "in": "left", "rooms": ["1"]}
    mask = {"points": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}
    camera = parse_camera({"name": "c", "source": "0", "gate": [gate], "mask": [mask]}, "test")
    image = np.maximum(noise(*size), 1)
    before = image.copy()
    blanked = PrivacyMask(camera).apply(Frame("c", 0, image)).image
    half = size[1] // 2
    assert (blanked[:, : half - 1] == 0).all()
    assert (blanked[:, half + 2 :] == image[:, half + 2 :]).all()
    assert (image == before).all()  # the source's own buffer is not written to


def test_masked_pixels_reach_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the whole pipeline: what detector and embedder are given is blanked."""
    gate = {"from": [0.6, 0.2], "to": [0.6, 1], "in": "right", "rooms": ["1"]}
    mask = {"points": [[0, 0], [1, 0], [1, 0.5], [0, 0.5]]}
    camera = parse_camera({"name": "c", "source": "0", "gate": [gate], "mask": [mask]}, "test")
    detector, embedder, crops = StageDetector(), MobileNetEmbedder(threads=1), []
    embed_queries = embedder.embed_queries
    monkeypatch.setattr(
        embedder, "embed_queries", lambda some: crops.extend(some) or embed_queries(some)
    )
    matcher = Matcher(
        embedder, Gallery(embedder.embed([noise(90, 60)]).embeddings, ("a",), ("top",))
    )
    crops.clear()
    pipeline, crossings = Pipeline(camera, detector, matcher, 10.0), []
    room = np.maximum(noise(360, 640), 1)
    for n in range(40):
        x = 40 + 13 * n
        # The garment hangs half behind the mask.
        detector.boxes = [(x, 60, x + 100, 350, 0), (x + 20, 120, x + 80, 260, 1)]
        image = room.copy()
        image[:, x : x + 100] //= 2  # whoever walks there, or nothing would move
        crossings += pipeline.process(Frame("c", n / 10, np.maximum(image, 1)))
    assert [crossing.event for crossing in crossings] == ["entry"]
    assert crops
    assert all((seen[:178] == 0).all() for seen in detector.shown)
    for crop in crops:
        assert (crop[:58] == 0).all()
        assert (crop[62:] > 0).all()
