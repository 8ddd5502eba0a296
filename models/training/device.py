"""Choose the device of a training and count the cores beside it."""

from __future__ import annotations

import os

import torch

from models.errors import ModelError


def find_device(name: str) -> torch.device:
    """Choose a device: `auto` is a CUDA GPU where there is one, else the CPU.

    Raises:
        ModelError: There is no such device.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ModelError(f"--device {name}: no such device; auto, cuda or cpu.") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ModelError(f"--device {name}: PyTorch finds no CUDA GPU here; take auto or cpu.")
    return device


def spare_cores() -> int:
    """Count the cores that rendering may use beside the training, at least 1."""
    return max(1, len(os.sched_getaffinity(0)) - 1)
