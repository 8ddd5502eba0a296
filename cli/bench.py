"""`fittingroom bench`: how many cameras this machine can process."""

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
    help="A video, with NAME.truth.json next to it if available (default: a synthetic clip).",
)
@click.option(
    "--weights",
    type=click.Path(path_type=Path),
    default=None,
    help="COCO weights (yolo11n-coco.safetensors) for the baseline.",
)
@click.option("--fps", default=10.0, show_default=True, type=click.FloatRange(0.1, 60),
              help="Frames per second processed of each camera.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench(clip: Path | None, weights: Path | None, fps: float, as_json: bool) -> None:
    """Measure the pipeline against Ultralytics' tracking loop; count the cameras it can process."""
    require_training_extra("The baseline (Ultralytics' tracking loop)")
    from services.bench import compare, read_clip, synthetic_clip

    frames = (
        read_clip(clip)
        if clip
        else synthetic_clip(lambda items, total, what: progress(items, total, what, "frame"))
    )
    report = compare(frames, weights, fps)
    if as_json:
        print_json(report)
        return
    for name in ("fittingroom", "ultralytics_loop"):
        for figure, value in report[name].items():
            click.echo(f"{name.replace('_', ' ')}: {figure.replace('_', ' ')} {value}")
    click.echo(f"ratio {report['ratio']}")
    click.echo(
        f"{report['cameras']} cameras at {fps:g} frames per second on {report['cores']} cores, "
        "all as busy as the clip"
    )
