"""What shapes a training of the embedder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import torch

from models.training.data import HOLD_OUT

#: A GPU sees so many articles a step.
_GPU_ARTICLES: Final = 512


@dataclass(frozen=True)
class EmbedderRecipe:
    """Everything that shapes a training.

    Attributes:
        steps: How many, where `minutes` is not given.
        minutes: Time for all of it, rendering, measuring and saving included; the schedule
            then follows the clock. A resumed training has the rest of it.
        articles_per_step: Articles a step.
        views: Views of each article.
        snapshots: Photos of garments a step, from which kinds alone are learned.
        temperature: What cosines are divided by.
        kind_weight: Weight of the kinds in the loss.
        cell_weight: Weight of the cells in the loss.
        cells_from: Share of the training after which cells are learned, too.
        backbone_rate: Learning rate of the backbone.
        head_rate: Learning rate of the heads and cells.
        frozen: Blocks of the backbone that stay as they are.
        memory: The averaged weights, which are exported, forget in this share of the training.
        refresh_every: Steps after which all packshots are embedded afresh.
        queries: Held-out garments of each shop that the result is measured with.
        workers: Rendering processes; one less than there are cores if not given.
        seed: Source of all randomness but that of the clock.
        start: An exported embedder (ONNX) or a checkpoint (`.pt`) to go on from, instead of
            ImageNet's weights.
    """

    steps: int = 3000
    minutes: float | None = None
    articles_per_step: int = 32
    views: int = 2
    snapshots: int = 12
    temperature: float = 0.05
    kind_weight: float = 0.2
    cell_weight: float = 0.3
    cells_from: float = 0.4
    backbone_rate: float = 1.5e-4
    head_rate: float = 1e-3
    frozen: int = 4
    memory: float = 0.03
    refresh_every: int = 300
    queries: int = 100
    workers: int | None = None
    seed: int = 0
    start: Path | None = None

    def for_device(self, device: torch.device) -> EmbedderRecipe:
        """Make use of a GPU: large batches, higher rates, no block frozen."""
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
    """A data folder to learn from; one in `one_in` of its styles is held out."""

    root: Path
    one_in: int = HOLD_OUT


def shops_of(roots: Sequence[Path]) -> list[Shop]:
    """Hold out one style in ten of the first shop, and half of the others.

    The others are there to learn from and to measure transfer with, both.
    """
    return [Shop(root, HOLD_OUT if n == 0 else 2) for n, root in enumerate(roots)]
