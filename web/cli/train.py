"""`fittingroom train`: reproduce the weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from models import ModelError
from web.cli.common import say

_data = click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help="Data folder; its layout is in docs/training.md.",
)
_run = click.option(
    "--run",
    type=click.Path(path_type=Path),
    default=None,
    help="Folder for checkpoints (default: runs/NAME).",
)
_seed = click.option("--seed", default=0, show_default=True)
_resume = click.option("--resume/--fresh", default=True, help="Go on where a run broke off.")
_start = click.option(
    "--start",
    type=click.Path(path_type=Path),
    default=None,
    help="Exported weights (ONNX) to go on from, instead of the pretrained ones.",
)
_install = click.option("--install", is_flag=True, help="Put the result into models/weights/.")


@click.group()
def train() -> None:
    """Train the detector or the embedder."""
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise ModelError("training needs PyTorch: pip install 'fittingroom[train]'.") from error


@train.command()
@_data
@_run
@_seed
@_resume
@_install
@_start
@click.option("--scenes", default=None, type=click.IntRange(1), help="Scenes to compose.")
@click.option("--epochs", default=None, type=click.IntRange(1))
@click.option("--size", default=None, type=click.IntRange(64), help="Side of a scene in pixels.")
def detector(
    data: Path,
    run: Path | None,
    seed: int,
    resume: bool,
    install: bool,
    scenes: int | None,
    epochs: int | None,
    size: int | None,
    start: Path | None,
) -> None:
    """Fine-tune the detector on composed scenes."""
    from models.training.detector import DetectorRecipe, train_detector, validation_scenes
    from models.training.export import export_detector

    given: dict[str, Any] = {"scenes": scenes, "epochs": epochs, "size": size, "start": start}
    if scenes is not None:
        given["validation_scenes"] = max(8, scenes // 14)
    recipe = DetectorRecipe(seed=seed, **{k: v for k, v in given.items() if v is not None})
    folder = run or Path("runs/detector")
    checkpoint = train_detector(data, folder, recipe, resume)
    judges = validation_scenes(data, folder, recipe)
    say(f"Exported to {export_detector(checkpoint, folder, judges, install)}.")


@train.command()
@_data
@_run
@_seed
@_resume
@_install
@_start
@click.option("--steps", default=None, type=click.IntRange(1))
@click.option("--batch", default=None, type=click.IntRange(2), help="Articles a step.")
def embedder(
    data: Path,
    run: Path | None,
    seed: int,
    resume: bool,
    install: bool,
    steps: int | None,
    batch: int | None,
    start: Path | None,
) -> None:
    """Train the embedder on views of articles."""
    from models.training.embedder import EmbedderRecipe, train_embedder
    from models.training.export import export_embedder

    given: dict[str, Any] = {"steps": steps, "articles_per_step": batch, "start": start}
    recipe = EmbedderRecipe(seed=seed, **{k: v for k, v in given.items() if v is not None})
    folder = run or Path("runs/embedder")
    checkpoint = train_embedder(data, folder, recipe, resume)
    say(f"Exported to {export_embedder(checkpoint, data, folder, install)}.")
