"""What the embedder's training shows it, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, IterableDataset

from common.progress import progress
from models.data import Article
from models.scenes.camera import recolour
from models.snapshots import KindExamples
from models.training.views import INPUT_SIZE, CarriedViews, packshot, prepare


@dataclass(frozen=True)
class EmbedderRecipe:
    """Everything that shapes a training.

    `snapshots` are photos of garments a step, from which kinds alone are learned. `cell_steps`
    follow the steps, for the cells alone. `start` is an exported embedder (ONNX) to go on from,
    instead of ImageNet's weights.
    """

    steps: int = 3000
    cell_steps: int = 1200
    articles_per_step: int = 32
    views: int = 2
    snapshots: int = 12
    temperature: float = 0.05
    kind_weight: float = 0.2
    backbone_rate: float = 1.5e-4
    head_rate: float = 1e-3
    refresh_every: int = 300
    seed: int = 0
    start: Path | None = None


class Batch(NamedTuple):
    """What a step shows.

    Attributes:
        rows: int64 B, of the articles.
        images: uint8 B×(views+1)×H×W×3 RGB, each article's packshot last.
        snapshots: uint8 P×H×W×3 RGB, photos of other garments.
        may: bool P×K, which of `KINDS` each of these may be.
    """

    rows: torch.Tensor
    images: torch.Tensor
    snapshots: torch.Tensor
    may: torch.Tensor


class Batches(IterableDataset):  # type: ignore[type-arg]
    """One batch a step; the same seed gives the same batches."""

    def __init__(
        self, views: CarriedViews, kinds: KindExamples, recipe: EmbedderRecipe, start: int = 0
    ) -> None:
        """Start at step `start`, as a resumed training does."""
        self._views, self._kinds, self._recipe, self._start = views, kinds, recipe, start

    def __iter__(self) -> Iterator[Batch]:
        """Yield the batches of the steps to come."""
        cv2.setNumThreads(1)
        for step in range(self._start, self._recipe.steps):
            rng = np.random.default_rng([self._recipe.seed, step])
            yield self._batch(rng)

    def _batch(self, rng: np.random.Generator) -> Batch:
        rows = rng.choice(self._views.rows, self._recipe.articles_per_step, replace=False)
        images = np.stack([self._images(int(row), rng) for row in rows])
        shown, may = self._kinds.draw(self._recipe.snapshots, rng)
        snapshots = np.array([prepare(one) for one in shown], np.uint8)
        parts = (rows, images, snapshots.reshape(-1, *INPUT_SIZE, 3), may)
        return Batch(*map(torch.from_numpy, parts))

    def _images(self, row: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        article = self._views.articles[row]
        views = [self._views.view(article, rng).image for _ in range(self._recipe.views)]
        shot = recolour(packshot(article), rng, 0.25)
        return np.stack([*map(prepare, views), prepare(shot)])


def tensor_of(images: NDArray[np.uint8] | torch.Tensor) -> torch.Tensor:
    """Turn uint8 B×H×W×3 into the network's float B×3×H×W."""
    tensor = torch.as_tensor(images).permute(0, 3, 1, 2).float()
    return tensor.contiguous(memory_format=torch.channels_last)


def packshot_batches(articles: Sequence[Article]) -> Iterator[torch.Tensor]:
    """Yield the packshots of articles in their order, up to 64 at once; float B×3×H×W."""
    for start in progress(range(0, len(articles), 64), desc="packshots", unit="batch", leave=False):
        yield tensor_of(np.stack([prepare(packshot(a)) for a in articles[start : start + 64]]))


def load_batches(batches: Batches) -> DataLoader[Batch]:
    """Make batches in a process of their own."""
    # Spawned, not forked: OpenCV's thread pool does not survive a fork.
    return DataLoader(
        batches,
        batch_size=None,
        num_workers=1,
        multiprocessing_context="spawn",
        prefetch_factor=6,
    )
