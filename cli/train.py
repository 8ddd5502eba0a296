"""`fittingroom train`: train the weights."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import click
import cv2

from cli.common import say
from cli.train_options import (
    data_option,
    device_option,
    minutes_option,
    name_option,
    resume_option,
    run_option,
    seed_option,
    shops_option,
    site_option,
    start_option,
    validation_scenes_option,
    workers_option,
)
from cli.train_pack import export_detector_to, pack, read_target, unpack
from models.errors import ModelError
from models.extra import require_training_extra
from services.outfits.site_looks import collect_site
from services.outfits.stylist import OWN_WEIGHTS


@click.group()
def train() -> None:
    """Train the detector, the embedder, the parser or the stylist."""
    require_training_extra("Training")
    cv2.setNumThreads(1)  # OpenCV's own threads would not survive the fork of rendering processes


@train.command()
@data_option
@run_option
@seed_option
@resume_option
@site_option
@name_option
@minutes_option
@device_option
@workers_option
@click.option("--scenes", default=None, type=click.IntRange(8), help="Scenes kept in memory.")
@click.option("--batch", default=None, type=click.IntRange(2), help="Scenes per batch.")
@click.option(
    "--rate", default=None, type=click.FloatRange(0, min_open=True), help="Initial learning rate."
)
@validation_scenes_option
@start_option
@click.option(
    "--corrected",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Folder of a site's corrected data set (`fittingroom dataset`), a further source of "
    "pictures; may be repeated.",
)
def detector(
    data: Path,
    run: Path | None,
    seed: int,
    resume: bool,
    site: Path | None,
    name: str,
    minutes: float | None,
    device: str,
    workers: int | None,
    scenes: int | None,
    batch: int | None,
    rate: float | None,
    validation: int,
    start: Path | None,
    corrected: tuple[Path, ...],
) -> None:
    """Train the detector on composed scenes, and on a shop's corrected pictures."""
    from models.corrections import read_for_training
    from models.training.detector.corrected import Corrected
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
        "start": start,
    }
    target = read_target(site, name)
    recipe = build_recipe(DetectorRecipe, options)
    folder = run or Path("runs/detector")
    shop = [Corrected(*one) for each in corrected for one in read_for_training(each)]
    checkpoint = train_detector(data, folder, recipe, resume, shop)
    export_detector_to(checkpoint, data, folder, validation, target, name)


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
@seed_option
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


@train.command()
@shops_option
@run_option
@seed_option
@resume_option
@start_option
@click.option("--steps", default=None, type=click.IntRange(1), help="Steps (default: 3000).")
@minutes_option
@click.option("--batch", default=None, type=click.IntRange(2), help="Articles per batch.")
@device_option
@workers_option
def embedder(
    data: tuple[Path, ...],
    run: Path | None,
    seed: int,
    resume: bool,
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
    say(f"Exported to {export_embedder(checkpoint, data[0], folder)}.")


@train.command()
@data_option
@run_option
@seed_option
@resume_option
@click.option("--steps", default=None, type=click.IntRange(1), help="Steps (default: 4000).")
@minutes_option
@click.option("--batch", default=None, type=click.IntRange(2), help="Pictures per batch.")
@device_option
def parser(
    data: Path,
    run: Path | None,
    seed: int,
    resume: bool,
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
    say(f"Exported to {export_parser(checkpoint, folder)}.")


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
@run_option
@seed_option
@click.option("--install", is_flag=True, help="Use the result in --site.")
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
    from models.training.stylist.looks import check_looks, collect_articles, read_looks
    from models.training.stylist.trainer import StylistRecipe
    from models.training.stylist.workflow import train_and_evaluate

    if (data is None) == (folder is None):
        raise ModelError("Give the articles of the looks: either --data DIR or --site DIR.")
    if install and folder is None:
        raise ModelError("--install uses the result in a site: give --site DIR.")
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
    say(f"Exported to {target}.")


train.add_command(pack)
train.add_command(unpack)
