"""Read exported weights back: to go on from what a shop runs, or to average with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from models.errors import ModelError

#: Share of the layers that two models of one architecture have in common, whatever their classes.
_SAME_NETWORK = 0.9


def read_state(path: Path) -> dict[str, torch.Tensor]:
    """Read the float weights of an exported model by the names its layers had, as float32.

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


def average(model: onnx.ModelProto, other: Path, share: float) -> onnx.ModelProto:
    """Average a model's weights with those of an exported one, layer by layer.

    What training on made-up pictures unlearned of real ones comes back so, at no cost when
    running (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").

    Args:
        model: An exported model in float32, changed in place; layers the other lacks or
            has in another shape, such as the class branch, stay as they are.
        other: The other model (ONNX), of the same architecture.
        share: Of the other model, 0…1.

    Raises:
        ModelError: The other cannot be read, or holds another network.
    """
    theirs, found, fitting = read_state(other), 0, 0
    for tensor in model.graph.initializer:
        ours = numpy_helper.to_array(tensor)
        if ours.dtype != np.float32 or not ours.ndim:
            continue
        found += 1
        value = theirs.get(tensor.name)
        if value is not None and tuple(value.shape) == ours.shape:
            fitting += 1
            mixed = (1 - share) * ours + share * value.numpy()
            tensor.CopyFrom(numpy_helper.from_array(mixed.astype(np.float32), tensor.name))
    if fitting < _SAME_NETWORK * found:
        raise ModelError(f"{other}: holds another network; {fitting} of {found} layers fit.")
    return model
