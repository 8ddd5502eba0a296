"""`fittingroom bench`: how many cameras this machine carries."""

from __future__ import annotations

from pathlib import Path

import click

from cli.common import print_json, progress
from models.extra import require_training_extra


@click.command()
@click.option(
    "--clip",
    type=click.Path(path_type=Path),
    default=None,
    help="A recording, NAME.truth.json beside it if there is one; a made-up clip if not given.",
)
@click.option(
    "--weights",
    type=click.Path(path_type=Path),
    default=None,
    help="COCO weights (yolo11n-coco.safetensors) for the loop to compare with.",
)
@click.option("--fps", default=10.0, show_default=True, type=click.FloatRange(0.1, 60),
              help="Frames a second that a camera is looked at.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench(clip: Path | None, weights: Path | None, fps: float, as_json: bool) -> None:
    """Time this machine against Ultralytics' own tracking loop and count the cameras it carries."""
    require_training_extra("The loop of Ultralytics to compare with")
    from services.bench import compare, made_up_clip, read_clip

    film = (
        read_clip(clip)
        if clip
        else made_up_clip(lambda items, total, what: progress(items, total, what, "frame"))
    )
    report = compare(film, weights, fps)
    if as_json:
        print_json(report)
        return
    for name in ("fittingroom", "ultralytics_loop"):
        for figure, value in report[name].items():
            click.echo(f"{name.replace('_', ' ')}: {figure.replace('_', ' ')} {value}")
    click.echo(f"ratio {report['ratio']}")
    click.echo(
        f"{report['cameras']} cameras at {fps:g} frames a second on {report['cores']} cores, "
        "all as busy as the clip"
    )
