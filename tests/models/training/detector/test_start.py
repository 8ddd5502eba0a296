"""A training goes on from an exported detector."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from models.detectors.yolo import YoloDetector
from models.engine import Engine
from models.errors import ModelError
from models.manifest import WEIGHTS, read_weights
from models.training.detector.network import Decoded, build_detector, load_coco
from models.training.detector.start import start_from


@pytest.mark.shared
def test_an_exported_detector_computes_the_same_when_it_is_loaded_again(shared: Path) -> None:
    network = build_detector(load_coco(shared))
    start_from(network, WEIGHTS / "detector.onnx")
    images = np.random.default_rng(0).random((1, 3, 64, 96)).astype(np.float32)
    with torch.no_grad():
        ours = Decoded(network)(torch.from_numpy(images)).numpy()
    entry = YoloDetector().entry
    engine = Engine(read_weights(entry), 1, "detector.onnx", exact=True)
    theirs = engine.run({engine.inputs[0]: images})[0]
    np.testing.assert_allclose(ours[:, :4], theirs[:, :4], atol=0.5)
    np.testing.assert_allclose(ours[:, 4:], theirs[:, 4:], atol=5e-3)


@pytest.mark.shared
def test_what_was_not_exported_here_is_refused(shared: Path, tmp_path: Path) -> None:
    network = build_detector(load_coco(shared))
    for path, message in (
        (WEIGHTS / "embedder.onnx", "was not exported by fittingroom train detector"),
        (tmp_path / "none.onnx", "cannot be read"),
    ):
        with pytest.raises(ModelError, match=message):
            start_from(network, path)
    broken = tmp_path / "broken.onnx"
    broken.write_text("nothing")
    with pytest.raises(ModelError, match="is no ONNX file"):
        start_from(network, broken)
