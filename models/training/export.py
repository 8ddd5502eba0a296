"""From a checkpoint to the weights a shop runs: ONNX, thresholds, manifest."""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxslim
import torch
from onnx import TensorProto, helper, numpy_helper

from common.progress import progress
from models.data import load_articles
from models.errors import ModelError
from models.evaluation import detection
from models.evaluation.certainty import fit_certainty
from models.evaluation.queries import embed_gallery, film_tracks
from models.evaluation.report import MATCH_PRECISION, report_retrieval
from models.manifest import (
    WEIGHTS,
    Certainty,
    DetectorEntry,
    EmbedderEntry,
    Manifest,
    StylistEntry,
    WeightsFile,
    load_manifest,
    save_manifest,
)
from models.runtime import Detector, Embedder
from models.scenes.stage import Scene
from models.stylist.wardrobe import WIDTH
from models.taxonomy import DETECTOR_CLASSES, KINDS
from models.training.network import CELL_STRIDE, CELL_WIDTH, EmbedderNetwork, load_exported
from models.training.stylist_network import StylistNetwork
from models.training.views import INPUT_SIZE
from models.training.yolo import Decoded, load_detector

#: Long side of what the running detector sees.
LONG_SIDE = 512
_PERSON_THRESHOLD = 0.4
_GARMENT_PRECISION = 0.9


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store large float32 weights as float16; the runtime casts them back once, at loading.

    The exporter's notes on the shapes in between go: whoever runs it works them out, and they
    are a sixth of a detector's file.
    """
    graph = model.graph
    del graph.value_info[:]
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < 1024:
            continue
        half = numpy_helper.from_array(values.astype(np.float16), f"{tensor.name}.half")
        cast = helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT)
        graph.initializer.remove(tensor)
        graph.initializer.append(half)
        graph.node.insert(0, cast)
    return model


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _manifest(folder: Path) -> Manifest | None:
    source = folder if (folder / "manifest.json").is_file() else WEIGHTS
    return load_manifest(source) if (source / "manifest.json").is_file() else None


def _unfitted_embedder(sha256: str) -> EmbedderEntry:
    height, width = (side // CELL_STRIDE for side in INPUT_SIZE)
    return EmbedderEntry(
        file="embedder.onnx",
        sha256=sha256,
        input=INPUT_SIZE,
        dimensions=256,
        cells=(height * width, CELL_WIDTH),
        categories=KINDS,
        certainty=Certainty(weights=(0, 0, 0, 0), intercept=0, categories={}, floor=1),
    )


def _write(folder: Path, **entries: Any) -> None:
    """Write a manifest; the entries not given are taken over from the one before."""
    known = _manifest(folder)
    blank = "0" * 64
    unknown: dict[str, Any] = {
        "detector": DetectorEntry(
            file="detector.onnx",
            sha256=blank,
            classes=DETECTOR_CLASSES,
            long_side=LONG_SIDE,
            thresholds=dict.fromkeys(DETECTOR_CLASSES, 0.4),
        ),
        "embedder": _unfitted_embedder(blank),
    }
    save_manifest(Manifest(**(dict(known) if known else unknown) | entries), folder)


def _install(run: Path, name: str) -> Path:
    shutil.copy2(run / name, WEIGHTS / name)
    return WEIGHTS


def export_detector(
    checkpoint: Path, root: Path, run: Path, scenes: Iterable[Scene], install: bool
) -> Path:
    """Export a detector's checkpoint, fit its thresholds, write its figures.

    Args:
        checkpoint: The training's `detector.pt`.
        root: Data folder; the network is built from COCO's weights in it.
        run: The training's folder, where to write.
        scenes: Validation scenes; they fit the thresholds.
        install: Put weights and manifest into `models/weights/`.

    Returns:
        The weights file.

    Raises:
        ModelError: The checkpoint cannot be read, or is of another network.
    """
    path = run / "detector.onnx"
    _export_decoded(Decoded(load_detector(root, checkpoint)), path)
    entry = DetectorEntry(
        file=path.name,
        sha256=_digest(path),
        classes=DETECTOR_CLASSES,
        long_side=LONG_SIDE,
        thresholds=dict.fromkeys(DETECTOR_CLASSES, 0.05),
    )
    _write(run, detector=entry)
    found = detection.look_at_scenes(
        Detector(run), progress(scenes, desc="validation", unit="scene")
    )
    floor = detection.fit_floor(found, _GARMENT_PRECISION)
    fitted = {name: _PERSON_THRESHOLD if name == "person" else floor for name in DETECTOR_CLASSES}
    entry = entry.model_copy(update={"thresholds": fitted})
    _write(run, detector=entry)
    report = detection.figures(found, floor)
    (run / "figures.json").write_text(json.dumps(report, indent=2))
    if install:
        _write(_install(run, path.name), detector=entry)
    return path


def _export_decoded(network: Decoded, path: Path) -> None:
    """Write a detector that takes pictures of any size, a multiple of 32, as ONNX."""
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


def export_embedder(checkpoint: Path, root: Path, run: Path, install: bool) -> Path:
    """Export an embedder's checkpoint, fit the match thresholds, write its figures.

    Args:
        checkpoint: The training's `embedder.pt`.
        root: Data folder; its held-out styles fit the thresholds.
        run: Where to write.
        install: Put weights and manifest into `models/weights/`. The installed stylist knows
            the vectors of the embedder before; train it again.

    Returns:
        The weights file.
    """
    network = EmbedderNetwork()
    load_exported(network, checkpoint)
    run.mkdir(parents=True, exist_ok=True)
    path = run / "embedder.onnx"
    example = (torch.zeros(2, 3, *INPUT_SIZE),)
    _export(network.eval(), example, path, ["images"], ["vectors", "kinds", "cells"])
    entry = _unfitted_embedder(_digest(path))
    _write(run, embedder=entry)
    figures, fitted = _evaluate_embedder(Embedder(run), root, run)
    entry = entry.model_copy(update={"certainty": fitted})
    _write(run, embedder=entry)
    (run / "figures.json").write_text(json.dumps(figures, indent=2))
    if install:
        _write(_install(run, path.name), embedder=entry)
    return path


def _evaluate_embedder(
    embedder: Embedder, root: Path, run: Path
) -> tuple[dict[str, Any], Certainty]:
    """Ask for unseen styles against everything, and fit when an answer is certain."""
    everything = load_articles(root)
    gallery = embed_gallery(embedder, everything, run / "gallery.npz")
    tracks = film_tracks(embedder, root, everything)
    report, shops = report_retrieval(tracks, gallery, everything)
    return report, fit_certainty(list(shops.values()), MATCH_PRECISION)


def export_stylist(network: StylistNetwork, run: Path, embedder: str, floor: float) -> Path:
    """Export a stylist as two ONNX files with a manifest beside them.

    Args:
        network: Trained.
        run: Where to write.
        embedder: Short name of the embedder whose vectors it knows.
        floor: As in the manifest.

    Returns:
        The run folder, which `models.stylist.Stylist` opens.
    """
    dimensions = network.query.out.out_features
    items, query = run / "stylist-items.onnx", run / "stylist-query.onnx"
    _export(network.items, (torch.zeros(2, WIDTH),), items, ["rows"], ["tokens", "answers"])
    asked = (
        torch.zeros(2, 3, dimensions),
        torch.zeros(2, 3, dtype=torch.bool),
        torch.zeros(2, dtype=torch.long),
    )
    _export(network.query, asked, query, ["tokens", "absent", "want"], ["queries"])
    entry = StylistEntry(
        items=WeightsFile(file=items.name, sha256=_digest(items)),
        query=WeightsFile(file=query.name, sha256=_digest(query)),
        dimensions=dimensions,
        embedder=embedder,
        floor=floor,
    )
    _write(run, stylist=entry)
    return run


def install_stylist(run: Path) -> None:
    """Put an exported stylist into `models/weights/`."""
    entry = load_manifest(run).stylist
    if entry is None:
        raise ModelError(f"{run}: holds no stylist.")
    for part in (entry.items, entry.query):
        _install(run, part.file)
    _write(WEIGHTS, stylist=entry)


def _export(
    network: torch.nn.Module,
    example: tuple[torch.Tensor, ...],
    path: Path,
    inputs: list[str],
    outputs: list[str],
) -> None:
    axes = {name: {0: "batch"} for name in (*inputs, *outputs)}
    for name in {"tokens", "absent"} & set(inputs):
        axes[name][1] = "pieces"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            example,
            str(path),
            dynamo=False,
            input_names=inputs,
            output_names=outputs,
            opset_version=17,
            dynamic_axes=axes,
        )
    onnx.save(halve(onnx.load(path)), path)
