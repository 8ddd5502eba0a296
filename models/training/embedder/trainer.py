"""Train the embedder with contrastive, classification and late-interaction losses.

Worker processes render carried views throughout the training (`rendering`), a buffer on the
device holds the latest of each article (`view_buffer`), and each step draws articles with two
views and the packshot of each and augments them (`augment`). The positives and negatives of a
view are the packshots of *all* training articles (a cross-batch memory; Wang et al.,
"Cross-batch memory for embedding learning", CVPR 2020), so similar styles and other colourways
of a style are always among the negatives. The classifier learns from the same views and from
photos of other garments; local features join later and train the trunk as well. The
exponential moving average of the weights is exported.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

from models.taxonomy import GARMENTS
from models.training.device import find_device, spare_cores
from models.training.embedder.augment import augment_packshots, augment_views
from models.training.embedder.collect import collect
from models.training.embedder.losses import (
    ContrastiveResult,
    contrastive_loss,
    init_local_head,
    late_interaction_loss,
    partial_label_loss,
)
from models.training.embedder.network import EmbedderNetwork, load_backbone, load_exported
from models.training.embedder.recipe import EmbedderRecipe, Shop
from models.training.embedder.rendering import Renderer, RenderPlan
from models.training.embedder.state import ProgressLog, TrainingState
from models.training.embedder.validation import embed_images, tensor_of, validate
from models.training.embedder.view_buffer import TrainingBatch, ViewBuffer, views_that_fit

Clock = Callable[[], float]

#: Bytes of the view buffer on a CPU; its share of a GPU's free memory.
_BUFFER_BYTES, _BUFFER_SHARE = 2e9, 0.3
#: Seconds between checkpoints, and between progress lines.
_SAVE_EVERY, _LOG_EVERY = 30.0, 10.0
#: Seconds reserved for the end of a timed training, beside 1.5 times the validation.
_CLOSING_S: Final = 4.0
#: Share of the time after which training starts with the views rendered so far.
_FILL_SHARE: Final = 0.25


def train_embedder(
    shops: Sequence[Shop],
    run: Path,
    recipe: EmbedderRecipe,
    resume: bool = True,
    device: str = "cpu",
    pause_after: float | None = None,
    clock: Clock = time.monotonic,
) -> Path:
    """Train and write `embedder.pt` and `training.json` to the run folder.

    Args:
        shops: Data folders (layout in `models.training.data`); people, snapshots and weights are
            those of the first.
        run: Folder for checkpoints and metrics; an interrupted training resumes from it.
        recipe: Hyperparameters.
        resume: Resume from the checkpoint in the run folder.
        device: As for `find_device`.
        pause_after: Minutes after which this call saves, validates and returns; a later call
            resumes.
        clock: Returns seconds; `recipe.minutes` count from the call.

    Returns:
        The path of the checkpoint.

    Raises:
        ModelError: Data or weights are missing.
    """
    started_at, torch_device = clock(), find_device(device)
    recipe = recipe.for_device(torch_device)
    _set_up(torch_device, recipe)
    run.mkdir(parents=True, exist_ok=True)
    network = _network(shops[0].root, recipe).to(torch_device)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    training = TrainingState(network, recipe, run / "embedder.pt")
    if resume and training.checkpoint.is_file():
        training.load()
    if training.is_finished(recipe):
        return training.checkpoint
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2, default=str))
    plan, rows = collect(shops, recipe)
    buffer = ViewBuffer(plan, _views_per_article(plan, torch_device), torch_device)
    _log(
        f"{len(plan.train_rows)} training articles of {len(plan.articles)}; "
        f"up to {buffer.views_per_article} views of each on {torch_device}; "
        f"{recipe.workers or spare_cores()} rendering workers"
    )
    with Renderer(plan, recipe.workers or spare_cores()) as renderer:
        pause = math.inf if pause_after is None else 60 * pause_after
        _Run(training, buffer, renderer, recipe, rows, lambda: clock() - started_at, pause).run()
    return training.checkpoint


def _set_up(device: torch.device, recipe: EmbedderRecipe) -> None:
    torch.manual_seed(recipe.seed)
    if device.type == "cuda":
        torch.set_num_threads(1)  # the other cores render
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("high")


def _network(root: Path, recipe: EmbedderRecipe) -> EmbedderNetwork:
    network = EmbedderNetwork(frozen=recipe.frozen)
    if recipe.start:
        load_exported(network, recipe.start)
    else:
        load_backbone(network, root / "weights" / "mobilenetv2-imagenet.safetensors")
    return network.train()


def _views_per_article(plan: RenderPlan, device: torch.device) -> int:
    garments = sum(plan.articles[row].category in GARMENTS for row in plan.train_rows)
    if device.type == "cuda":
        return views_that_fit(garments, _BUFFER_SHARE * torch.cuda.mem_get_info(device)[0])
    return views_that_fit(garments, _BUFFER_BYTES)


def _log(line: str) -> None:
    print(f"embedder: {line}", file=sys.stderr, flush=True)


class _Run:
    """One run of a training: fill the buffer, validate, train, validate, save."""

    def __init__(
        self,
        training: TrainingState,
        buffer: ViewBuffer,
        renderer: Renderer,
        recipe: EmbedderRecipe,
        shops: Mapping[str, range],
        elapsed: Clock,
        pause: float,
    ) -> None:
        self._training, self._buffer, self._renderer = training, buffer, renderer
        self._recipe, self._shops, self._elapsed, self._pause = recipe, shops, elapsed, pause
        self._generator = torch.Generator().manual_seed(recipe.seed + training.step)
        self._closing_s = _CLOSING_S
        self._progress_log = ProgressLog(training, buffer)
        self._memory_bank = self._feature_maps = torch.zeros(0)

    @property
    def _spent(self) -> float:
        return self._training.spent + self._elapsed()

    def _next_progress(self) -> float:
        """Return the share of the training that is done after the next step."""
        if self._recipe.minutes is None:
            return (self._training.step + 1) / max(self._recipe.steps, 1)
        return min(1.0, self._spent / max(60 * self._recipe.minutes - self._closing_s, 1e-3))

    def _is_finished(self) -> bool:
        if self._recipe.minutes is None:
            return self._training.step >= self._recipe.steps
        return self._next_progress() >= 1

    def run(self) -> None:
        """Fill the buffer, validate, train, validate again, and save."""
        self._fill_buffer()
        training, started = self._training, self._elapsed()
        if not training.before:
            training.before = self._validate("at the start")
            training.validation_s = self._elapsed() - started
        self._closing_s = _CLOSING_S + 1.5 * training.validation_s
        self._refresh_memory_bank()
        saved = logged = self._elapsed()
        while not self._is_finished() and self._elapsed() < self._pause - self._closing_s:
            self._buffer.add(self._renderer.receive())
            self._step()
            if training.step % self._recipe.refresh_every == 0:
                self._refresh_memory_bank()
            if self._elapsed() - logged >= _LOG_EVERY:
                _log(self._progress_log.line(self._elapsed() - logged))
                logged = self._elapsed()
            if self._elapsed() - saved >= _SAVE_EVERY:
                training.save(self._spent)
                saved = self._elapsed()
        if self._is_finished():
            training.progress = 1.0
        training.save(self._spent)
        after = self._validate("at the end")
        figures = {"before": training.before, "after": after, "steps": training.step}
        figures |= {"views": self._buffer.view_count, "seconds": round(self._spent)}
        report = json.dumps(figures, indent=2)
        (training.checkpoint.parent / "training.json").write_text(report)

    def _fill_buffer(self) -> None:
        """Wait for all packshots and queries, and for a view of most garments."""
        limit = _FILL_SHARE * 60 * (self._recipe.minutes or 1e9)
        logged = self._elapsed()
        while not self._buffer.is_ready(self._recipe.articles_per_step):
            self._buffer.add(self._renderer.receive(timeout=1.0))
            if self._buffer.is_complete and self._buffer.view_count and self._elapsed() > limit:
                return
            if self._elapsed() - logged >= _LOG_EVERY:
                _log(f"{self._elapsed():.0f} s: {self._buffer.view_count} views rendered")
                logged = self._elapsed()

    def _validate(self, when: str) -> dict[str, Any]:
        figures = validate(self._training.average, self._buffer, self._shops)
        _log(f"{self._elapsed():.0f} s, {when}: {json.dumps(figures)}")
        return figures

    def _refresh_memory_bank(self) -> None:
        """Embed all training packshots anew."""
        with self._autocast():
            packshots = self._buffer.packshots[: self._buffer.train_count]
            self._memory_bank, self._feature_maps = embed_images(self._training.network, packshots)

    def _autocast(self) -> torch.autocast:
        device = self._buffer.device.type
        return torch.autocast(device, torch.bfloat16, enabled=device == "cuda")

    def _step(self) -> None:
        recipe, network, buffer = self._recipe, self._training.network, self._buffer
        batch = buffer.draw(
            recipe.articles_per_step, recipe.views, recipe.snapshots, self._generator
        )
        views, count = len(batch.views), len(batch.rows)
        packshots = augment_packshots(tensor_of(batch.packshots))
        carried = augment_views(tensor_of(torch.cat([batch.views, batch.snapshots])))
        images = torch.cat([carried[:views], packshots, carried[views:]])
        with self._autocast():
            feature_maps = network.trunk(images.contiguous(memory_format=torch.channels_last))
            embeddings, logits = network.embed(feature_maps)
        queries, gallery = embeddings[:views], embeddings[views : views + count]
        contrastive = contrastive_loss(
            queries, gallery, self._memory_bank, batch.rows, recipe.temperature
        )
        category = self._category_loss(batch, logits)
        progress = self._next_progress()
        local = self._local_loss(batch, feature_maps, contrastive, progress)
        loss = contrastive.loss + recipe.category_weight * category
        # The weight of the local features rises over a twentieth of the training.
        rise = min(1.0, (progress - recipe.local_from) / 0.05)
        if progress >= recipe.local_from:
            loss = loss + recipe.local_weight * rise * local
        self._training.update(loss, progress)
        self._memory_bank[batch.rows] = gallery.detach()
        self._feature_maps[batch.rows] = feature_maps[views : views + count].detach().half()
        accuracies = contrastive.batch_accuracy, contrastive.bank_accuracy
        self._progress_log.add(len(images), contrastive.loss, category, local, *accuracies)

    def _category_loss(self, batch: TrainingBatch, logits: torch.Tensor) -> torch.Tensor:
        """Compute the classification loss of views and packshots, and of the snapshots."""
        labels = self._buffer.labels[batch.rows]
        targets = torch.cat([labels.repeat_interleave(self._recipe.views), labels])
        loss = nn.functional.cross_entropy(logits[: len(targets)], targets)
        return loss + partial_label_loss(logits[len(targets) :], batch.label_mask)

    def _local_loss(
        self,
        batch: TrainingBatch,
        feature_maps: torch.Tensor,
        contrastive: ContrastiveResult,
        progress: float,
    ) -> torch.Tensor:
        """Compute the late-interaction loss of each article's first view; 0 before its start."""
        if progress < self._recipe.local_from:
            return torch.zeros_like(contrastive.loss)
        head = self._training.network.local_head
        init_local_head(head, self._feature_maps)
        first = slice(0, len(batch.views), self._recipe.views)
        return late_interaction_loss(
            head,
            feature_maps[first],
            contrastive.similarities[first],
            batch.rows,
            self._feature_maps,
            self._training.scale.exp(),
        )
