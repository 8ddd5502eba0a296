"""The detector's network: YOLO11n, pretrained on COCO, with the project's classes.

Fine-tuning on composed scenes makes a detector forget the people of real footage. So the
network starts from COCO weights, its first layers are frozen, and the class `person` is
distilled from the COCO network throughout the training (`models.training.detector.trainer`).
"""

from __future__ import annotations

import copy
import importlib
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

import torch
from torch import nn

from models.errors import ModelError
from models.taxonomy import DETECTOR_CLASSES
from models.training.torch_runtime import keep_ultralytics_offline, read_pretrained

#: Frozen layers of YOLO11n, up to the first features of stride 8; student and teacher share them.
SHARED: Final = 5
#: COCO's number of a person.
PERSON: Final = 0
#: Initial score of garment classes.
_PRIOR: Final = 0.01

Raw = dict[str, torch.Tensor]


def load_coco(root: Path) -> Any:
    """Build YOLO11n with COCO's weights.

    Raises:
        ModelError: The weights are missing or belong to another network.
    """
    weights = root / "weights" / "yolo11n-coco.safetensors"
    keep_ultralytics_offline()
    tasks = importlib.import_module("ultralytics.nn.tasks")
    network = tasks.DetectionModel("yolo11n.yaml", nc=80, verbose=False)
    try:
        network.load_state_dict(read_pretrained(weights))
    except RuntimeError as error:
        raise ModelError(f"{weights}: not the weights of yolo11n.yaml.") from error
    return network.eval()


def keep_classes(network: Any, rows: Sequence[int | None]) -> Any:
    """Copy a YOLO network with other classes: a number copies that class, None is a new one."""
    ours = copy.deepcopy(network)
    head = ours.model[-1]
    for branch in head.cv3:
        old = branch[-1]
        new = nn.Conv2d(old.in_channels, len(rows), 1)
        nn.init.normal_(new.weight, std=0.01)
        nn.init.constant_(new.bias, float(torch.logit(torch.tensor(_PRIOR))))  # type: ignore[arg-type]
        with torch.no_grad():
            for n, row in enumerate(rows):
                if row is not None:
                    new.weight[n], new.bias[n] = old.weight[row], old.bias[row]  # type: ignore[index]
        branch[-1] = new
    head.nc, head.no = len(rows), len(rows) + 4 * head.reg_max
    return ours


def first_features(network: Any, images: torch.Tensor) -> list[torch.Tensor | None]:
    """Run the shared layers on float B×3×H×W RGB, 0…1, and return all their outputs."""
    return _run(network, images, [], 0, SHARED)


def build_detector(coco: Any) -> Any:
    """Copy the COCO network with the project's classes; only `person` is pretrained."""
    return keep_classes(coco, [PERSON, *[None] * (len(DETECTOR_CLASSES) - 1)])


def load_detector(root: Path, checkpoint: Path) -> Any:
    """Build the network and load the averaged weights of a training's `detector.pt`.

    Raises:
        ModelError: The checkpoint cannot be read or holds another network.
    """
    network = build_detector(load_coco(root))
    try:
        state = torch.load(checkpoint, weights_only=True, map_location="cpu")["average"]
        network.load_state_dict({key: value.float() for key, value in state.items()})
    except (OSError, KeyError, RuntimeError, pickle.UnpicklingError) as error:
        raise ModelError(f"{checkpoint}: no checkpoint of this detector ({error}).") from error
    return network.eval()


class Decoded(nn.Module):
    """The detector for export: boxes are decoded, without non-maximum suppression.

    Input: float B×3×H×W RGB, 0…1. Output: float B×(4+12)×A: middle, width and height in
    pixels, and the scores of `models.taxonomy.DETECTOR_CLASSES`.
    """

    def __init__(self, network: Any) -> None:
        """Wrap a trained network and fold its batch norm."""
        super().__init__()
        self.network = network.fuse(verbose=False).eval()
        head = self.network.model[-1]
        head.export, head.dynamic, head.format = True, True, "onnx"

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Detect."""
        answers = raw_answers(self.network, first_features(self.network, images))
        decoded: torch.Tensor = self.network.model[-1]._inference(answers)
        return decoded


def raw_answers(network: Any, features: list[torch.Tensor | None]) -> Raw:
    """Run the remaining layers of a YOLO network on its first features.

    Returns:
        `boxes`, B×64×A distributions of the sides, `scores`, B×C×A logits, and `feats`.
    """
    last = network.model[-1]
    seen = _run(network, features[-1], features, SHARED, last.i)
    inputs = [seen[n] for n in last.f]
    answers: Raw = last.forward_head(inputs, last.cv2, last.cv3)
    return answers


def _run(
    network: Any,
    images: torch.Tensor | None,
    before: list[torch.Tensor | None],
    start: int,
    end: int,
) -> list[torch.Tensor | None]:
    """Run layers `start` to `end` like Ultralytics' forward pass and return all outputs."""
    seen, value = list(before), cast("Any", images)  # a layer takes one or several inputs
    for layer in network.model[start:end]:
        if layer.f != -1:
            value = (
                seen[layer.f]
                if isinstance(layer.f, int)
                else [value if n == -1 else seen[n] for n in layer.f]
            )
        value = layer(value)
        seen.append(value)
    return seen
