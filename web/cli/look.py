"""`fittingroom detect`, `replay` and `watch`: what the cameras see."""

from __future__ import annotations

import signal
from pathlib import Path

import click

from calibration import load_camera
from models import Detector
from models.scenes.cutout import read_image
from store import Site
from vision import Crossing, VisionError, build_matcher
from vision import replay as run_replay
from vision import watch as prepare_watch
from web.cli.common import print_json, say, site_option


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


def _tell(crossing: Crossing, as_json: bool) -> None:
    if as_json:
        print_json(crossing.as_json())
        return
    carried = ", ".join(f"{g.category} {g.sku or 'unknown'}" for g in crossing.garments)
    click.echo(
        f"{crossing.time:9.2f} s  {crossing.event} {crossing.gate} "
        f"room {crossing.room or '?'}: {carried or 'nothing carried'}"
    )


@click.command()
@click.argument("clip")
@site_option
@click.option("--camera", required=True, help="Whose gates and masks to use.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def replay(site: Site, clip: str, camera: str, as_json: bool) -> None:
    """Run a recording as fast as it can and print its crossings; nothing is written."""
    seen_by = load_camera(site.folder, camera)
    if not seen_by.gates:
        raise VisionError(f"camera {camera!r} has no gate, so nobody can cross one.")
    threads = site.settings.vision.threads
    detector, matcher = Detector(threads=threads), build_matcher(site)
    rate = site.settings.vision.frames_per_second
    for crossing in run_replay(clip, seen_by, detector, matcher, rate):
        _tell(crossing, as_json)


@click.command()
@click.argument("camera")
@site_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def watch(site: Site, camera: str, as_json: bool) -> None:
    """Watch a camera live and write its crossings to the journal."""
    watcher = prepare_watch(site, camera)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: watcher.stop())
    problem = watcher.run(lambda crossing: _tell(crossing, as_json))
    if problem:
        raise VisionError(problem)
    say(f"The source of {camera} has ended.")
