"""Options that several commands of `fittingroom train` have."""

from __future__ import annotations

from pathlib import Path

import click

data_option = click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help="Data folder; its layout is in docs/how-to/training.md.",
)
run_option = click.option(
    "--run",
    type=click.Path(path_type=Path),
    default=None,
    help="Folder for checkpoints (default: runs/NAME).",
)
seed_option = click.option("--seed", default=0, show_default=True)
resume_option = click.option(
    "--resume/--fresh", default=True, help="Resume from the last checkpoint."
)
shops_option = click.option(
    "--data",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    help="Data folder (docs/how-to/training.md); repeat for several shops.",
)
minutes_option = click.option(
    "--minutes",
    default=None,
    type=click.FloatRange(0, min_open=True),
    help="Time limit of the training, preparation included.",
)
device_option = click.option(
    "--device", default="auto", show_default=True, help="auto, cuda or cpu."
)
workers_option = click.option(
    "--workers", default=None, type=click.IntRange(1), help="Rendering processes."
)
validation_scenes_option = click.option(
    "--validation-scenes",
    "validation",
    default=1000,
    show_default=True,
    type=click.IntRange(1),
    help="Scenes that the detector's thresholds are fitted on.",
)
start_option = click.option(
    "--start",
    type=click.Path(path_type=Path),
    default=None,
    help="Exported weights (ONNX) to start from, instead of the pretrained ones.",
)
site_option = click.option(
    "--site",
    "site",
    type=click.Path(path_type=Path),
    default=None,
    help="Site that gets the detector; `fittingroom model use NAME` then uses it.",
)
name_option = click.option(
    "--name", default="trained", show_default=True, help="The detector's name in --site."
)
