"""Train the parser; interrupted trainings resume from their last checkpoint."""

from __future__ import annotations

import copy
import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import nn

from common.files import new_file
from models.errors import ModelError
from models.parsers.protocol import CLASSES
from models.training.device import find_device
from models.training.parser.dataset import ParserDataset
from models.training.parser.labels import IGNORED
from models.training.parser.network import INPUT_SIZE, ParserNetwork, load_backbone

#: Seconds between two checkpoints, and between two lines of progress.
_SAVE_EVERY: Final = 60.0
_LOG_EVERY: Final = 30.0
#: Steps of the learning rate warm-up.
_WARM_UP: Final = 40

Clock = Callable[[], float]


@dataclass(frozen=True)
class ParserRecipe:
    """Hyperparameters of a training.

    Attributes:
        steps: Number of steps if `minutes` is not given.
        minutes: Time for the whole training; the schedule then follows the clock.
        batch: Examples per step.
        backbone_rate: Learning rate of the backbone.
        head_rate: Learning rate of the decoder and the heads.
        kind_weight: Weight of the loss of the picture's kind.
        average_window: Time constant of the weights' moving average, as a share of the training.
        threads: Processor threads of PyTorch; one more renders examples.
        seed: Source of all randomness but that of the clock.
    """

    steps: int = 4000
    minutes: float | None = None
    batch: int = 12
    backbone_rate: float = 4e-4
    head_rate: float = 2e-3
    kind_weight: float = 0.3
    average_window: float = 0.05
    threads: int = 1
    seed: int = 0


@dataclass
class _Batch:
    images: torch.Tensor
    labels: torch.Tensor
    targets: torch.Tensor


def train_parser(
    root: Path,
    run: Path,
    recipe: ParserRecipe,
    resume: bool = True,
    device: str = "cpu",
    clock: Clock = time.monotonic,
) -> Path:
    """Train and write `parser.pt` and `recipe.json` to the run folder.

    Args:
        root: Data folder (layout in `models.training.data`) with people, articles and weights.
        run: Folder for checkpoints; an interrupted training resumes from it.
        recipe: Hyperparameters.
        resume: Resume from the checkpoint in the run folder.
        device: As for `find_device`.
        clock: Returns seconds.

    Returns:
        The path of the checkpoint.

    Raises:
        ModelError: Data or weights are missing.
    """
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(recipe.threads)
    where = find_device(device)
    network = ParserNetwork()
    load_backbone(network, root / "weights" / "mobilenetv2-imagenet.safetensors")
    training = _Training(network.to(where).train(), recipe, run / "parser.pt")
    run.mkdir(parents=True, exist_ok=True)
    if resume and training.checkpoint.is_file():
        training.load()
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2))
    dataset = ParserDataset(root, INPUT_SIZE)
    training.run(_batches(dataset, recipe, training.step), clock)
    return training.checkpoint


def _batches(dataset: ParserDataset, recipe: ParserRecipe, first: int) -> Iterator[_Batch]:
    """Yield batches for ever; the next ones are rendered beside the step."""

    def render(step: int) -> _Batch:
        rng = np.random.default_rng([recipe.seed, step])
        examples = [dataset.draw(rng) for _ in range(recipe.batch)]
        images = np.stack([example.image for example in examples]).transpose(0, 3, 1, 2)
        labels = np.stack([example.labels[::2, ::2] for example in examples])
        return _Batch(
            torch.from_numpy(np.ascontiguousarray(images)),
            torch.from_numpy(np.ascontiguousarray(labels)),
            torch.tensor([example.kind for example in examples]),
        )

    with ThreadPoolExecutor(1) as pool:
        waiting = [pool.submit(render, first + n) for n in range(3)]
        for step in range(first + 3, sys.maxsize):
            yield waiting.pop(0).result()
            waiting.append(pool.submit(render, step))


def compute_loss(
    picture: torch.Tensor, pixels: torch.Tensor, batch: _Batch, kind_weight: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Compute the losses of pixels and kinds; each picture's classes count by their root.

    Garments that are small in a picture, or rare, would otherwise be background.

    Returns:
        The weighted sum, and the loss of the pixels alone.
    """
    labels = batch.labels.to(pixels.device).long()
    known = torch.where(labels == IGNORED, torch.full_like(labels, len(CLASSES)), labels)
    counts = torch.bincount(known.flatten(), minlength=len(CLASSES) + 1)[:-1].float()
    weights = torch.where(counts > 0, counts.clamp(min=1).rsqrt(), torch.zeros_like(counts))
    weights = weights * counts.sum().clamp(min=1) / (weights * counts).sum().clamp(min=1e-6)
    loss = nn.functional.cross_entropy(pixels, labels, weight=weights, ignore_index=IGNORED)
    kind = nn.functional.cross_entropy(
        picture, batch.targets.to(picture.device), label_smoothing=0.05
    )
    return loss + kind_weight * kind, loss


class _Training:
    """A network in training, with the moving average of its weights."""

    def __init__(self, network: ParserNetwork, recipe: ParserRecipe, checkpoint: Path) -> None:
        self.network, self.recipe, self.checkpoint = network, recipe, checkpoint
        self.average = copy.deepcopy(network).eval().requires_grad_(False)
        self.step, self.progress, self.spent = 0, 0.0, 0.0
        backbone = [p for p in network.features.parameters() if p.requires_grad]
        own = {id(p) for p in network.features.parameters()}
        heads = [p for p in network.parameters() if id(p) not in own]
        self._rates = (recipe.backbone_rate, recipe.head_rate)
        self.optimizer = torch.optim.AdamW(
            [{"params": backbone}, {"params": heads}], lr=recipe.head_rate, weight_decay=1e-3
        )

    def _next_progress(self, spent: float) -> float:
        if self.recipe.minutes is None:
            return (self.step + 1) / max(self.recipe.steps, 1)
        return min(1.0, spent / (60 * self.recipe.minutes))

    def run(self, batches: Iterator[_Batch], clock: Clock) -> None:
        """Train until the recipe is complete, and save."""
        started = saved = logged = clock()
        before, losses = self.spent, list[float]()
        while self.progress < 1:
            progress = self._next_progress(before + clock() - started)
            losses.append(self._learn(next(batches), progress))
            self.spent = before + clock() - started
            if clock() - logged >= _LOG_EVERY or self.progress >= 1:
                _log(f"step {self.step}, {self.progress:.0%}: loss {np.mean(losses):.3f}")
                logged, losses = clock(), []
            if clock() - saved >= _SAVE_EVERY:
                self.save()
                saved = clock()
        self.save()

    def _learn(self, batch: _Batch, progress: float) -> float:
        factor = min(1.0, (self.step + 1) / _WARM_UP)
        factor *= 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
        for group, rate in zip(self.optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * factor
        device = next(self.network.parameters()).device
        images = batch.images.to(device).float().contiguous(memory_format=torch.channels_last)
        picture, pixels = self.network(images)
        loss, shown = compute_loss(picture, pixels, batch, self.recipe.kind_weight)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        if bool(torch.isfinite(norm)):
            self.optimizer.step()
        advance, self.progress = max(progress - self.progress, 1e-6), progress
        self.step += 1
        window = max(self.recipe.average_window * min(1.0, 4 * progress), 1e-6)
        self._average(1 - math.exp(-advance / window))
        return float(shown.detach())

    @torch.no_grad()
    def _average(self, weight: float) -> None:
        average = list[torch.Tensor](self.average.parameters())
        torch._foreach_lerp_(average, list[torch.Tensor](self.network.parameters()), weight)

    def save(self) -> None:
        """Write the checkpoint atomically."""
        state = {
            "average": self.average.state_dict(),
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "progress": self.progress,
            "spent": self.spent,
        }
        with new_file(self.checkpoint) as fresh:
            torch.save(state, fresh)

    def load(self) -> None:
        """Resume from the checkpoint.

        Raises:
            ModelError: It belongs to another training.
        """
        state = torch.load(self.checkpoint, map_location="cpu", weights_only=True)
        try:
            self.average.load_state_dict(state["average"])
            self.network.load_state_dict(state["network"])
            self.optimizer.load_state_dict(state["optimizer"])
        except (KeyError, RuntimeError, ValueError) as error:
            raise ModelError(f"{self.checkpoint}: of another training; add --fresh.") from error
        self.step, self.spent = state["step"], state["spent"]
        done = self.step / max(self.recipe.steps, 1)
        self.progress = done if self.recipe.minutes is None else self._next_progress(self.spent)


def _log(line: str) -> None:
    print(f"parser: {line}", file=sys.stderr, flush=True)
