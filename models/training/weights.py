"""Write weights files and their manifest."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from models.errors import ModelError
from models.manifest import (
    WEIGHTS,
    Manifest,
    load_manifest,
    save_manifest,
)


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store large float32 weights as float16; the runtime casts them back when it loads them.

    The shapes of intermediate values, a sixth of a detector's file, are removed: the runtime
    infers them.
    """
    graph = model.graph
    del graph.value_info[:]
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < 1024:
            continue
        half = numpy_helper.from_array(values.astype(np.float16), f"{tensor.name}.half")
        cast = helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT)
        graph.initializer.remove(tensor)
        graph.initializer.append(half)
        graph.node.insert(0, cast)
    return model


def digest(path: Path) -> str:
    """Compute the SHA-256 of a file, as the manifest names it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_entries(folder: Path, **entries: Any) -> None:
    """Write a manifest; other entries are those of the existing one, or of the installed one."""
    before = folder if (folder / "manifest.json").is_file() else WEIGHTS
    save_manifest(Manifest(**dict(load_manifest(before)) | entries), folder)


def export_network(
    network: torch.nn.Module,
    example: tuple[torch.Tensor, ...],
    path: Path,
    inputs: list[str],
    outputs: list[str],
) -> None:
    """Write a network as ONNX with a dynamic batch axis; large weights as float16."""
    axes = {name: {0: "batch"} for name in (*inputs, *outputs)}
    for name in {"tokens", "absent"} & set(inputs):
        axes[name][1] = "articles"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            example,
            str(path),
            dynamo=False,
            input_names=inputs,
            output_names=outputs,
            opset_version=17,
            dynamic_axes=axes,
        )
    onnx.save(halve(onnx.load(path)), path)


def read_state(path: Path) -> dict[str, torch.Tensor]:
    """Read the weights of an exported model by layer name, as float32.

    Raises:
        ModelError: The file is missing or no ONNX model.
    """
    try:
        graph = onnx.load(path).graph
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}).") from error
    except Exception as error:  # protobuf raises its own, by backend
        raise ModelError(f"{path}: not an ONNX model ({error}).") from error
    return {
        tensor.name.removesuffix(".half"): torch.from_numpy(
            numpy_helper.to_array(tensor).astype(np.float32)
        )
        for tensor in graph.initializer
    }
