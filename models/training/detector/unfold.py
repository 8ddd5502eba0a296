"""Unfold the batch norm of a pretrained detector, so that it can be trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from common.image import Image


def unfold_batch_norm(network: Any, images: list[Image]) -> None:
    """Restore the statistics of batch norm layers that were folded into their convolutions.

    Folded layers pass everything on unchanged, but only while they use their stored
    statistics; in training they would normalise by the batch and wreck the pretrained
    features. With the statistics of real pictures and an affine part that undoes them,
    the network computes the same in both modes.

    Args:
        network: The network, on the CPU, changed in place.
        images: uint8 H×W×3 BGR pictures of one size to take the statistics from.
    """
    sums: dict[str, list[Any]] = {}

    def watch(name: str) -> Callable[..., None]:
        def hook(_module: Any, inputs: Any) -> None:
            flat = inputs[0].detach().double().transpose(0, 1).flatten(1)
            sums.setdefault(name, []).append((flat.mean(1), (flat**2).mean(1)))

        return hook

    layers: dict[str, Any] = {
        name: module
        for name, module in network.named_modules()
        if isinstance(module, torch.nn.BatchNorm2d)
    }
    hooks = [module.register_forward_pre_hook(watch(name)) for name, module in layers.items()]
    network.eval()
    with torch.no_grad():
        for start in range(0, len(images), 8):
            batch = np.stack(images[start : start + 8])[..., ::-1].transpose(0, 3, 1, 2)
            network(torch.from_numpy(np.ascontiguousarray(batch)).float() / 255)
    for hook in hooks:
        hook.remove()
    with torch.no_grad():
        for name, layer in layers.items():
            mean = torch.stack([m for m, _ in sums[name]]).mean(0)
            variance = torch.stack([s for _, s in sums[name]]).mean(0) - mean**2
            slope = layer.weight.double() / (layer.running_var.double() + layer.eps).sqrt()
            offset = layer.bias.double() - layer.running_mean.double() * slope
            layer.running_mean.copy_(mean)
            layer.running_var.copy_(variance)
            layer.weight.copy_(slope * (variance + layer.eps).sqrt())
            layer.bias.copy_(offset + slope * mean)
