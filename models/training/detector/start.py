"""Start a training from an exported detector, to fine-tune it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import onnx
import torch
from onnx import numpy_helper
from torch import nn

from models.errors import ModelError
from models.training.detector.network import SHARED

#: What the export puts before and after a weight's name (`export.py`, `models.training.weights`).
_PREFIX: Final = "network."
_HALF: Final = ".half"


def start_from(network: Any, path: Path) -> None:
    """Load the weights of an exported detector; its batch norm is folded into its convolutions.

    Args:
        network: As `network.build_detector` makes it; changed in place.
        path: `detector.onnx` of a training, or the shipped one.

    Raises:
        ModelError: The file cannot be read, or was not exported by this training.
    """
    known = _read(path)
    folded = {
        name for name, module in network.named_modules() if isinstance(module, nn.BatchNorm2d)
    }
    try:
        with torch.no_grad():
            for name, parameter in network.named_parameters():
                module = name.rpartition(".")[0]
                if _is_shared(name) or name.startswith("model.23.dfl"):
                    continue
                if module in folded:
                    _unfold(network.get_submodule(module), known[_bias_of(module)])
                else:
                    parameter.copy_(known[name])
    except (KeyError, RuntimeError) as error:
        raise ModelError(
            f"{path}: was not exported by fittingroom train detector ({error})."
        ) from error


def _is_shared(name: str) -> bool:
    """Check whether a weight is of the layers that every training leaves as COCO's."""
    return int(name.split(".")[1]) < SHARED


def _bias_of(module: str) -> str:
    """Return the name of the bias that a batch norm became."""
    return f"{module.removesuffix('.bn')}.conv.bias"


def _unfold(layer: nn.BatchNorm2d, bias: torch.Tensor) -> None:
    """Let a batch norm add the bias and change nothing else."""
    assert layer.running_mean is not None
    assert layer.running_var is not None
    layer.running_mean.zero_()
    layer.running_var.fill_(1.0)
    layer.weight.fill_((1 + layer.eps) ** 0.5)
    layer.bias.copy_(bias)


def _read(path: Path) -> dict[str, torch.Tensor]:
    try:
        graph = onnx.load(path).graph
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}).") from error
    except Exception as error:  # protobuf's, which has no stubs
        raise ModelError(f"{path}: is no ONNX file.") from error
    return {
        one.name.removeprefix(_PREFIX).removesuffix(_HALF): torch.from_numpy(
            numpy_helper.to_array(one).copy()
        ).float()
        for one in graph.initializer
        if one.name.startswith(_PREFIX)
    }
