"""The baseline embedder: MobileNetV2 trained on ImageNet, mean-pooled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from common.image import Image
from models.crops import stretch
from models.embedders.protocol import GarmentFeatures
from models.taxonomy import EMBEDDER_CATEGORIES
from models.training.embedder.network import EmbedderNetwork, load_backbone
from models.training.embedder.views import INPUT_SIZE


class Baseline:
    """Mean-pooled, L2-normalised ImageNet features of the same crops."""

    categories = EMBEDDER_CATEGORIES

    def __init__(self, root: Path) -> None:
        """Load the pretrained weights of a data folder.

        Raises:
            ModelError: They are missing.
        """
        self._network = EmbedderNetwork().eval()
        load_backbone(self._network, root / "weights" / "mobilenetv2-imagenet.safetensors")

    def embed_queries(self, crops: Sequence[Image]) -> GarmentFeatures:
        """Embed crops as N×1280 unit vectors; categories are uniform, local features empty."""
        batch = np.stack([stretch(crop, *INPUT_SIZE) for crop in crops])
        with torch.no_grad():
            images = torch.from_numpy(batch).permute(0, 3, 1, 2).float()
            pooled = self._network.features(images / 127.5 - 1).mean((2, 3))
            vectors = np.asarray(torch.nn.functional.normalize(pooled), np.float32)
        even = np.full(
            (len(crops), len(EMBEDDER_CATEGORIES)), 1 / len(EMBEDDER_CATEGORIES), np.float32
        )
        return GarmentFeatures(vectors, even, np.zeros((len(crops), 0, 0), np.float32))
