"""Export a detector's checkpoint: ONNX, thresholds, manifest."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable
from pathlib import Path

import onnx
import onnxslim
import torch
from torch import nn

from common.progress import progress
from models.detectors.yolo import YoloDetector
from models.manifest import DetectorEntry
from models.taxonomy import DETECTOR_CLASSES
from models.training.detector import evaluation as detection
from models.training.detector.network import Decoded, load_detector
from models.training.scenes.stage import Scene
from models.training.weights import digest, halve, write_entries

#: Long side of the exported detector's input in pixels.
LONG_SIDE = 512
_PERSON_THRESHOLD = 0.4
_GARMENT_PRECISION = 0.9


def export_detector(checkpoint: Path, root: Path, run: Path, scenes: Iterable[Scene]) -> Path:
    """Export a detector's checkpoint, fit its thresholds, write its metrics.

    Args:
        checkpoint: The training's `detector.pt`.
        root: Data folder with the COCO weights.
        run: Output folder.
        scenes: Validation scenes, which the thresholds are fitted on.

    Returns:
        The weights file.

    Raises:
        ModelError: The checkpoint cannot be read, or is of another network.
    """
    path = run / "detector.onnx"
    export_network(Decoded(load_detector(root, checkpoint)), path)
    entry = DetectorEntry(
        file=path.name,
        sha256=digest(path),
        classes=DETECTOR_CLASSES,
        long_side=LONG_SIDE,
        thresholds=dict.fromkeys(DETECTOR_CLASSES, 0.05),
    )
    write_entries(run, detector=entry)
    found = detection.run_on_scenes(
        YoloDetector(run), progress(scenes, desc="validation", unit="scene")
    )
    floor = detection.fit_threshold(found, _GARMENT_PRECISION)
    fitted = {name: _PERSON_THRESHOLD if name == "person" else floor for name in DETECTOR_CLASSES}
    entry = entry.model_copy(update={"thresholds": fitted})
    write_entries(run, detector=entry)
    report = detection.figures(found, floor)
    (run / "figures.json").write_text(json.dumps(report, indent=2))
    return path


def export_network(network: nn.Module, path: Path) -> None:
    """Write a decoded detector as ONNX, for pictures of any size that is a multiple of 32.

    Args:
        network: Takes and returns what `Decoded` does, with any number of classes.
        path: Where to write it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.zeros(1, 3, 288, LONG_SIDE),),
            str(path),
            dynamo=False,
            input_names=["images"],
            output_names=["output0"],
            opset_version=17,
            dynamic_axes={
                "images": {0: "batch", 2: "height", 3: "width"},
                "output0": {0: "batch", 2: "places"},
            },
        )
    onnx.save(halve(onnxslim.slim(onnx.load(path))), path)
