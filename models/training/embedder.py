"""Train the embedder: from any carried view of a garment to its article.

Each step draws articles, two carried views and the packshot of each. The views must
find their packshot among those of *all* training articles (a bank of gallery vectors,
after Wang et al., "Cross-batch memory for embedding learning", CVPR 2020), so near
styles and other colourways of the same style are always among the negatives. Kinds of
garment are learned from the same views and from photos of other garments. Cells come last,
with all else as it is by then (`models.training.cells`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader

from common.progress import progress
from models.data import Article, load_articles, people_paths
from models.snapshots import KindExamples, load_snapshots
from models.taxonomy import KINDS
from models.training.batches import (
    Batch,
    Batches,
    EmbedderRecipe,
    load_batches,
    packshot_batches,
    tensor_of,
)
from models.training.cells import train_cells
from models.training.network import EmbedderNetwork, load_backbone, load_exported
from models.training.views import CarriedViews, usable


@torch.no_grad()
def _bank(network: EmbedderNetwork, articles: Sequence[Article]) -> torch.Tensor:
    """Embed the packshots of all articles, N×D."""
    network.eval()
    vectors = [network.embed(network.trunk(shots))[0] for shots in packshot_batches(articles)]
    network.train()
    return torch.cat(vectors)


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
    images = tensor_of(torch.cat([batch.images.flatten(0, 1), batch.snapshots]))
    vectors, logits = network.embed(network.trunk(images))
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
    return warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / max(steps, 1))))


class _Training:
    """A training's state, and its way to disk and back."""

    def __init__(self, network: EmbedderNetwork, recipe: EmbedderRecipe, checkpoint: Path) -> None:
        self.network, self.checkpoint, self.step = network, checkpoint, 0
        self.has_cells = False
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
            "has_cells": self.has_cells,
        }
        fresh = self.checkpoint.with_suffix(".new")
        torch.save(state, fresh)
        fresh.replace(self.checkpoint)

    def load(self) -> None:
        state = torch.load(self.checkpoint, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.step, self.has_cells = state["step"], state["has_cells"]


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
    views = CarriedViews(articles, people_paths(root, validation=False))
    kinds = KindExamples(load_snapshots(root, validation=False))
    if training.step < recipe.steps:
        batches = load_batches(Batches(views, kinds, recipe, training.step))
        _fit(training, batches, articles, recipe)
    if not training.has_cells:
        shown = replace(recipe, steps=recipe.cell_steps, views=1, snapshots=0, seed=recipe.seed + 1)
        batches = load_batches(Batches(views, kinds, shown))
        train_cells(network, batches, articles, shown.steps)
        training.has_cells = True
        training.save()
    return training.checkpoint


def _fit(
    training: _Training,
    loader: DataLoader[Batch],
    articles: list[Article],
    recipe: EmbedderRecipe,
) -> None:
    kinds = torch.tensor([KINDS.index(a.category) for a in articles])
    bank = _bank(training.network, articles)
    bar = progress(loader, total=recipe.steps, initial=training.step, desc="embedder", unit="step")
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
            bank = _bank(training.network, articles)
