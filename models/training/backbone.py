"""The backbone that embedder and parser share: MobileNetV2 with folded batch norm."""

from __future__ import annotations

import importlib
import itertools
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from models.errors import ModelError
from models.training.torch_runtime import import_torchvision, read_pretrained


def build_backbone() -> Any:
    """Build MobileNetV2's 19 blocks with random weights.

    Batches are too small for batch statistics, so training uses those of ImageNet; folded
    layers compute the same in two thirds of the time.
    """
    return _fold_batch_norm(_mobilenet())


def read_backbone(weights: Path) -> dict[str, torch.Tensor]:
    """Read ImageNet MobileNetV2 (torchvision's layer names, safetensors) for `build_backbone`.

    Raises:
        ModelError: The file is missing or belongs to another network.
    """
    state = {
        name.removeprefix("features."): tensor
        for name, tensor in read_pretrained(weights).items()
        if name.startswith("features.")
    }
    features = _mobilenet()
    try:
        features.load_state_dict(state)
    except RuntimeError as error:
        raise ModelError(f"{weights}: not MobileNetV2 with torchvision's layer names.") from error
    return dict(_fold_batch_norm(features).state_dict())


def _mobilenet() -> Any:
    import_torchvision()
    features = importlib.import_module("torchvision.models").mobilenet_v2(num_classes=1001).features
    _pad_like_tensorflow(features)
    return features


def _fold_batch_norm(features: Any) -> Any:
    for parent in list(features.modules()):
        children = list(parent.named_children())
        for (conv_name, conv), (norm_name, norm) in itertools.pairwise(children):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(parent, conv_name, fuse_conv_bn_eval(conv.eval(), norm.eval()))
                setattr(parent, norm_name, nn.Identity())
    return features


def _pad_like_tensorflow(features: nn.Module) -> None:
    """Pad right and bottom on stride 2, as in the training of the pretrained weights."""
    for parent in list(features.modules()):
        for child in parent.children():
            if isinstance(child, nn.Conv2d) and child.stride == (2, 2) and child.padding == (1, 1):
                child.register_forward_pre_hook(_pad_right_and_bottom)
                child.padding = (0, 0)


def _pad_right_and_bottom(
    _module: nn.Module, inputs: tuple[torch.Tensor, ...]
) -> tuple[torch.Tensor]:
    return (nn.functional.pad(inputs[0], (0, 1, 0, 1)),)
