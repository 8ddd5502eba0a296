"""The baseline embedder: MobileNetV2 trained on ImageNet, mean-pooled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from common.image import Image
from models.crops import stretch
from models.embedders.protocol import Described
from models.taxonomy import KINDS
from models.training.embedder.network import EmbedderNetwork, load_backbone
from models.training.embedder.views import INPUT_SIZE


class Baseline:
    """Mean-pooled, L2-normalised ImageNet features of the same crops."""

    categories = KINDS

    def __init__(self, root: Path) -> None:
        """Load the pretrained weights of a data folder.

        Raises:
            ModelError: They are missing.
        """
        self._network = EmbedderNetwork().eval()
        load_backbone(self._network, root / "weights" / "mobilenetv2-imagenet.safetensors")

    def describe(self, crops: Sequence[Image]) -> Described:
        """Embed crops as N×1280 unit vectors; categories are uniform, local features empty."""
        batch = np.stack([stretch(crop, *INPUT_SIZE) for crop in crops])
        with torch.no_grad():
            images = torch.from_numpy(batch).permute(0, 3, 1, 2).float()
            pooled = self._network.features(images / 127.5 - 1).mean((2, 3))
            vectors = np.asarray(torch.nn.functional.normalize(pooled), np.float32)
        even = np.full((len(crops), len(KINDS)), 1 / len(KINDS), np.float32)
        return Described(vectors, even, np.zeros((len(crops), 0, 0), np.float32))
