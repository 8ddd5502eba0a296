"""The embedder's network: MobileNetV2, GeM pooling, two linear heads, a local feature head."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from models.errors import ModelError
from models.taxonomy import EMBEDDER_CATEGORIES
from models.training.backbone import build_backbone, read_backbone

#: Blocks that stay as pretrained: their low-level features suit any image and cost the most.
FROZEN_BLOCKS = 4
#: The trunk is the first so many blocks; its channels, and its stride in pixels.
TRUNK_BLOCKS, LOCAL_WIDTH, LOCAL_STRIDE = 14, 96, 16
#: Names of layers in weights exported so far, and in this network.
_RENAMED = {
    "cells.show.": "local_head.projection.",
    "cells.tell.": "local_head.salience.",
    "kind.": "classifier.",
}


class LocalFeatureHead(nn.Module):
    """Computes local features: descriptors of grid cells, weighted by their salience.

    Input: float B×96×h×w, the trunk's feature maps. Output: float B×(h·w)×96. The direction of
    a row is the descriptor, its norm the weight; the weights of a crop sum to 1.
    """

    def __init__(self) -> None:
        """Initialise to the identity with equal weights."""
        super().__init__()
        self.projection = nn.Conv2d(LOCAL_WIDTH, LOCAL_WIDTH, 1)
        self.salience = nn.Conv2d(LOCAL_WIDTH, 1, 1)
        nn.init.dirac_(self.projection.weight)
        nn.init.zeros_(self.projection.bias)  # type: ignore[arg-type]
        nn.init.zeros_(self.salience.weight)
        nn.init.zeros_(self.salience.bias)  # type: ignore[arg-type]

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Compute the local features of a batch, in row-major order of the grid."""
        with torch.autocast(features.device.type, enabled=False):
            features = features.float()
            unit = nn.functional.normalize(self.projection(features).flatten(2), dim=1)
            weights = nn.functional.softplus(self.salience(features).flatten(2))
            return (unit * (weights / weights.sum(2, keepdim=True))).transpose(1, 2)


class EmbedderNetwork(nn.Module):
    """Maps a crop to an embedding, category logits and local features.

    Input: float B×3×H×W RGB in 0…255. Output: float B×D, L2-normalised; float B×K, the logits
    of `models.taxonomy.EMBEDDER_CATEGORIES`; and the output of `LocalFeatureHead`. Pooling is
    GeM (Radenović et al., "Fine-tuning CNN image retrieval", TPAMI 2018).
    """

    def __init__(self, dimensions: int = 256, frozen: int = FROZEN_BLOCKS) -> None:
        """Build the network with random weights; the first `frozen` blocks are not trained."""
        super().__init__()
        self.frozen = frozen
        self.features = build_backbone()
        self.power = nn.Parameter(torch.tensor(2.5))
        self.head = nn.Linear(1280, dimensions)
        nn.init.orthogonal_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self.classifier = nn.Linear(1280, len(EMBEDDER_CATEGORIES))
        self.local_head = LocalFeatureHead()

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Compute embeddings, category logits and local features of a batch."""
        feature_maps = self.trunk(images)
        return *self.embed(feature_maps), self.local_head(feature_maps)

    def trunk(self, images: torch.Tensor) -> torch.Tensor:
        """Compute the feature maps of the trunk, float B×96×(H/16)×(W/16)."""
        feature_maps: torch.Tensor = self.features[:TRUNK_BLOCKS](images / 127.5 - 1)
        return feature_maps

    def embed(self, feature_maps: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Compute embeddings and category logits from the output of `trunk`."""
        features = self.features[TRUNK_BLOCKS:](feature_maps)
        # Embeddings of similar articles differ by less than the precision of bfloat16.
        with torch.autocast(features.device.type, enabled=False):
            bounded = features.float().clamp(min=1e-4)
            pooled = bounded.pow(self.power).mean((2, 3)).pow(1 / self.power)
            return nn.functional.normalize(self.head(pooled)), self.classifier(pooled)

    def train(self, mode: bool = True) -> EmbedderNetwork:
        """Switch the mode; the first `frozen` blocks never require gradients."""
        super().train(mode)
        for number, block in enumerate(self.features):
            block.requires_grad_(number >= self.frozen)
        return self


def load_backbone(network: EmbedderNetwork, weights: Path) -> None:
    """Load ImageNet MobileNetV2 (torchvision's layer names, safetensors) into the backbone.

    Raises:
        ModelError: The file is missing or belongs to another network.
    """
    network.features.load_state_dict(read_backbone(weights))


def load_exported(network: EmbedderNetwork, weights: Path) -> None:
    """Load an exported embedder (ONNX) or a training checkpoint (`.pt`).

    Weights without a local feature head leave that head unchanged.

    Raises:
        ModelError: The file is missing or belongs to another network.
    """
    own = network.state_dict()
    loaded = {_layer_name(name): value for name, value in _read(weights).items()}
    state = {name: value for name, value in loaded.items() if name in own}
    local_head = {name: value for name, value in own.items() if name.startswith("local_head.")}
    try:
        network.load_state_dict(local_head | state)
    except RuntimeError as error:
        raise ModelError(f"{weights}: belongs to another network than this embedder.") from error


def _layer_name(name: str) -> str:
    for old, new in _RENAMED.items():
        if name.startswith(old):
            return new + name.removeprefix(old)
    return name


def _read(weights: Path) -> dict[str, torch.Tensor]:
    if weights.suffix != ".pt":
        from models.training.weights import read_state

        return read_state(weights)
    try:
        state = torch.load(weights, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ModelError(f"{weights}: cannot be read ({error.strerror}).") from error
    if "network" not in state:
        raise ModelError(f"{weights}: not a checkpoint of an embedder training.")
    return dict(state["network"])
