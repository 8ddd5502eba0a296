"""The embedder's network: MobileNetV2, generalised-mean pooling, two linear heads, and cells."""

from __future__ import annotations

import importlib
import itertools
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from models.errors import ModelError
from models.taxonomy import KINDS
from models.training.torch_runtime import import_torchvision, read_pretrained

#: Blocks kept as pretrained: their edges and colours serve any picture and cost the most.
FROZEN_BLOCKS = 4
#: Cells are told from what comes out of so many blocks: so many features every so many pixels.
CELL_BLOCKS, CELL_WIDTH, CELL_STRIDE = 14, 96, 16


class Cells(nn.Module):
    """Tells parts of a garment: where the whole is folded or half hidden, some still match.

    Input: float B×96×h×w, the trunk's features. Output: float B×(h·w)×96. A cell's direction
    is what it shows; its length is how much that tells, and all lengths of a crop sum to 1.
    """

    def __init__(self) -> None:
        """Show the features as they are, all telling as much."""
        super().__init__()
        self.show = nn.Conv2d(CELL_WIDTH, CELL_WIDTH, 1)
        self.tell = nn.Conv2d(CELL_WIDTH, 1, 1)
        nn.init.dirac_(self.show.weight)
        nn.init.zeros_(self.show.bias)  # type: ignore[arg-type]
        nn.init.zeros_(self.tell.weight)
        nn.init.zeros_(self.tell.bias)  # type: ignore[arg-type]

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Tell the cells of a batch, row by row of the grid."""
        with torch.autocast(features.device.type, enabled=False):
            features = features.float()
            shown = nn.functional.normalize(self.show(features).flatten(2), dim=1)
            told = nn.functional.softplus(self.tell(features).flatten(2))
            return (shown * (told / told.sum(2, keepdim=True))).transpose(1, 2)


class EmbedderNetwork(nn.Module):
    """Maps a crop to a unit vector, to a kind of garment and to its cells.

    Input: float B×3×H×W RGB in 0…255. Output: float B×D, L2-normalised; float B×K, the
    logits of `models.taxonomy.KINDS`; and what `Cells` tells. Pooling is GeM (Radenović et al.,
    "Fine-tuning CNN image retrieval", TPAMI 2018).
    """

    def __init__(self, dimensions: int = 256, frozen: int = FROZEN_BLOCKS) -> None:
        """Build the network with random weights, of whose blocks `frozen` are not trained."""
        super().__init__()
        self.frozen = frozen
        self.features = _fold_batch_norm(_mobilenet())
        self.power = nn.Parameter(torch.tensor(2.5))
        self.head = nn.Linear(1280, dimensions)
        nn.init.orthogonal_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self.kind = nn.Linear(1280, len(KINDS))
        self.cells = Cells()

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Embed a batch."""
        parts = self.trunk(images)
        return *self.embed(parts), self.cells(parts)

    def trunk(self, images: torch.Tensor) -> torch.Tensor:
        """Return the features that cells are told from, float B×96×(H/16)×(W/16)."""
        features: torch.Tensor = self.features[:CELL_BLOCKS](images / 127.5 - 1)
        return features

    def embed(self, parts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return vectors and kinds, from what `trunk` returned."""
        features = self.features[CELL_BLOCKS:](parts)
        # Vectors of near articles differ by less than bfloat16 can say.
        with torch.autocast(features.device.type, enabled=False):
            bounded = features.float().clamp(min=1e-4)
            pooled = bounded.pow(self.power).mean((2, 3)).pow(1 / self.power)
            return nn.functional.normalize(self.head(pooled)), self.kind(pooled)

    def train(self, mode: bool = True) -> EmbedderNetwork:
        """Switch to training; the first `frozen` blocks stay as they are."""
        super().train(mode)
        for number, block in enumerate(self.features):
            block.requires_grad_(number >= self.frozen)
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
    state = {
        name.removeprefix("features."): tensor
        for name, tensor in read_pretrained(weights).items()
        if name.startswith("features.")
    }
    features = _mobilenet()
    try:
        features.load_state_dict(state)
    except RuntimeError as error:
        raise ModelError(f"{weights}: not MobileNetV2 in torchvision's naming.") from error
    network.features.load_state_dict(_fold_batch_norm(features).state_dict())


def load_exported(network: EmbedderNetwork, weights: Path) -> None:
    """Load an exported embedder (ONNX) or a training's checkpoint (`.pt`).

    An embedder without cells leaves them as they are.

    Raises:
        ModelError: The file is missing or holds another network.
    """
    ours = network.state_dict()
    state = {name: value for name, value in _read(weights).items() if name in ours}
    cells = {name: value for name, value in ours.items() if name.startswith("cells.")}
    try:
        network.load_state_dict(cells | state)
    except RuntimeError as error:
        raise ModelError(f"{weights}: holds another network than this embedder's.") from error


def _read(weights: Path) -> dict[str, torch.Tensor]:
    if weights.suffix != ".pt":
        from models.training.weights import read_state

        return read_state(weights)
    try:
        state = torch.load(weights, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ModelError(f"{weights}: cannot be read ({error.strerror}).") from error
    if "network" not in state:
        raise ModelError(f"{weights}: no checkpoint of an embedder's training.")
    return dict(state["network"])
