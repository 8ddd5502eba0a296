"""Read exported weights back, to go on from what a shop runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from models.errors import ModelError


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
