"""Bring up PyTorch and Ultralytics for training, on a CPU build and without a network.

Only training, export and a shop's own `.pt` weights come here; the running shop uses
OpenVINO. torchvision's wheels carry CUDA operators that a CPU build of torch cannot
load, so its few operators are declared here before anything imports it, and `nms`, the
only one a detector calls, is OpenCV's.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from models.errors import ModelError

if TYPE_CHECKING:
    import torch

_OPERATORS = {
    "nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "roi_align": "(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height,"
    " SymInt pooled_width, int sampling_ratio, bool aligned) -> Tensor",
    "roi_pool": "(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height,"
    " SymInt pooled_width) -> (Tensor, Tensor)",
    "ps_roi_align": "(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height,"
    " SymInt pooled_width, int sampling_ratio) -> (Tensor, Tensor)",
    "ps_roi_pool": "(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height,"
    " SymInt pooled_width) -> (Tensor, Tensor)",
    "deform_conv2d": "(Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias,"
    " SymInt stride_h, SymInt stride_w, SymInt pad_h, SymInt pad_w, SymInt dilation_h,"
    " SymInt dilation_w, SymInt groups, SymInt offset_groups, bool use_mask) -> Tensor",
}
_keep_alive: list[object] = []


def _supply_operators() -> None:
    import torch

    try:
        importlib.import_module("torchvision")
    except RuntimeError:
        pass
    else:
        return
    for name in [key for key in sys.modules if key.startswith("torchvision")]:
        del sys.modules[name]
    declare: Any = torch.library.Library  # untyped upstream
    library = declare("torchvision", "DEF")
    for name, schema in _OPERATORS.items():
        library.define(name + schema)
    implementation = declare("torchvision", "IMPL", "CPU")
    implementation.impl("nms", _nms)
    _keep_alive.extend([library, implementation])
    extension = importlib.import_module("torchvision.extension")
    extension._has_ops = lambda: True  # type: ignore[attr-defined]


def _nms(boxes: torch.Tensor, scores: torch.Tensor, threshold: float) -> torch.Tensor:
    import torch

    if not len(boxes):
        return torch.zeros(0, dtype=torch.int64)
    corners = boxes.detach().float().numpy()
    sizes = np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]])
    kept = cv2.dnn.NMSBoxes(sizes.tolist(), scores.detach().float().tolist(), 0.0, threshold)
    return torch.as_tensor(np.asarray(kept, np.int64).reshape(-1))


def import_torchvision() -> None:
    """Make torchvision importable beside a CPU build of torch; a second call does nothing."""
    if not _keep_alive:
        _supply_operators()
        _keep_alive.append(True)


def keep_ultralytics_offline() -> None:
    """Set what keeps Ultralytics, imported afterwards, from the network and from our home."""
    os.environ.setdefault("YOLO_OFFLINE", "1")
    os.environ.setdefault("YOLO_AUTOINSTALL", "0")
    os.environ.setdefault("YOLO_CONFIG_DIR", str(Path(tempfile.gettempdir()) / "fittingroom-yolo"))
    Path(os.environ["YOLO_CONFIG_DIR"]).mkdir(parents=True, exist_ok=True)


def import_ultralytics() -> Any:
    """Import Ultralytics offline: no host look-ups, no usage events, no installs at run time.

    Returns:
        The module `ultralytics`.
    """
    keep_ultralytics_offline()
    import_torchvision()
    first = "ultralytics" not in sys.modules
    # It logs to standard output, where our commands print JSON.
    with contextlib.redirect_stdout(sys.stderr):
        module = importlib.import_module("ultralytics")
    if first:
        module.settings.update({"sync": False})
        logging.getLogger("ultralytics").setLevel(logging.WARNING)
    return module


def use_threads(count: int) -> None:
    """Let PyTorch work on this many threads."""
    import torch

    torch.set_num_threads(count)


def read_pretrained(path: Path) -> dict[str, torch.Tensor]:
    """Read a pretrained `state_dict` as float32: `.safetensors`, or the `.pt` beside it.

    A packed training (`models.training.pack`) brings `.pt`, which PyTorch reads by itself.

    Raises:
        ModelError: There is neither.
    """
    import torch

    packed = path.with_suffix(".pt")
    if path.is_file():
        from safetensors.torch import load_file

        state = load_file(path)
    elif packed.is_file():
        state = torch.load(packed, weights_only=True)
    else:
        raise ModelError(f"{path}: no such weights; give the folder that holds weights/.")
    return {name: tensor.float() for name, tensor in state.items()}


def load_yolo(architecture: str, weights: Path | None) -> Any:
    """Build a YOLO model and load a safetensors `state_dict` into it.

    Args:
        architecture: An Ultralytics model file, `yolo11n.yaml` say.
        weights: The `state_dict`, any float precision; None leaves the weights random.

    Raises:
        ModelError: The weights are missing or belong to another architecture.
    """
    if weights is None:
        return import_ultralytics().YOLO(architecture)
    state = read_pretrained(weights)
    model = import_ultralytics().YOLO(architecture)
    try:
        model.model.load_state_dict(state)
    except RuntimeError as error:
        raise ModelError(f"{weights}: these weights do not fit {architecture}.") from error
    return model
