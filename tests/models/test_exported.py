"""Exported weights read back, and averaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from models import ModelError
from models.training.export import halve
from models.training.exported import average, read_state


def network(value: float, classes: int, layers: int = 10) -> onnx.ModelProto:
    shapes = {f"layer{n}.weight": (40, 30) for n in range(layers)} | {"classes": (classes,)}
    weights = [
        numpy_helper.from_array(np.full(shape, value, np.float32), name)
        for name, shape in shapes.items()
    ]
    return helper.make_model(helper.make_graph([], "network", [], [], weights))


def test_average_mixes_what_fits_and_leaves_the_classes(tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    onnx.save(halve(network(3.0, 12)), other)  # as it is shipped
    path = tmp_path / "mixed.onnx"
    onnx.save(average(network(1.0, 5), other, 0.25), path)
    state = read_state(path)
    assert float(state["layer3.weight"].max()) == 1.5
    assert state["classes"].tolist() == [1.0] * 5


def test_average_refuses_another_network(tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    onnx.save(network(3.0, 12, layers=4), other)
    with pytest.raises(ModelError, match="4 of 11 layers fit"):
        average(network(1.0, 5), other, 0.5)
    with pytest.raises(ModelError, match="cannot be read"):
        average(network(1.0, 5), tmp_path / "none.onnx", 0.5)
