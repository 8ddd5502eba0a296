"""`fittingroom model`: detectors and embedders of a site's own, and which are used."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import click

from cli.common import print_json, progress, say, site_option
from models.errors import ModelError
from models.extra import require_training_extra
from models.own import KINDS, own_models
from services.catalogue.indexing import index
from services.comparison import Comparison, compare_detectors
from services.own_embedder import add_embedder, parts_of
from services.site_models import (
    add_detector,
    check_new_name,
    kind_of,
    model_names,
    models_folder,
    use_detector,
    use_embedder,
)
from store import Site

_NO_PICTURES: Final = "This site has no corrected pictures."
_HOW_TO_CORRECT: Final = "Make some with: fittingroom dataset export, then import."


@click.group()
def model() -> None:
    """Add a detector or an embedder of your own; choose which are used."""


@model.command()
@click.argument("weights", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="The model's name here: a-z, 0-9, - and _.")
@click.option(
    "--kind",
    default="detector",
    show_default=True,
    type=click.Choice(KINDS),
    help="An embedder is an ONNX file with its manifest next to it.",
)
@click.option(
    "--class",
    "classes",
    multiple=True,
    metavar="THEIRS=OURS",
    help="Our class for one of a detector's, as tshirt=top. Equal names need none.",
)
@click.option(
    "--long-side",
    default=512,
    show_default=True,
    type=click.IntRange(32, 4096),
    help="Long side of the pictures that a detector is given, a multiple of 32.",
)
@click.option("--threshold", default=0.4, show_default=True, type=click.FloatRange(0, 1))
@site_option
def add(
    site: Site,
    weights: Path,
    name: str,
    kind: str,
    classes: tuple[str, ...],
    long_side: int,
    threshold: float,
) -> None:
    """Add a model to the site: a training's folder, a YOLO detector, or an embedder.

    A folder of `fittingroom train` and an embedder need nothing more. A YOLO model, Ultralytics'
    .pt or .onnx, needs the extra `train`; its classes are printed as JSON. The model is not used
    before `fittingroom model use`. A .pt file is a program: add only what you trust.
    """
    check_new_name(site, name)
    if kind == "embedder":
        entry = add_embedder(site, name, weights)
        print_json({"name": name, "dimensions": entry.dimensions, "categories": entry.categories})
    elif "detector" in parts_of(weights):
        add_detector(site, name, weights)
        print_json({"name": name})
    else:
        _adopt(site, weights, name, classes, long_side, threshold)
    say(f"Try it on a recording, then: fittingroom model use {name}")


def _adopt(
    site: Site, weights: Path, name: str, classes: tuple[str, ...], long_side: int, threshold: float
) -> None:
    """Add a YOLO model that was trained elsewhere."""
    require_training_extra("Adding a YOLO model")
    from models.training.detector.adopt import adopt_detector

    if long_side % 32:
        raise ModelError(f"--long-side: {long_side} is no multiple of 32.")
    named = read_classes(classes)
    entry = adopt_detector(weights, models_folder(site) / name, named, long_side, threshold)
    print_json({"name": name, "classes": entry.classes})


def read_classes(classes: tuple[str, ...]) -> dict[str, str]:
    """Read the option `--class THEIRS=OURS`.

    Raises:
        ModelError: One is not of this form.
    """
    pairs = [each.partition("=") for each in classes]
    if wrong := [each for each, pair in zip(classes, pairs, strict=True) if not all(pair)]:
        raise ModelError(f"--class: {wrong[0]!r} is not THEIRS=OURS, as tshirt=top.")
    return {theirs: ours for theirs, _, ours in pairs}


@model.command(name="list")
@site_option
def list_models(site: Site) -> None:
    """List detectors and embedders, one JSON object per line."""
    vision = site.settings.vision
    for kind in KINDS:
        used = vision.detector if kind == "detector" else vision.embedder
        own = own_models(models_folder(site), kind)
        for name in model_names(site, kind):
            print_json(
                {"name": name, "kind": kind, "of_this_site": name in own, "used": name == used}
            )


@model.command()
@click.argument("name")
@click.option("--with", "other", default=None, help="The other detector (default: the one in use).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@site_option
def compare(site: Site, name: str, other: str | None, as_json: bool) -> None:
    """Compare a detector with the one in use on this site's corrected pictures.

    Those are the pictures of `fittingroom dataset` that are held out of trainings.
    """
    found = compare_detectors(site, other or site.settings.vision.detector, name)
    if found is None:
        raise ModelError(f"{_NO_PICTURES} {_HOW_TO_CORRECT}")
    if as_json:
        print_json(found.as_json())
        return
    _show(found)


def _show(found: Comparison) -> None:
    """Print the figures of two detectors."""
    for score in (found.old, found.new):
        for group, figures in (("people", score.people), ("garments", score.garments)):
            click.echo(
                f"{score.name}: {group} AP50 {figures.ap50:.3f}, recall {figures.recall:.3f}, "
                f"{figures.false_per_100:.1f} false per 100 pictures ({figures.boxes} in truth)"
            )
    say(f"Measured on {found.pictures} corrected pictures of this site.")
    if not found.held_out:
        say("They are too few to hold some out, and trainings may have seen them: correct more.")


@model.command()
@click.argument("name")
@click.option("--force", is_flag=True, help="Use a detector that is worse on this site's pictures.")
@site_option
def use(site: Site, name: str, force: bool) -> None:
    """Use a model from the next start on: one of this site, or a built-in one.

    A detector is first compared with the one in use, where the site has corrected pictures,
    and refused if it is worse. With an embedder, the gallery is embedded first; the gallery
    before stays, so that the way back takes no time.
    """
    if kind_of(site, name) == "embedder":
        before = site.settings.vision.embedder
        use_embedder(site, name, lambda each: _rebuild(site, each))
    else:
        before = site.settings.vision.detector
        _require_no_worse(site, before, name, force)
        use_detector(site, name)
    say(f"Cameras use {name} when they are started next. Restart fittingroom serve.")
    if before != name:
        say(f"To go back: fittingroom model use {before}")
    if name in own_models(models_folder(site), kind_of(site, name)):
        say("Its mistakes are not in the model card: measure it on recordings of this shop.")


def _require_no_worse(site: Site, before: str, name: str, force: bool) -> None:
    """Compare a detector with the one in use; without corrected pictures, say how to get some."""
    if before == name:
        return
    found = compare_detectors(site, before, name)
    if found is None:
        say(f"{_NO_PICTURES} It is not compared with {before}. {_HOW_TO_CORRECT}")
        return
    _show(found)
    if found.worse and not force:
        raise ModelError(
            f"{name} is worse than {before} on this site's pictures: {'; '.join(found.worse)}. "
            "Nothing was changed. Use it anyway with --force."
        )


def _rebuild(site: Site, name: str) -> None:
    """Embed the gallery with an embedder that is not in use yet."""
    done = index(
        site, time.time(), lambda some: progress(some, len(some), "gallery", "picture"), name
    )
    say(f"{done} pictures embedded.")
