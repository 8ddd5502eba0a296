"""`fittingroom model`: detectors of a site's own, and which one is used."""

from __future__ import annotations

from pathlib import Path

import click

from cli.common import print_json, say, site_option
from models.detectors.registry import DEFAULT, DETECTORS, own_models
from models.errors import ModelError
from models.extra import require_training_extra
from services.detectors import check_new_name, models_folder, use_detector
from store import Site


@click.group()
def model() -> None:
    """Add a detector of your own; choose which one is used."""


@model.command()
@click.argument("weights", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="The detector's name here: a-z, 0-9, - and _.")
@click.option(
    "--class",
    "classes",
    multiple=True,
    metavar="THEIRS=OURS",
    help="Our class for one of the model's, as tshirt=top. Equal names need none.",
)
@click.option(
    "--long-side",
    default=512,
    show_default=True,
    type=click.IntRange(32, 4096),
    help="Long side of the pictures that it is given, a multiple of 32.",
)
@click.option("--threshold", default=0.4, show_default=True, type=click.FloatRange(0, 1))
@site_option
def add(
    site: Site, weights: Path, name: str, classes: tuple[str, ...], long_side: int, threshold: float
) -> None:
    """Add a YOLO model, Ultralytics' .pt or .onnx, to the site; prints its classes as JSON.

    It needs the extra `train`. The model is not used before `fittingroom model use`. A .pt file
    is a program: add only what you trust.
    """
    require_training_extra("Adding a model")
    from models.training.detector.adopt import adopt_detector

    check_new_name(site, name)
    if long_side % 32:
        raise ModelError(f"--long-side: {long_side} is no multiple of 32.")
    pairs = [each.partition("=") for each in classes]
    if wrong := [each for each, pair in zip(classes, pairs, strict=True) if not all(pair)]:
        raise ModelError(f"--class: {wrong[0]!r} is not THEIRS=OURS, as tshirt=top.")
    named = {theirs: ours for theirs, _, ours in pairs}
    entry = adopt_detector(weights, models_folder(site) / name, named, long_side, threshold)
    print_json({"name": name, "classes": entry.classes})
    say(f"Try it on a recording, then: fittingroom model use {name}")


@model.command(name="list")
@site_option
def list_models(site: Site) -> None:
    """List the detectors, one JSON object per line."""
    used = site.settings.vision.detector
    own = own_models(models_folder(site))
    for name in [*own, *DETECTORS.names()]:
        print_json({"name": name, "of_this_site": name in own, "used": name == used})


@model.command()
@click.argument("name")
@site_option
def use(site: Site, name: str) -> None:
    """Use a detector from the next start on: one of this site, or a built-in one."""
    before = site.settings.vision.detector
    use_detector(site, name)
    say(f"Cameras use {name} when they are started next. Restart fittingroom serve.")
    if before != name:
        say(f"To go back: fittingroom model use {before}")
    if name != DEFAULT:
        say("Its mistakes are not in the model card: measure it on recordings of this shop.")
