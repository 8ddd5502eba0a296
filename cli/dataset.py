"""`fittingroom dataset`: export what the detector found, import what people corrected."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from calibration import load_camera
from cli.common import print_json, say, site_option
from cli.model import read_classes
from models.corrections import FOUND, IMAGES
from services.dataset_export import Choice, export_dataset
from services.datasets import import_corrections, list_datasets, remove_dataset
from store import Site


@click.group()
def dataset() -> None:
    """Correct the detector's mistakes in CVAT or Label Studio, and train from them."""


@dataset.command()
@click.argument("clip", type=click.Path(path_type=Path))
@site_option
@click.option("--camera", required=True, help="The camera of the clip.")
@click.option("--name", required=True, help="The data set's name: a-z, 0-9, - and _.")
@click.option("--count", default=200, show_default=True, type=click.IntRange(1, 100_000),
              help="Pictures at most.")  # fmt: skip
@click.option("--apart", default=2.0, show_default=True, type=click.FloatRange(0),
              help="Least time between two pictures, seconds.")  # fmt: skip
def export(site: Site, clip: Path, camera: str, name: str, count: int, apart: float) -> None:
    """Write the frames of a recording in which the detector is in doubt, as COCO.

    A recording of detections gives boxes alone. A film that was recorded with consent gives
    pictures as well, if the setting privacy.training_pictures allows it.
    """
    seen_by = load_camera(site.folder, camera)
    record, folder, pictures = export_dataset(
        site, seen_by, clip, name, Choice(count, apart), time.time()
    )
    say(f"Wrote {pictures} frames: {folder / FOUND}")
    if record.expires is None:
        say("It holds boxes alone, no pictures.")
        return
    date = datetime.fromtimestamp(record.expires).date().isoformat()
    say(f"The pictures are in {folder / IMAGES}. The data set is deleted on {date}.")
    say("Delete copies in other programs by then, too.")


@dataset.command(name="import")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--class",
    "classes",
    multiple=True,
    metavar="THEIRS=OURS",
    help="Our class for one of the file's, as tshirt=top. Equal names need none.",
)
@site_option
def import_(site: Site, name: str, file: Path, classes: tuple[str, ...]) -> None:
    """Import the corrected boxes of a data set, a COCO file; prints what changed as JSON."""
    found = import_corrections(site, name, file, read_classes(classes))
    print_json(asdict(found))
    if found.held_out:
        say(f"{found.held_out} pictures are held out of trainings, to compare detectors on.")
    if not found.for_training:
        say("There are no pictures to train from.")
        return
    say(f"Train from it: fittingroom train detector --corrected {site.folder / 'datasets' / name}")


@dataset.command(name="list")
@site_option
def list_(site: Site) -> None:
    """List the data sets, one JSON object per line."""
    for record in list_datasets(site):
        print_json(asdict(record))


@dataset.command()
@click.argument("name")
@site_option
def remove(site: Site, name: str) -> None:
    """Delete a data set with its pictures."""
    remove_dataset(site, name)
    say(f"Deleted the data set {name}.")
