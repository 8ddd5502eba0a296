"""`fittingroom detect`: detect people and garments in pictures."""

from __future__ import annotations

from pathlib import Path

import click

from cli.common import print_json
from models.detectors.registry import open_detector
from models.simulation.cutout import read_image


@click.command()
@click.argument(
    "images", metavar="IMAGE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def detect(images: tuple[Path, ...], as_json: bool) -> None:
    """Detect people and carried garments in pictures."""
    pictures = [(path, read_image(path)) for path in images]
    detector = open_detector()
    for path, picture in pictures:
        found = detector.detect(picture)
        detections = [
            {
                "category": detector.classes[category],
                "score": round(float(score), 4),
                "box": [round(float(n), 1) for n in box],
            }
            for box, score, category in zip(found.boxes, found.scores, found.classes, strict=True)
        ]
        if as_json:
            print_json({"image": str(path), "detections": detections})
            continue
        line = ", ".join(f"{d['category']} {d['score']:.2f}" for d in detections) or "nothing"
        click.echo(f"{path}: {line}")
