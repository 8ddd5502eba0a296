"""A tiny embedder as an ONNX file with its manifest, as somebody else would bring it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CATEGORIES = ("top", "trousers", "skirt")
DIMENSIONS, CELLS = 8, 4


def write_embedder(
    folder: Path, *, normalised: bool = True, local: bool = True, seed: int = 0, **changed: Any
) -> Path:
    """Write `mine.onnx` and `mine.json`: embeds a picture by its mean colour.

    Args:
        folder: Where to.
        normalised: Whether embeddings have length 1.
        local: Whether there are local features.
        seed: Of the weights.
        changed: Keys of the manifest's entry that differ.
    """
    rng = np.random.default_rng(seed)
    weights = {
        "project": rng.normal(size=(3, DIMENSIONS)).astype(np.float32),
        "classify": rng.normal(size=(DIMENSIONS, len(CATEGORIES))).astype(np.float32),
        "cells": np.array([0, CELLS, 3], np.int64),
        "axis": np.array([1], np.int64),
    }
    nodes = [
        helper.make_node("GlobalAveragePool", ["crops"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["means"]),
        helper.make_node("MatMul", ["means", "project"], ["projected"]),
        helper.make_node("LpNormalization", ["projected"], ["unit"], axis=1, p=2),
        helper.make_node("Identity", ["unit" if normalised else "projected"], ["embeddings"]),
        helper.make_node("MatMul", ["unit", "classify"], ["logits"]),
        helper.make_node("AveragePool", ["crops"], ["grid"], kernel_shape=[8, 6], strides=[8, 6]),
        helper.make_node("Transpose", ["grid"], ["last"], perm=[0, 2, 3, 1]),
        helper.make_node("Reshape", ["last", "cells"], ["rows"]),
        helper.make_node("ReduceL2", ["rows"], ["norms"], axes=[2], keepdims=1),
        helper.make_node("ReduceSum", ["norms", "axis"], ["total"], keepdims=1),
        helper.make_node("Div", ["rows", "total"], ["local"]),
    ]
    shapes = {"embeddings": ["n", DIMENSIONS], "logits": ["n", len(CATEGORIES)]}
    if local:
        shapes["local"] = ["n", CELLS, 3]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("crops", TensorProto.FLOAT, ["n", 3, 16, 12])],
        [helper.make_tensor_value_info(k, TensorProto.FLOAT, v) for k, v in shapes.items()],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    network = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(network, folder / "mine.onnx")
    entry = {
        "input": [16, 12],
        "dimensions": DIMENSIONS,
        "local_features": [CELLS, 3] if local else [0, 0],
        "categories": CATEGORIES,
        "calibration": {
            "weights": [8.0, 10.0, 5.0, 1.0],
            "intercept": -8.0,
            "category_offsets": {},
            "threshold": 0.6,
        },
        **changed,
    }
    (folder / "mine.json").write_text(json.dumps({"embedder": entry}))
    return folder / "mine.onnx"
