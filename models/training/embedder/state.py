"""The state of an embedder training: weights, their average, optimizer; save and load."""

from __future__ import annotations

import contextlib
import copy
import math
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

from common.files import new_file
from models.errors import ModelError
from models.training.embedder.network import EmbedderNetwork
from models.training.embedder.recipe import EmbedderRecipe
from models.training.embedder.view_buffer import ViewBuffer

#: Steps of the learning rate warm-up.
_WARM_UP: Final = 60
#: Initial scale of the scores in the late-interaction loss.
_SCALE: Final = 12.0


def learning_rate_factor(step: int, progress: float) -> float:
    """Compute the factor on the learning rates: linear warm-up, then cosine decay.

    Args:
        step: Steps taken.
        progress: Share of the training that is done, 0…1.
    """
    cosine = 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
    return min(1.0, (step + 1) / _WARM_UP) * (0.02 + 0.98 * cosine)


class TrainingState:
    """A network in training, with the moving average of its weights.

    Attributes:
        network: The network after the last step.
        average: The exponential moving average of its weights, which is exported.
        scale: Logarithm of the scale in the late-interaction loss.
        step: Steps taken.
        progress: Share of the training that is done, 0…1.
        spent: Seconds that earlier runs of this training took.
        before: Validation figures of the initial weights; empty until computed.
        validation_s: Seconds that this validation took.
    """

    def __init__(self, network: EmbedderNetwork, recipe: EmbedderRecipe, checkpoint: Path) -> None:
        """Start with a network on its device."""
        self.network, self.average = network, copy.deepcopy(network).eval()
        self.average.requires_grad_(False)
        self.checkpoint, self._average_window = checkpoint, recipe.average_window
        self.step, self.progress, self.spent = 0, 0.0, 0.0
        self.before: dict[str, Any] = {}
        self.validation_s = 0.0
        self._minutes, self._done_minutes = recipe.minutes or 0.0, 0.0
        device = network.power.device
        self.scale = nn.Parameter(torch.tensor(math.log(_SCALE), device=device))
        parameters = dict(network.named_parameters())
        backbone = [
            p for n, p in parameters.items() if n.startswith("features.") and p.requires_grad
        ]
        heads = [p for n, p in parameters.items() if not n.startswith("features.")]
        groups = [
            {"params": backbone, "lr": recipe.backbone_rate},
            {"params": [*heads, self.scale], "lr": recipe.head_rate},
        ]
        self.optimizer = torch.optim.AdamW(groups, weight_decay=1e-4)
        self._rates = [group["lr"] for group in self.optimizer.param_groups]

    def update(self, loss: torch.Tensor, progress: float) -> None:
        """Take an optimizer step; skip it if the gradient is not finite.

        Args:
            loss: Scalar.
            progress: Share of the training that is done after this step, 0…1.
        """
        factor = learning_rate_factor(self.step, progress)
        for group, base_rate in zip(self.optimizer.param_groups, self._rates, strict=True):
            group["lr"] = base_rate * factor
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        if bool(torch.isfinite(norm)):
            self.optimizer.step()
        self.step += 1
        advance, self.progress = progress - self.progress, progress
        self._update_average(1 - math.exp(-max(advance, 1e-6) / self._average_window))

    @torch.no_grad()
    def _update_average(self, weight: float) -> None:
        average = list[torch.Tensor](self.average.parameters())
        current = list[torch.Tensor](self.network.parameters())
        torch._foreach_lerp_(average, current, weight)

    def save(self, spent: float) -> None:
        """Write the checkpoint atomically.

        Args:
            spent: Seconds that the training has taken, earlier runs included.
        """
        state = {
            "network": self.average.state_dict(),
            "raw": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scale": self.scale.detach(),
            "step": self.step,
            "progress": self.progress,
            "spent": spent,
            "minutes": self._minutes,
            "before": self.before,
            "validation_s": self.validation_s,
        }
        with new_file(self.checkpoint) as fresh:
            torch.save(state, fresh)

    def load(self) -> None:
        """Resume from the checkpoint.

        Raises:
            ModelError: It was written by another version of this training.
        """
        device = self.network.power.device
        state = torch.load(self.checkpoint, map_location=device, weights_only=True)
        if missing := {"network", "raw", "scale", "spent", "minutes", "validation_s"} - set(state):
            raise ModelError(
                f"{self.checkpoint}: checkpoint of another version (no {sorted(missing)[0]!r}). "
                "Start a new training in another folder with --start and this file."
            )
        self.average.load_state_dict(state["network"])
        self.network.load_state_dict(state["raw"])
        with contextlib.suppress(ValueError):  # another device freezes other blocks: start anew
            self.optimizer.load_state_dict(state["optimizer"])
        with torch.no_grad():
            self.scale.copy_(state["scale"])
        self.step, self.progress = state["step"], state["progress"]
        self.spent, self.before = state["spent"], state["before"]
        self._done_minutes, self.validation_s = state["minutes"], state["validation_s"]

    def is_finished(self, recipe: EmbedderRecipe) -> bool:
        """Return whether the training that the recipe describes is complete."""
        if recipe.minutes is None:
            return self.step >= recipe.steps
        return self.progress >= 1 and self._done_minutes >= recipe.minutes


class ProgressLog:
    """Averages losses and accuracies for the progress lines."""

    def __init__(self, training: TrainingState, buffer: ViewBuffer) -> None:
        """Log the progress of a training."""
        self._training, self._buffer = training, buffer
        self._sums, self._steps, self._pictures = torch.zeros(5, device=buffer.device), 0, 0

    def add(self, pictures: int, *values: torch.Tensor) -> None:
        """Add a step: its pictures, three losses, and accuracy in batch and memory bank."""
        self._sums += torch.stack([value.detach().float() for value in values])
        self._steps += 1
        self._pictures += pictures

    def line(self, seconds: float) -> str:
        """Return a line about the steps since the last one."""
        means = (self._sums / max(self._steps, 1)).tolist()
        contrastive, category, local, batch_accuracy, bank_accuracy = means
        speed = self._pictures / max(seconds, 1e-6)
        self._sums.zero_()
        self._steps = self._pictures = 0
        return (
            f"step {self._training.step}, {self._training.progress:.0%}: {speed:.0f} pictures/s, "
            f"{self._buffer.view_count} views rendered; losses: contrastive {contrastive:.3f}, "
            f"category {category:.3f}, local {local:.3f}; accuracy: batch {batch_accuracy:.3f}, "
            f"memory bank {bank_accuracy:.3f}"
        )
