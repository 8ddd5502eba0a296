"""Hyperparameters of the detector's training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from models.training.detector.dataset import SIZE


@dataclass(frozen=True)
class DetectorRecipe:
    """Hyperparameters of a training.

    Attributes:
        minutes: Time for the training, without the export.
        steps: Number of steps, instead of a time.
        scenes: Size of the render buffer.
        size: Side of rendered scenes, pixels.
        shown: Side of the network's input, pixels.
        batch: Scenes per batch.
        rate: Initial learning rate.
        workers: Rendering processes; by default the number of cores minus one.
        device: `auto`, `cuda` or `cpu`.
        seed: Source of all randomness but that of the clock.
        start: Exported detector to start from, instead of COCO's weights.
    """

    minutes: float = 60.0
    steps: int | None = None
    scenes: int = 8000
    size: int = SIZE
    shown: int = 448
    batch: int = 32
    rate: float = 1e-3
    workers: int | None = None
    device: str = "auto"
    seed: int = 0
    start: Path | None = None

    def for_device(self, device: torch.device) -> DetectorRecipe:
        """Adapt to a GPU: larger batches at a higher learning rate, unless they are given."""
        if device.type != "cuda":
            return self
        plain = DetectorRecipe()
        return replace(
            self,
            batch=128 if self.batch == plain.batch else self.batch,
            rate=1.5e-3 if self.rate == plain.rate else self.rate,
        )
