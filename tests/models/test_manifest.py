from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from models.detectors.yolo import YoloDetector
from models.embedders.mobilenet import MobileNetEmbedder
from models.errors import ModelError
from models.manifest import WEIGHTS, load_manifest
from models.taxonomy import DETECTOR_CLASSES


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    folder = tmp_path / "weights"
    shutil.copytree(WEIGHTS, folder)
    return folder


def edit(folder: Path, model: str, **values: object) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest[model] |= values
    path.write_text(json.dumps(manifest))


def test_the_shipped_weights_fit_their_manifest() -> None:
    assert YoloDetector().classes == DETECTOR_CLASSES
    assert MobileNetEmbedder().entry.dimensions == 256


def test_shipped_weights_are_small() -> None:
    for path in WEIGHTS.glob("*.onnx"):
        assert path.stat().st_size < 12_000_000, path.name


def test_changed_weights_are_refused(weights: Path) -> None:
    path = weights / "detector.onnx"
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match="does not match its manifest"):
        YoloDetector(weights)


def test_missing_weights_are_named(weights: Path) -> None:
    (weights / "embedder.onnx").unlink()
    with pytest.raises(ModelError, match="embedder.onnx: cannot be read"):
        MobileNetEmbedder(weights)


def test_a_manifest_with_other_classes_is_refused(weights: Path) -> None:
    edit(weights, "detector", classes=["person", "top"])
    with pytest.raises(ModelError, match="has 12 classes, its manifest expects 2"):
        YoloDetector(weights)


def test_a_manifest_with_other_dimensions_is_refused(weights: Path) -> None:
    edit(weights, "embedder", dimensions=128)
    with pytest.raises(
        ModelError, match="outputs of shape 256, 16, 80×96, its manifest expects 128, 16"
    ):
        MobileNetEmbedder(weights)


def test_an_unknown_key_is_named(weights: Path) -> None:
    edit(weights, "detector", colour="red")
    with pytest.raises(ModelError, match=r"detector\.colour"):
        load_manifest(weights)
