"""Train the embedder: from any carried view of a garment to its article.

Each step draws articles, two carried views and the packshot of each. The views must
find their packshot among those of *all* training articles (a bank of gallery vectors,
after Wang et al., "Cross-batch memory for embedding learning", CVPR 2020), so near
styles and other colourways of the same style are always among the negatives. Kinds of
garment are learned from the same views and from photos of other garments.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import DataLoader, IterableDataset
from tqdm import tqdm

from models.data import Article, load_articles, people_paths
from models.scenes.camera import recolour
from models.scenes.cutout import Image
from models.snapshots import KindExamples, load_snapshots
from models.taxonomy import KINDS
from models.training.network import EmbedderNetwork, load_backbone, load_exported
from models.training.views import INPUT_SIZE, CarriedViews, packshot, prepare, usable


@dataclass(frozen=True)
class EmbedderRecipe:
    """Everything that shapes a training.

    `snapshots` are photos of garments a step, from which kinds alone are learned. `start` is
    an exported embedder (ONNX) to go on from, instead of ImageNet's weights.
    """

    steps: int = 3000
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


@torch.no_grad()
def embed(network: EmbedderNetwork, images: Iterable[Image], total: int) -> torch.Tensor:
    """Embed many pictures in batches; returns total×D."""
    network.eval()
    vectors, batch = [], []
    for image in tqdm(images, total=total, desc="embedding", unit="picture", leave=False):
        batch.append(prepare(image))
        if len(batch) == 64:
            vectors.append(network(_tensor(np.stack(batch)))[0])
            batch = []
    if batch:
        vectors.append(network(_tensor(np.stack(batch)))[0])
    network.train()
    return torch.cat(vectors)


def _tensor(images: NDArray[np.uint8] | torch.Tensor) -> torch.Tensor:
    tensor = torch.as_tensor(images).permute(0, 3, 1, 2).float()
    return tensor.contiguous(memory_format=torch.channels_last)


def _loss(
    network: EmbedderNetwork,
    batch: Batch,
    kinds: torch.Tensor,
    bank: torch.Tensor,
    recipe: EmbedderRecipe,
) -> tuple[torch.Tensor, torch.Tensor]:
    """InfoNCE of views against the whole bank, and within the batch in both directions.

    Right and wrong answers of the first part both come from the bank: were the right ones
    fresh, all vectors would drift away from the old ones together and fall into one.
    The kind of garment is learned beside it, from the same views and from snapshots.
    """
    count, views = batch.images.shape[0], batch.images.shape[1] - 1
    shown = count * (views + 1)
    vectors, logits = network(_tensor(torch.cat([batch.images.flatten(0, 1), batch.snapshots])))
    vectors = vectors[:shown].view(count, views + 1, -1)
    queries, gallery = vectors[:, :views].flatten(0, 1), vectors[:, views]
    answer = batch.rows.repeat_interleave(views)
    against_all = nn.functional.cross_entropy(queries @ bank.T / recipe.temperature, answer)
    table = queries @ gallery.T / recipe.temperature
    there = nn.functional.cross_entropy(table, torch.arange(count).repeat_interleave(views))
    back = table.view(count, views, count).permute(1, 2, 0)
    target = torch.arange(count).expand(views, count)
    and_back = nn.functional.cross_entropy(back.transpose(1, 2), target)
    named = kinds[batch.rows].repeat_interleave(views + 1)
    kind = nn.functional.cross_entropy(logits[:shown], named)
    kind = kind + _any_of(logits[shown:], batch.may)
    return against_all + 0.5 * (there + and_back) + recipe.kind_weight * kind, gallery.detach()


def _any_of(logits: torch.Tensor, may: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of P×K logits whose right answer is one of several; 0 of none.

    Jin and Ghahramani, "Learning with multiple labels", NIPS 2002.
    """
    if not len(logits):
        return logits.sum()
    right = logits.masked_fill(~may, -torch.inf)
    return (logits.logsumexp(1) - right.logsumexp(1)).mean()


def _rate(step: int, steps: int) -> float:
    warm = min(1.0, (step + 1) / 60)
    return warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))


class _Training:
    """A training's state, and its way to disk and back."""

    def __init__(self, network: EmbedderNetwork, recipe: EmbedderRecipe, checkpoint: Path) -> None:
        self.network, self.checkpoint, self.step = network, checkpoint, 0
        heads = [network.power, *network.head.parameters(), *network.kind.parameters()]
        backbone = [p for p in network.features.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": backbone, "lr": recipe.backbone_rate},
                {"params": heads, "lr": recipe.head_rate},
            ],
            weight_decay=1e-4,
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda step: _rate(step, recipe.steps)
        )

    def update(self, loss: torch.Tensor) -> None:
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimizer.step()
        self.schedule.step()
        self.step += 1

    def save(self) -> None:
        state = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "step": self.step,
        }
        fresh = self.checkpoint.with_suffix(".new")
        torch.save(state, fresh)
        fresh.replace(self.checkpoint)

    def load(self) -> None:
        state = torch.load(self.checkpoint, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.step = state["step"]


def train_embedder(root: Path, run: Path, recipe: EmbedderRecipe, resume: bool = True) -> Path:
    """Train and leave `embedder.pt` in the run folder.

    Args:
        root: Data folder (layout in `models.data`).
        run: Folder for checkpoints and figures; a broken-off run goes on from there.
        recipe: What to train.
        resume: Go on from the run folder's checkpoint.

    Returns:
        The checkpoint's path.

    Raises:
        ModelError: Data or weights are missing.
    """
    torch.manual_seed(recipe.seed)
    run.mkdir(parents=True, exist_ok=True)
    articles = usable(load_articles(root), validation=False)
    network = EmbedderNetwork()
    if recipe.start:
        load_exported(network, recipe.start)
    else:
        load_backbone(network, root / "weights" / "mobilenetv2-imagenet.safetensors")
    network.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    training = _Training(network, recipe, run / "embedder.pt")
    if resume and training.checkpoint.is_file():
        training.load()
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2, default=str))
    # Spawned, not forked: OpenCV's thread pool does not survive a fork.
    loader = DataLoader(
        Batches(
            CarriedViews(articles, people_paths(root, validation=False)),
            KindExamples(load_snapshots(root, validation=False)),
            recipe,
            training.step,
        ),
        batch_size=None,
        num_workers=1,
        multiprocessing_context="spawn",
        prefetch_factor=6,
    )
    _fit(training, loader, articles, recipe)
    return training.checkpoint


def _fit(
    training: _Training,
    loader: DataLoader[Batch],
    articles: list[Article],
    recipe: EmbedderRecipe,
) -> None:
    kinds = torch.tensor([KINDS.index(a.category) for a in articles])
    bank = embed(training.network, map(packshot, articles), len(articles))
    bar = tqdm(loader, total=recipe.steps, initial=training.step, desc="embedder", unit="step")
    average = None
    for batch in bar:
        loss, gallery = _loss(training.network, batch, kinds, bank, recipe)
        training.update(loss)
        bank[batch.rows] = gallery
        average = loss.item() if average is None else 0.98 * average + 0.02 * loss.item()
        bar.set_postfix(loss=f"{average:.3f}")
        if training.step == recipe.steps:
            training.save()
        elif training.step % recipe.refresh_every == 0:
            training.save()
            bank = embed(training.network, map(packshot, articles), len(articles))
