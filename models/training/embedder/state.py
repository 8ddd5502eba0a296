"""The state of an embedder's training: weights, their average, optimizer; to disk and back."""

from __future__ import annotations

import contextlib
import copy
import math
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

from models.errors import ModelError
from models.training.embedder.bank import Bank
from models.training.embedder.network import EmbedderNetwork
from models.training.embedder.recipe import EmbedderRecipe

#: Steps until the learning rates are what they should be.
_WARM: Final = 60
#: What similarities are multiplied by in the loss of cells, at first.
_SCALE: Final = 12.0


def rate(step: int, progress: float) -> float:
    """Compute the factor of the learning rates: a short rise, then half a cosine.

    Args:
        step: Steps taken.
        progress: Share of the training that is done, 0…1.
    """
    cosine = 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
    return min(1.0, (step + 1) / _WARM) * (0.02 + 0.98 * cosine)


class Training:
    """A network in training, with the moving average of its weights.

    Attributes:
        network: As the last step left it.
        average: The moving average, which is exported.
        scale: Logarithm of what the cells' loss multiplies similarities by.
        step: Steps taken.
        progress: Share of the training that is done, 0…1.
        spent: Seconds that earlier runs of this training took.
        before: Figures of the weights that it started from; none until measured.
        measuring: Seconds that this took.
    """

    def __init__(self, network: EmbedderNetwork, recipe: EmbedderRecipe, checkpoint: Path) -> None:
        """Start from a network on its device."""
        self.network, self.average = network, copy.deepcopy(network).eval()
        self.average.requires_grad_(False)
        self.checkpoint, self._memory = checkpoint, recipe.memory
        self.step, self.progress, self.spent = 0, 0.0, 0.0
        self.before: dict[str, Any] = {}
        self.measuring = 0.0
        self._minutes, self._done_minutes = recipe.minutes or 0.0, 0.0
        device = network.power.device
        self.scale = nn.Parameter(torch.tensor(math.log(_SCALE), device=device))
        named = dict(network.named_parameters())
        backbone = [p for n, p in named.items() if n.startswith("features.") and p.requires_grad]
        heads = [p for n, p in named.items() if not n.startswith("features.")]
        groups = [
            {"params": backbone, "lr": recipe.backbone_rate},
            {"params": [*heads, self.scale], "lr": recipe.head_rate},
        ]
        self.optimizer = torch.optim.AdamW(groups, weight_decay=1e-4)
        self._rates = [group["lr"] for group in self.optimizer.param_groups]

    def update(self, loss: torch.Tensor, progress: float) -> None:
        """Take a step; one whose gradient is no number is left out.

        Args:
            loss: What to make smaller.
            progress: Share of the training that is done after this step, 0…1.
        """
        factor = rate(self.step, progress)
        for group, full in zip(self.optimizer.param_groups, self._rates, strict=True):
            group["lr"] = full * factor
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        if bool(torch.isfinite(norm)):
            self.optimizer.step()
        self.step += 1
        gone, self.progress = progress - self.progress, progress
        self._remember(1 - math.exp(-max(gone, 1e-6) / self._memory))

    @torch.no_grad()
    def _remember(self, share: float) -> None:
        ours = list[torch.Tensor](self.average.parameters())
        fresh = list[torch.Tensor](self.network.parameters())
        torch._foreach_lerp_(ours, fresh, share)

    def save(self, spent: float) -> None:
        """Write the checkpoint, whole or not at all.

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
            "measuring": self.measuring,
        }
        fresh = self.checkpoint.with_suffix(".new")
        torch.save(state, fresh)
        fresh.replace(self.checkpoint)

    def load(self) -> None:
        """Go on from the checkpoint.

        Raises:
            ModelError: It is of another version of this training.
        """
        device = self.network.power.device
        state = torch.load(self.checkpoint, map_location=device, weights_only=True)
        if missing := {"network", "raw", "scale", "spent", "minutes"} - set(state):
            raise ModelError(
                f"{self.checkpoint}: another version's checkpoint (no {sorted(missing)[0]!r}); "
                "train afresh in another folder with --start and this file."
            )
        self.average.load_state_dict(state["network"])
        self.network.load_state_dict(state["raw"])
        with contextlib.suppress(ValueError):  # another device freezes other blocks: anew
            self.optimizer.load_state_dict(state["optimizer"])
        with torch.no_grad():
            self.scale.copy_(state["scale"])
        self.step, self.progress = state["step"], state["progress"]
        self.spent, self.before = state["spent"], state["before"]
        self._done_minutes, self.measuring = state["minutes"], state["measuring"]

    def finished(self, recipe: EmbedderRecipe) -> bool:
        """Tell whether nothing of a recipe is left to do."""
        if recipe.minutes is None:
            return self.step >= recipe.steps
        return self.progress >= 1 and self._done_minutes >= recipe.minutes


class Report:
    """Collects what a line about the training says."""

    def __init__(self, training: Training, bank: Bank) -> None:
        """Report on a training and what it has been shown."""
        self._training, self._bank = training, bank
        self._sums, self._steps, self._pictures = torch.zeros(5, device=bank.device), 0, 0

    def add(self, pictures: int, *values: torch.Tensor) -> None:
        """Add a step: its pictures, and near, kinds, cells, in the batch, of all."""
        self._sums += torch.stack([value.detach().float() for value in values])
        self._steps += 1
        self._pictures += pictures

    def line(self, seconds: float) -> str:
        """Describe the steps since the last line."""
        near, kinds, cells, batch, everything = (self._sums / max(self._steps, 1)).tolist()
        speed = self._pictures / max(seconds, 1e-6)
        self._sums.zero_()
        self._steps = self._pictures = 0
        return (
            f"step {self._training.step}, {self._training.progress:.0%}: {speed:.0f} pictures/s, "
            f"{self._bank.rendered} views rendered; loss {near:.3f}, kinds {kinds:.3f}, "
            f"cells {cells:.3f}; right in the batch {batch:.3f}, of all {everything:.3f}"
        )
