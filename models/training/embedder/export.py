"""Export an embedder's checkpoint: ONNX, match calibration, manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from models.embedders.mobilenet import MobileNetEmbedder
from models.embedders.protocol import GarmentEmbedder
from models.manifest import EmbedderEntry, MatchCalibration
from models.taxonomy import EMBEDDER_CATEGORIES
from models.training.data import load_articles
from models.training.embedder.calibration import fit_calibration, fit_lookalike
from models.training.embedder.network import (
    LOCAL_STRIDE,
    LOCAL_WIDTH,
    EmbedderNetwork,
    load_exported,
)
from models.training.embedder.queries import embed_gallery, simulate_tracks
from models.training.embedder.report import MATCH_PRECISION, evaluate_retrieval
from models.training.embedder.views import INPUT_SIZE
from models.training.weights import (
    digest,
    export_network,
    write_entries,
)


def export_embedder(checkpoint: Path, root: Path, run: Path) -> Path:
    """Export an embedder's checkpoint, fit the match calibration, write the metrics.

    Args:
        checkpoint: The training's `embedder.pt`.
        root: Data folder; the calibration is fitted on its held-out styles.
        run: Output folder.

    Returns:
        The weights file.
    """
    network = EmbedderNetwork()
    load_exported(network, checkpoint)
    run.mkdir(parents=True, exist_ok=True)
    path = run / "embedder.onnx"
    example = (torch.zeros(2, 3, *INPUT_SIZE),)
    export_network(network.eval(), example, path, ["images"], ["vectors", "kinds", "cells"])
    entry = _unfitted_embedder(digest(path))
    write_entries(run, embedder=entry)
    figures, fitted = _evaluate_embedder(MobileNetEmbedder(run), root, run)
    entry = entry.model_copy(update={"calibration": fitted})
    write_entries(run, embedder=entry)
    (run / "figures.json").write_text(json.dumps(figures, indent=2))
    return path


def _evaluate_embedder(
    embedder: GarmentEmbedder, root: Path, run: Path
) -> tuple[dict[str, Any], MatchCalibration]:
    """Evaluate retrieval on held-out styles and fit the match calibration."""
    articles = load_articles(root)
    gallery = embed_gallery(embedder, articles, run / "gallery.npz")
    tracks = simulate_tracks(embedder, root, articles)
    report, shops = evaluate_retrieval(tracks, gallery, articles)
    fitted = fit_calibration(list(shops.values()), MATCH_PRECISION)
    lookalike = fit_lookalike(shops[str(len(articles))], gallery.embedding)
    return report, fitted.model_copy(update={"lookalike": lookalike})


def _unfitted_embedder(sha256: str) -> EmbedderEntry:
    height, width = (side // LOCAL_STRIDE for side in INPUT_SIZE)
    return EmbedderEntry(
        file="embedder.onnx",
        sha256=sha256,
        input=INPUT_SIZE,
        dimensions=256,
        local_features=(height * width, LOCAL_WIDTH),
        categories=EMBEDDER_CATEGORIES,
        calibration=MatchCalibration(
            weights=(0, 0, 0, 0), intercept=0, category_offsets={}, threshold=1
        ),
    )
