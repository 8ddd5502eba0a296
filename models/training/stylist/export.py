"""Export a trained stylist to the weights that a shop runs."""

from __future__ import annotations

from pathlib import Path

import torch

from models.manifest import StylistEntry, WeightsFile
from models.stylist.features import WIDTH
from models.stylist.runtime import WANTED_PARTS
from models.taxonomy import CATEGORIES
from models.training.stylist.network import StylistNetwork
from models.training.weights import digest, export_network, write_entries


def export_stylist(network: StylistNetwork, run: Path, embedder: str, threshold: float) -> Path:
    """Export a stylist as two ONNX files with a manifest beside them.

    Args:
        network: Trained.
        run: Output folder.
        embedder: Short name of the embedder whose embeddings it was trained on.
        threshold: As in the manifest.

    Returns:
        The run folder, which `models.stylist.Stylist` opens.
    """
    dimensions = network.query.out.out_features
    items, query = run / "stylist-items.onnx", run / "stylist-query.onnx"
    export_network(network.items, (torch.zeros(2, WIDTH),), items, ["rows"], ["tokens", "answers"])
    example = (
        torch.zeros(2, 3, dimensions),
        torch.zeros(2, 3, dtype=torch.bool),
        torch.zeros(2, dtype=torch.long),
    )
    export_network(network.query, example, query, ["tokens", "absent", "want"], ["queries"])
    entry = StylistEntry(
        items=WeightsFile(file=items.name, sha256=digest(items)),
        query=WeightsFile(file=query.name, sha256=digest(query)),
        dimensions=dimensions,
        embedder=embedder,
        threshold=threshold,
        categories=CATEGORIES,
        parts=WANTED_PARTS,
    )
    write_entries(run, stylist=entry)
    return run
