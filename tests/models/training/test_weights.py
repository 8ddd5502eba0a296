"""Exported weights read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from models.errors import ModelError
from models.training.weights import halve, read_state


def test_weights_are_read_as_they_were_before_they_were_halved(tmp_path: Path) -> None:
    weight = numpy_helper.from_array(np.full((40, 30), 3.0, np.float32), "layer.weight")
    path = tmp_path / "shipped.onnx"
    onnx.save(halve(helper.make_model(helper.make_graph([], "network", [], [], [weight]))), path)
    state = read_state(path)
    assert list(state) == ["layer.weight"]
    assert state["layer.weight"].unique().tolist() == [3.0]


def test_what_is_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_state(tmp_path / "none.onnx")
