"""The embedder's network: MobileNetV2, generalised-mean pooling, a linear head."""

from __future__ import annotations

import importlib
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from models.errors import ModelError
from models.torch_runtime import import_torchvision

#: Blocks kept as pretrained: their edges and colours serve any picture and cost the most.
FROZEN_BLOCKS = 4


class EmbedderNetwork(nn.Module):
    """Maps a crop to a unit vector.

    Input: float B×3×H×W RGB in 0…255. Output: float B×D, L2-normalised.
    Pooling is GeM (Radenović et al., "Fine-tuning CNN image retrieval", TPAMI 2018).
    """

    def __init__(self, dimensions: int = 256) -> None:
        """Build the network with random weights."""
        super().__init__()
        import_torchvision()
        build = importlib.import_module("torchvision.models").mobilenet_v2
        self.features = build(num_classes=1001).features
        _pad_like_tensorflow(self.features)
        self.power = nn.Parameter(torch.tensor(2.5))
        self.head = nn.Linear(1280, dimensions)
        nn.init.orthogonal_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Embed a batch."""
        features = self.features(images / 127.5 - 1)
        pooled = features.clamp(min=1e-4).pow(self.power).mean((2, 3)).pow(1 / self.power)
        return nn.functional.normalize(self.head(pooled))

    def train(self, mode: bool = True) -> EmbedderNetwork:
        """Switch to training; batch norm keeps ImageNet's statistics, batches are small."""
        super().train(mode)
        for module in self.features.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        for block in self.features[:FROZEN_BLOCKS]:
            block.requires_grad_(False)
        return self


def _pad_like_tensorflow(features: nn.Module) -> None:
    """Pad right and bottom on stride 2, as the pretrained weights were trained."""
    for parent in list(features.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Conv2d) and child.stride == (2, 2) and child.padding == (1, 1):
                child.register_forward_pre_hook(_pad_right_and_bottom)
                child.padding = (0, 0)
                setattr(parent, name, child)


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
    try:
        network.features.load_state_dict(state)
    except RuntimeError as error:
        raise ModelError(f"{weights}: not MobileNetV2 in torchvision's naming.") from error
