"""The detector in training: the network, its moving average, and its optimizer."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

import torch

from models.training.detector.network import SHARED

_DECAY: Final = 0.9995


class Student:
    """The network in training, its average, and its optimizer."""

    def __init__(self, network: Any, device: torch.device, rate: float) -> None:
        """Freeze the layers that are shared with the teacher, and copy the network to average.

        Args:
            network: The detector.
            device: Where it is trained.
            rate: Initial learning rate.
        """
        self.network = network.to(device, memory_format=torch.channels_last).train()
        for layer in self.network.model[:SHARED]:
            layer.requires_grad_(False).eval()
        self.average = copy.deepcopy(self.network).eval()
        decayed = [p for p in self.network.parameters() if p.requires_grad and p.ndim > 1]
        plain = [p for p in self.network.parameters() if p.requires_grad and p.ndim <= 1]
        self._parameters = [*decayed, *plain]
        self.optimizer = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": 5e-4}, {"params": plain, "weight_decay": 0.0}],
            lr=rate,
        )
        self.steps = 0

    def step(self, loss: torch.Tensor, rate: float) -> None:
        """Take a step; the average follows."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._parameters, 10.0)
        self.optimizer.step()
        self.steps += 1
        self._follow(min(_DECAY, self.steps / (self.steps + 100)))

    @torch.no_grad()
    def _follow(self, decay: float) -> None:
        ours, theirs = self.network.state_dict(), self.average.state_dict()
        floats = [name for name, value in ours.items() if value.is_floating_point()]
        torch._foreach_lerp_(
            [theirs[name] for name in floats], [ours[name] for name in floats], 1 - decay
        )

    def state(self) -> dict[str, Any]:
        """Return the state for a checkpoint."""
        return {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "steps": self.steps,
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Restore the state of a checkpoint."""
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.steps = state["steps"]
