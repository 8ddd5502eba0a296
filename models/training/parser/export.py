"""Export a parser's checkpoint: ONNX with its manifest."""

from __future__ import annotations

from pathlib import Path

import torch

from models.manifest import ParserEntry
from models.parsers.protocol import CLASSES, PICTURE_CLASSES
from models.training.parser.network import INPUT_SIZE, ParserNetwork, load_checkpoint
from models.training.weights import digest, export_network, write_entries


def export_parser(checkpoint: Path, run: Path) -> Path:
    """Export a parser's checkpoint.

    Args:
        checkpoint: The training's `parser.pt`.
        run: Output folder.

    Returns:
        The weights file.

    Raises:
        ModelError: The checkpoint is missing or of another network.
    """
    network = ParserNetwork()
    load_checkpoint(network, checkpoint)
    run.mkdir(parents=True, exist_ok=True)
    path = run / "parser.onnx"
    example = (torch.zeros(2, 3, *INPUT_SIZE),)
    export_network(network.eval(), example, path, ["images"], ["kinds", "pixels"])
    entry = ParserEntry(
        file=path.name,
        sha256=digest(path),
        input=INPUT_SIZE,
        classes=CLASSES,
        picture_classes=PICTURE_CLASSES,
    )
    write_entries(run, parser=entry)
    return path
