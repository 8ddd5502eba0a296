"""Take over a detector that was trained elsewhere: Ultralytics' weights, or their ONNX export."""

from __future__ import annotations

import ast
import importlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import onnx
import torch
from torch import nn

from models.detectors.yolo import YoloDetector
from models.errors import ModelError
from models.manifest import DetectorEntry, DetectorManifest, save_manifest
from models.taxonomy import DETECTOR_CLASSES
from models.training.detector.export import export_network
from models.training.torch_runtime import keep_ultralytics_offline
from models.training.weights import digest

_FILE: Final = "detector.onnx"


class _Boxes(nn.Module):
    """An Ultralytics network without what it returns beside boxes and scores."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network.float().fuse(verbose=False).eval()
        head = network.model[-1]
        head.export, head.dynamic, head.format = True, True, "onnx"
        # The newest networks choose the best boxes themselves; we need them all.
        head.end2end = False

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        found = self.network(images)
        boxes: torch.Tensor = found[0] if isinstance(found, (tuple, list)) else found
        return boxes


def adopt_detector(
    weights: Path, folder: Path, named: Mapping[str, str], long_side: int, threshold: float
) -> DetectorEntry:
    """Write a folder of weights with a manifest from somebody's detector.

    Classes whose names are ours keep them; others need `named`, or are ignored.

    Args:
        weights: Ultralytics' `.pt`, or an ONNX file as Ultralytics exports it (boxes and
            scores, without non-maximum suppression, of dynamic size).
        folder: The folder to write, whole or not at all; one that is there is replaced.
        named: Our class for each of the network's; several of it may be one of ours.
        long_side: Long side of the pictures in pixels, a multiple of 32.
        threshold: Detections with a lower score are discarded, 0…1.

    Returns:
        The manifest's entry.

    Raises:
        ModelError: The file is no such network, or its classes do not fit.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as made:
        fresh = Path(made) / folder.name
        fresh.mkdir()
        names = _write_onnx(weights, fresh / _FILE)
        classes, outputs = map_classes(names, named, str(weights))
        entry = DetectorEntry(
            file=_FILE,
            sha256=digest(fresh / _FILE),
            classes=classes,
            long_side=long_side,
            thresholds=dict.fromkeys(classes, threshold),
            outputs=outputs,
        )
        save_manifest(DetectorManifest(detector=entry), fresh)
        YoloDetector(fresh)  # refuses what cannot run
        if folder.exists():
            folder.rename(Path(made) / "before")
        os.replace(fresh, folder)
    return entry


def map_classes(
    names: Mapping[int, str], named: Mapping[str, str], what: str
) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """Map a network's classes to ours.

    Args:
        names: The network's class names.
        named: Our class for some of them.
        what: The network, for messages.

    Returns:
        Our classes that it knows, in our order, and the network's classes for each.

    Raises:
        ModelError: A name is unknown, or there is no person or no garment among them.
    """
    if unknown := sorted(set(named) - set(names.values())):
        known = ", ".join(names.values())
        raise ModelError(f"{what}: has no class {unknown[0]!r}; it has: {known}.")
    if wrong := sorted(set(named.values()) - set(DETECTOR_CLASSES)):
        raise ModelError(f"{wrong[0]!r} is no class; classes are: {', '.join(DETECTOR_CLASSES)}.")
    ours = {number: named.get(name, name) for number, name in names.items()}
    rows = {
        each: tuple(number for number, name in ours.items() if name == each)
        for each in DETECTOR_CLASSES
    }
    found = {each: numbers for each, numbers in rows.items() if numbers}
    if "person" not in found or len(found) == 1:
        raise ModelError(
            f"{what}: people and at least one category of garments are needed; it has: "
            f"{', '.join(names.values())}. Name its classes: --class tshirt=top."
        )
    return tuple(found), tuple(found.values())


def _write_onnx(weights: Path, path: Path) -> dict[int, str]:
    """Write a network as ONNX; return its class names."""
    try:
        if weights.suffix == ".pt":
            return _export(weights, path)
        if weights.suffix == ".onnx":
            shutil.copyfile(weights, path)
            return _names_of(path)
    except OSError as error:
        raise ModelError(f"{weights}: cannot be read ({error.strerror}).") from error
    raise ModelError(f"{weights}: neither a .pt file of Ultralytics nor an .onnx file.")


def _export(weights: Path, path: Path) -> dict[int, str]:
    if not weights.is_file():
        raise FileNotFoundError(2, os.strerror(2))
    keep_ultralytics_offline()
    load = importlib.import_module("ultralytics.nn.tasks").load_checkpoint
    try:
        network, _ = load(str(weights))
        names = dict(network.names)
        export_network(_Boxes(network), path)
    except Exception as error:  # whatever a foreign pickle does when it is loaded
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"{weights}: not weights of a YOLO detector ({reason}).") from error
    return names


def _names_of(path: Path) -> dict[int, str]:
    """Read the class names that Ultralytics writes into an ONNX file."""
    try:
        properties = {each.key: each.value for each in onnx.load(path).metadata_props}
        names = ast.literal_eval(properties["names"])
        return {int(number): str(name) for number, name in names.items()}
    except Exception as error:
        raise ModelError(
            f"{path.name}: is no ONNX file with class names, as Ultralytics exports it."
        ) from error
