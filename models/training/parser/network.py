"""The parser's network: MobileNetV2, a feature pyramid, a head for pixels, a head for kinds."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from torch import nn

from models.errors import ModelError
from models.parsers.protocol import CLASSES, PICTURE_CLASSES
from models.training.backbone import build_backbone, read_backbone

#: Height and width of the input; the output's are half of it.
INPUT_SIZE: Final = (192, 128)
#: Blocks that stay as pretrained: their low-level features suit any image and cost the most.
FROZEN_BLOCKS: Final = 7
#: Blocks whose output the pyramid takes, and its channels: strides 4, 8, 16, 32.
_TAPS: Final = ((4, 24), (7, 32), (14, 96), (18, 320))
_WIDTH: Final = 64


class _Refine(nn.Module):
    """Refine a level of the pyramid: a depthwise-separable convolution with group norm."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(_WIDTH, _WIDTH, 3, padding=1, groups=_WIDTH, bias=False),
            nn.Conv2d(_WIDTH, _WIDTH, 1, bias=False),
            nn.GroupNorm(8, _WIDTH),
            nn.ReLU(),
        )

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Refine feature maps of any size."""
        refined: torch.Tensor = self.layers(features)
        return refined


class ParserNetwork(nn.Module):
    """Maps a picture to class logits of its pixels and logits of its kind.

    Input: float B×3×192×128 RGB in 0…255. Output: float B×4, the logits of
    `PICTURE_CLASSES`, and float B×18×96×64, the logits of `CLASSES`. The decoder is a feature
    pyramid (Lin et al., CVPR 2017) whose coarsest level sees the whole picture.
    """

    def __init__(self) -> None:
        """Build the network with random weights."""
        super().__init__()
        self.features = build_backbone()[: _TAPS[-1][0]]
        self.laterals = nn.ModuleList(nn.Conv2d(channels, _WIDTH, 1) for _, channels in _TAPS)
        self.context = nn.Linear(_TAPS[-1][1], _WIDTH)
        self.refine = nn.ModuleList(_Refine() for _ in _TAPS)
        self.classes = nn.Conv2d(_WIDTH, len(CLASSES), 1)
        self.kind = nn.Linear(_TAPS[-1][1], len(PICTURE_CLASSES))

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Compute the logits of kinds and pixels of a batch."""
        levels, features, start = [], images / 127.5 - 1, 0
        for end, _ in _TAPS:
            features = self.features[start:end](features)
            levels.append(features)
            start = end
        pooled = features.mean((2, 3))
        merged = self.context(pooled)[:, :, None, None]
        for level in reversed(range(len(levels))):
            here = self.laterals[level](levels[level])
            if level < len(levels) - 1:
                merged = nn.functional.interpolate(
                    merged, scale_factor=2, mode="bilinear", align_corners=False
                )
            merged = self.refine[level](here + merged)
        pixels = nn.functional.interpolate(
            self.classes(merged), scale_factor=2, mode="bilinear", align_corners=False
        )
        return self.kind(pooled), pixels

    def train(self, mode: bool = True) -> ParserNetwork:
        """Switch the mode; the first blocks never require gradients."""
        super().train(mode)
        for number, block in enumerate(self.features):
            block.requires_grad_(number >= FROZEN_BLOCKS)
        return self


def load_backbone(network: ParserNetwork, weights: Path) -> None:
    """Load ImageNet MobileNetV2 (torchvision's layer names, safetensors) into the backbone.

    Raises:
        ModelError: The file is missing or belongs to another network.
    """
    own = set(network.features.state_dict())
    state = {name: value for name, value in read_backbone(weights).items() if name in own}
    network.features.load_state_dict(state)


def load_checkpoint(network: ParserNetwork, checkpoint: Path) -> None:
    """Load the averaged weights of a training's checkpoint.

    Raises:
        ModelError: The file is missing or of another network.
    """
    try:
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        network.load_state_dict(state["average"])
    except OSError as error:
        raise ModelError(f"{checkpoint}: cannot be read ({error.strerror}).") from error
    except (KeyError, RuntimeError) as error:
        raise ModelError(f"{checkpoint}: not a checkpoint of a parser training.") from error
