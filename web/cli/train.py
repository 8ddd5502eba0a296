"""`fittingroom train`: reproduce the weights."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import click

from models import ModelError
from web.cli.common import say
from web.stylist import OWN_WEIGHTS, collect_site

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
    """Train the detector, the embedder or the stylist."""
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
@click.option(
    "--rate", default=None, type=click.FloatRange(0, min_open=True), help="Learning rate at first."
)
@click.option(
    "--average",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    help="Exported weights (ONNX) to mix into the result.",
)
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=None,
    help="What they make up of it; a half if not given.",
)
def detector(
    data: Path,
    run: Path | None,
    seed: int,
    resume: bool,
    install: bool,
    scenes: int | None,
    epochs: int | None,
    size: int | None,
    rate: float | None,
    start: Path | None,
    average: Path | None,
    share: float | None,
) -> None:
    """Fine-tune the detector on composed scenes."""
    if share and not average:
        raise click.UsageError("--share mixes in other weights: name them with --average FILE.")
    from models.training.dataset import validation_scenes
    from models.training.detector import DetectorRecipe, train_detector
    from models.training.export import export_detector

    given: dict[str, Any] = {
        "scenes": scenes,
        "epochs": epochs,
        "size": size,
        "rate": rate,
        "start": start,
    }
    if scenes is not None:
        given["validation_scenes"] = max(8, scenes // 14)
    recipe = DetectorRecipe(seed=seed, **{k: v for k, v in given.items() if v is not None})
    folder = run or Path("runs/detector")
    checkpoint = train_detector(data, folder, recipe, resume)
    judges = validation_scenes(data, folder, recipe.validation_scenes, seed, recipe.size)
    mixed = (average, share or 0.5) if average else None
    say(f"Exported to {export_detector(checkpoint, folder, judges, install, mixed)}.")


@train.command()
@click.option(
    "--data",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    help="Data folder (docs/training.md); once for each shop to learn from.",
)
@_run
@_seed
@_resume
@_install
@_start
@click.option("--steps", default=None, type=click.IntRange(1), help="Steps (default: 3000).")
@click.option(
    "--minutes",
    default=None,
    type=click.FloatRange(0, min_open=True),
    help="Time for the training, instead of steps.",
)
@click.option("--batch", default=None, type=click.IntRange(2), help="Articles a step.")
@click.option("--device", default="auto", show_default=True, help="auto, cuda or cpu.")
@click.option("--workers", default=None, type=click.IntRange(1), help="Rendering processes.")
@click.option(
    "--export",
    "trained",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    help="Checkpoint (embedder.pt) trained elsewhere: export and measure it, train nothing.",
)
def embedder(
    data: tuple[Path, ...],
    run: Path | None,
    seed: int,
    resume: bool,
    install: bool,
    steps: int | None,
    minutes: float | None,
    batch: int | None,
    device: str,
    workers: int | None,
    trained: Path | None,
    start: Path | None,
) -> None:
    """Train the embedder on views of articles."""
    if steps and minutes:
        raise click.UsageError("--steps and --minutes both end a training: give one of them.")
    from models.training.embedder import train_embedder
    from models.training.export import export_embedder
    from models.training.recipe import EmbedderRecipe, shops_of

    given: dict[str, Any] = {
        "steps": steps,
        "minutes": minutes,
        "articles_per_step": batch,
        "workers": workers,
        "start": start,
    }
    recipe = EmbedderRecipe(seed=seed, **{k: v for k, v in given.items() if v is not None})
    folder = run or Path("runs/embedder")
    checkpoint = trained or train_embedder(shops_of(data), folder, recipe, resume, device)
    say(f"Exported to {export_embedder(checkpoint, data[0], folder, install)}.")


@train.command()
@click.option(
    "--looks",
    type=click.Path(path_type=Path),
    default=None,
    help="Stylists' outfits: a CSV with the columns outfit and sku (default: the site's looks).",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=None,
    help="Data folder whose articles the looks are of.",
)
@click.option(
    "--site",
    "folder",
    type=click.Path(path_type=Path),
    default=None,
    help="Site whose articles the looks are of, instead of a data folder.",
)
@_run
@_seed
@click.option("--install", is_flag=True, help="Use the result: in the site, or in models/weights/.")
@click.option("--epochs", default=None, type=click.IntRange(1))
def stylist(
    looks: Path | None,
    data: Path | None,
    folder: Path | None,
    run: Path | None,
    seed: int,
    install: bool,
    epochs: int | None,
) -> None:
    """Train the stylist on looks; measures it on looks kept apart, then learns from all."""
    from models.training.export import install_stylist
    from models.training.looks import collect_articles, enough_looks, read_looks
    from models.training.stylist import StylistRecipe, learn_looks

    if (data is None) == (folder is None):
        raise ModelError("Say whose articles the looks are of: either --data DIR or --site DIR.")
    target = run or Path("runs/stylist")
    if data is not None and looks is None:
        raise ModelError("Name the looks of these articles with --looks FILE.")
    own: list[tuple[int, ...]] = []
    if data is not None:
        collection = collect_articles(data, target)
    else:
        collection, own = collect_site(folder or Path())
    rows = {sku: row for row, sku in enumerate(collection.skus)}
    found = read_looks(looks, rows) if looks else enough_looks(own, str(folder))
    recipe = StylistRecipe(seed=seed) if epochs is None else StylistRecipe(seed=seed, epochs=epochs)
    report = learn_looks(collection, found, recipe, target)
    click.echo(json.dumps(report, indent=2))
    if install and folder is not None:
        shutil.copytree(target, folder / OWN_WEIGHTS, dirs_exist_ok=True)
    elif install:
        install_stylist(target)
    say(f"Exported to {target}.")
