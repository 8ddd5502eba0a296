"""The embedder's network: MobileNetV2, generalised-mean pooling, two linear heads."""

from __future__ import annotations

import importlib
import itertools
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from models.errors import ModelError
from models.taxonomy import KINDS
from models.torch_runtime import import_torchvision
from models.training.exported import read_state

#: Blocks kept as pretrained: their edges and colours serve any picture and cost the most.
FROZEN_BLOCKS = 4


class EmbedderNetwork(nn.Module):
    """Maps a crop to a unit vector and to a kind of garment.

    Input: float B×3×H×W RGB in 0…255. Output: float B×D, L2-normalised, and float B×K,
    the logits of `models.taxonomy.KINDS`. Pooling is GeM (Radenović et al.,
    "Fine-tuning CNN image retrieval", TPAMI 2018).
    """

    def __init__(self, dimensions: int = 256) -> None:
        """Build the network with random weights."""
        super().__init__()
        self.features = _fold_batch_norm(_mobilenet())
        self.power = nn.Parameter(torch.tensor(2.5))
        self.head = nn.Linear(1280, dimensions)
        nn.init.orthogonal_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self.kind = nn.Linear(1280, len(KINDS))

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Embed a batch."""
        features = self.features(images / 127.5 - 1)
        pooled = features.clamp(min=1e-4).pow(self.power).mean((2, 3)).pow(1 / self.power)
        return nn.functional.normalize(self.head(pooled)), self.kind(pooled)

    def train(self, mode: bool = True) -> EmbedderNetwork:
        """Switch to training; the first blocks stay as they are."""
        super().train(mode)
        for block in self.features[:FROZEN_BLOCKS]:
            block.requires_grad_(False)
        return self


def _mobilenet() -> Any:
    import_torchvision()
    features = importlib.import_module("torchvision.models").mobilenet_v2(num_classes=1001).features
    _pad_like_tensorflow(features)
    return features


def _fold_batch_norm(features: Any) -> Any:
    """Fold batch norm into its convolutions.

    Batches are too small for statistics of their own, so training keeps ImageNet's; folded
    layers then compute the same in two thirds of the time.
    """
    for parent in list(features.modules()):
        children = list(parent.named_children())
        for (conv_name, conv), (norm_name, norm) in itertools.pairwise(children):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(parent, conv_name, fuse_conv_bn_eval(conv.eval(), norm.eval()))
                setattr(parent, norm_name, nn.Identity())
    return features


def _pad_like_tensorflow(features: nn.Module) -> None:
    """Pad right and bottom on stride 2, as the pretrained weights were trained."""
    for parent in list(features.modules()):
        for child in parent.children():
            if isinstance(child, nn.Conv2d) and child.stride == (2, 2) and child.padding == (1, 1):
                child.register_forward_pre_hook(_pad_right_and_bottom)
                child.padding = (0, 0)


def _pad_right_and_bottom(
    _module: nn.Module, inputs: tuple[torch.Tensor, ...]
) -> tuple[torch.Tensor]:
    return (nn.functional.pad(inputs[0], (0, 1, 0, 1)),)


def load_backbone(network: EmbedderNetwork, weights: Path) -> None:
    """Load ImageNet MobileNetV2 (torchvision's naming, safetensors) into the backbone.

    Raises:
        ModelError: The file is missing or holds another network.
    """
    if not weights.is_file():
        raise ModelError(f"{weights}: no such weights; give the folder that holds weights/.")
    state = {
        name.removeprefix("features."): tensor.float()
        for name, tensor in load_file(weights).items()
        if name.startswith("features.")
    }
    features = _mobilenet()
    try:
        features.load_state_dict(state)
    except RuntimeError as error:
        raise ModelError(f"{weights}: not MobileNetV2 in torchvision's naming.") from error
    network.features.load_state_dict(_fold_batch_norm(features).state_dict())


def load_exported(network: EmbedderNetwork, weights: Path) -> None:
    """Load an exported embedder.

    Raises:
        ModelError: The file is missing or holds another network.
    """
    names = network.state_dict().keys()
    state = {name: value for name, value in read_state(weights).items() if name in names}
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise ModelError(f"{weights}: holds another network than this embedder's.") from error
