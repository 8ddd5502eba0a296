"""`fittingroom train`: train the weights."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import click
import cv2

from cli.common import say
from models.errors import ModelError
from models.extra import require_training_extra
from services.outfits.site_looks import collect_site
from services.outfits.stylist import OWN_WEIGHTS

_data = click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help="Data folder; its layout is in docs/how-to/training.md.",
)
_run = click.option(
    "--run",
    type=click.Path(path_type=Path),
    default=None,
    help="Folder for checkpoints (default: runs/NAME).",
)
_seed = click.option("--seed", default=0, show_default=True)
_resume = click.option("--resume/--fresh", default=True, help="Resume from the last checkpoint.")
_shops = click.option(
    "--data",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    help="Data folder (docs/how-to/training.md); repeat for several shops.",
)
_minutes = click.option(
    "--minutes",
    default=None,
    type=click.FloatRange(0, min_open=True),
    help="Time limit of the training, preparation included.",
)
_device = click.option("--device", default="auto", show_default=True, help="auto, cuda or cpu.")
_workers = click.option(
    "--workers", default=None, type=click.IntRange(1), help="Rendering processes."
)
_validation_scenes = click.option(
    "--validation-scenes",
    "validation",
    default=1000,
    show_default=True,
    type=click.IntRange(1),
    help="Scenes that the detector's thresholds are fitted on.",
)
_start = click.option(
    "--start",
    type=click.Path(path_type=Path),
    default=None,
    help="Exported weights (ONNX) to start from, instead of the pretrained ones.",
)
_install = click.option("--install", is_flag=True, help="Install the result in models/weights/.")


@click.group()
def train() -> None:
    """Train the detector, the embedder, the parser or the stylist."""
    require_training_extra("Training")
    cv2.setNumThreads(1)  # OpenCV's own threads would not survive the fork of rendering processes


@train.command()
@_data
@_run
@_seed
@_resume
@_install
@_minutes
@_device
@_workers
@click.option("--scenes", default=None, type=click.IntRange(8), help="Scenes kept in memory.")
@click.option("--batch", default=None, type=click.IntRange(2), help="Scenes per batch.")
@click.option(
    "--rate", default=None, type=click.FloatRange(0, min_open=True), help="Initial learning rate."
)
@_validation_scenes
def detector(
    data: Path,
    run: Path | None,
    seed: int,
    resume: bool,
    install: bool,
    minutes: float | None,
    device: str,
    workers: int | None,
    scenes: int | None,
    batch: int | None,
    rate: float | None,
    validation: int,
) -> None:
    """Train the detector on composed scenes."""
    from models.training.detector.recipe import DetectorRecipe
    from models.training.detector.trainer import train_detector
    from models.training.recipe import build_recipe

    options = {
        "minutes": minutes,
        "workers": workers,
        "scenes": scenes,
        "batch": batch,
        "rate": rate,
        "seed": seed,
        "device": device,
    }
    recipe = build_recipe(DetectorRecipe, options)
    folder = run or Path("runs/detector")
    _export_detector(
        train_detector(data, folder, recipe, resume), data, folder, validation, install
    )


@train.command()
@click.option(
    "--humans",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of MakeHuman's files (docs/how-to/training.md).",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("runs/films"),
    show_default=True,
    help="Data folder for clips/NAME.mp4, NAME.truth.json and the garments as articles.",
)
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path("runs/films/work"),
    show_default=True,
    help="Folder for rendered frames; an interrupted call goes on from there.",
)
@_seed
@click.option("--only", multiple=True, help="Make only the film of this name; may be repeated.")
@click.option(
    "--python",
    default=sys.executable,
    show_default="this one",
    help="Interpreter that has bpy (docs/how-to/training.md).",
)
@click.option("--samples", default=10, show_default=True, type=click.IntRange(1))
def films(
    humans: Path,
    out: Path,
    work: Path,
    seed: int,
    only: tuple[str, ...],
    python: str,
    samples: int,
) -> None:
    """Render films in which people walk, for evaluation."""
    from models.training.films.generate import make_films

    make_films(humans, out, work, seed, only, python, samples, say)


def _export_detector(
    checkpoint: Path, data: Path, run: Path, validation: int, install: bool
) -> None:
    from models.training.detector.dataset import validation_scenes
    from models.training.detector.export import export_detector

    scenes = validation_scenes(data, run, validation, 0)
    say(f"Exported to {export_detector(checkpoint, data, run, scenes, install)}.")


@train.command()
@_shops
@_run
@_seed
@_resume
@_install
@_start
@click.option("--steps", default=None, type=click.IntRange(1), help="Steps (default: 3000).")
@_minutes
@click.option("--batch", default=None, type=click.IntRange(2), help="Articles per batch.")
@_device
@_workers
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
    start: Path | None,
) -> None:
    """Train the embedder on views of articles."""
    if steps and minutes:
        raise click.UsageError("--steps and --minutes both limit a training. Give one of them.")
    from models.training.embedder.export import export_embedder
    from models.training.embedder.recipe import EmbedderRecipe, shops_of
    from models.training.embedder.trainer import train_embedder
    from models.training.recipe import build_recipe

    options = {
        "steps": steps,
        "minutes": minutes,
        "articles_per_step": batch,
        "workers": workers,
        "start": start,
        "seed": seed,
    }
    recipe = build_recipe(EmbedderRecipe, options)
    folder = run or Path("runs/embedder")
    checkpoint = train_embedder(shops_of(data), folder, recipe, resume, device)
    say(f"Exported to {export_embedder(checkpoint, data[0], folder, install)}.")


@train.command()
@_data
@_run
@_seed
@_resume
@_install
@click.option("--steps", default=None, type=click.IntRange(1), help="Steps (default: 4000).")
@_minutes
@click.option("--batch", default=None, type=click.IntRange(2), help="Pictures per batch.")
@_device
def parser(
    data: Path,
    run: Path | None,
    seed: int,
    resume: bool,
    install: bool,
    steps: int | None,
    minutes: float | None,
    batch: int | None,
    device: str,
) -> None:
    """Train the parser of catalogue pictures on people, packshots and photos of garments."""
    if steps and minutes:
        raise click.UsageError("--steps and --minutes both limit a training. Give one of them.")
    from models.training.parser.export import export_parser
    from models.training.parser.trainer import ParserRecipe, train_parser
    from models.training.recipe import build_recipe

    options = {"steps": steps, "minutes": minutes, "batch": batch, "seed": seed}
    recipe = build_recipe(ParserRecipe, options)
    folder = run or Path("runs/parser")
    checkpoint = train_parser(data, folder, recipe, resume, device)
    say(f"Exported to {export_parser(checkpoint, folder, install)}.")


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
    help="Data folder with the articles of the looks.",
)
@click.option(
    "--site",
    "folder",
    type=click.Path(path_type=Path),
    default=None,
    help="Site with the articles of the looks, instead of a data folder.",
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
    """Train the stylist on looks; measures it on a test split, then trains on all looks."""
    from models.training.recipe import build_recipe
    from models.training.stylist.export import install_stylist
    from models.training.stylist.looks import check_looks, collect_articles, read_looks
    from models.training.stylist.trainer import StylistRecipe
    from models.training.stylist.workflow import train_and_evaluate

    if (data is None) == (folder is None):
        raise ModelError("Give the articles of the looks: either --data DIR or --site DIR.")
    target = run or Path("runs/stylist")
    if data is not None and looks is None:
        raise ModelError("Give the looks of these articles: --looks FILE.")
    own: list[tuple[int, ...]] = []
    if data is not None:
        collection = collect_articles(data, target)
    else:
        collection, own = collect_site(folder or Path())
    rows = {sku: row for row, sku in enumerate(collection.skus)}
    found = read_looks(looks, rows) if looks else check_looks(own, str(folder))
    recipe = build_recipe(StylistRecipe, {"seed": seed, "epochs": epochs})
    report = train_and_evaluate(collection, found, recipe, target)
    click.echo(json.dumps(report, indent=2))
    if install and folder is not None:
        shutil.copytree(target, folder / OWN_WEIGHTS, dirs_exist_ok=True)
    elif install:
        install_stylist(target)
    say(f"Exported to {target}.")


@train.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@_shops
@click.option(
    "--photos",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of the garment photos to include.",
)
def pack(out: Path, data: tuple[Path, ...], photos: float) -> None:
    """Pack a training for a machine that has only PyTorch, NumPy, OpenCV and Pillow."""
    from models.training.pack import pack_training

    for part in pack_training(data, out, photos):
        say(f"{part}: {part.stat().st_size / 1e6:.0f} MB")


@train.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_data
@_install
@_validation_scenes
def unpack(folder: Path, data: Path, install: bool, validation: int) -> None:
    """Export and measure the checkpoints that a packed training wrote to FOLDER."""
    detector, embedder = folder / "detector.pt", folder / "embedder.pt"
    if not detector.is_file() and not embedder.is_file():
        raise ModelError(f"{folder}: contains neither detector.pt nor embedder.pt.")
    if detector.is_file():
        _export_detector(detector, data, folder / "detector", validation, install)
    if embedder.is_file():
        from models.training.embedder.export import export_embedder

        say(f"Exported to {export_embedder(embedder, data, folder / 'embedder', install)}.")
