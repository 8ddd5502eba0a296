"""Hyperparameters of the embedder's training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import torch

from models.training.data import HOLD_OUT

#: Articles per step on a GPU.
_GPU_ARTICLES: Final = 512


@dataclass(frozen=True)
class EmbedderRecipe:
    """Hyperparameters of a training.

    Attributes:
        steps: Number of steps if `minutes` is not given.
        minutes: Time for the whole training, with rendering, validation and saving; the
            schedule then follows the clock. A resumed training has the remaining time.
        articles_per_step: Articles per batch.
        views: Views of each article.
        snapshots: Photos of garments per batch; they train the classifier alone.
        temperature: Temperature of the contrastive loss.
        category_weight: Weight of the classification loss.
        local_weight: Weight of the late-interaction loss.
        local_from: Share of the training after which the late-interaction loss is added.
        backbone_rate: Learning rate of the backbone.
        head_rate: Learning rate of the heads.
        frozen: First blocks of the backbone that are not trained.
        average_window: Time constant of the weights' moving average, as a share of the training.
        refresh_every: Steps between refreshes of the memory bank.
        queries: Validation garments of each shop.
        workers: Rendering processes; by default the number of cores minus one.
        seed: Source of all randomness but that of the clock.
        start: An exported embedder (ONNX) or a checkpoint (`.pt`) to start from, instead of
            the ImageNet weights.
    """

    steps: int = 3000
    minutes: float | None = None
    articles_per_step: int = 32
    views: int = 2
    snapshots: int = 12
    temperature: float = 0.05
    category_weight: float = 0.2
    local_weight: float = 0.3
    local_from: float = 0.4
    backbone_rate: float = 1.5e-4
    head_rate: float = 1e-3
    frozen: int = 4
    average_window: float = 0.03
    refresh_every: int = 300
    queries: int = 100
    workers: int | None = None
    seed: int = 0
    start: Path | None = None

    def for_device(self, device: torch.device) -> EmbedderRecipe:
        """Adapt to a GPU: larger batches, higher learning rates, no frozen blocks."""
        if device.type != "cuda":
            return self
        plain, gpu = EmbedderRecipe(), replace(
            self, articles_per_step=_GPU_ARTICLES, snapshots=96, backbone_rate=4e-4, frozen=0,
            queries=300, refresh_every=200,
        )  # fmt: skip
        same = {n: getattr(self, n) for n in vars(plain) if getattr(self, n) != getattr(plain, n)}
        return replace(gpu, **same)


@dataclass(frozen=True)
class Shop:
    """A data folder to train on; one in `one_in` of its styles is held out."""

    root: Path
    one_in: int = HOLD_OUT


def shops_of(roots: Sequence[Path]) -> list[Shop]:
    """Hold out one style in ten of the first shop, and every other style of further ones.

    Further shops serve both training and the validation of transfer.
    """
    return [Shop(root, HOLD_OUT if n == 0 else 2) for n, root in enumerate(roots)]
