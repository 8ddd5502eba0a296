"""`fittingroom detect` and `watch`: what the cameras see."""

from __future__ import annotations

import signal
from pathlib import Path

import click

from models import Detector
from models.scenes.cutout import read_image
from store import Site
from vision import VisionError
from vision import watch as prepare_watch
from web.cli.common import print_json, say, site_option, tell_crossing


@click.command()
@click.argument(
    "images", metavar="IMAGE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def detect(images: tuple[Path, ...], as_json: bool) -> None:
    """Detect people and carried garments in pictures."""
    pictures = [(path, read_image(path)) for path in images]
    detector = Detector()
    for path, picture in pictures:
        found = detector.detect(picture)
        detections = [
            {
                "category": detector.classes[kind],
                "score": round(float(score), 4),
                "box": [round(float(n), 1) for n in box],
            }
            for box, score, kind in zip(found.boxes, found.scores, found.classes, strict=True)
        ]
        if as_json:
            print_json({"image": str(path), "detections": detections})
            continue
        said = ", ".join(f"{d['category']} {d['score']:.2f}" for d in detections) or "nothing"
        click.echo(f"{path}: {said}")


@click.command()
@click.argument("camera")
@site_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def watch(site: Site, camera: str, as_json: bool) -> None:
    """Watch a camera live and write its crossings to the journal."""
    watcher = prepare_watch(site, camera)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: watcher.stop())
    problem = watcher.run(lambda crossing: tell_crossing(crossing, as_json))
    if problem:
        raise VisionError(problem)
    say(f"The source of {camera} has ended.")
