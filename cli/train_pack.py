"""`fittingroom train pack` and `unpack`: train on another machine."""

from __future__ import annotations

from pathlib import Path

import click

from cli.common import say
from cli.train_options import data_option, install_option, shops_option, validation_scenes_option
from models.errors import ModelError


def export_detector_to(
    checkpoint: Path, data: Path, run: Path, validation: int, install: bool
) -> None:
    """Export a detector's checkpoint, with thresholds fitted on scenes.

    Args:
        checkpoint: The training's `detector.pt`.
        data: Data folder.
        run: Output folder.
        validation: Scenes that the thresholds are fitted on.
        install: Install the result in `models/weights/`.
    """
    from models.training.detector.dataset import validation_scenes
    from models.training.detector.export import export_detector

    scenes = validation_scenes(data, run, validation, 0)
    say(f"Exported to {export_detector(checkpoint, data, run, scenes, install)}.")


@click.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@shops_option
@click.option(
    "--photos",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of the garment photos to include.",
)
def pack(out: Path, data: tuple[Path, ...], photos: float) -> None:
    """Pack a training for a machine that has only PyTorch, NumPy, OpenCV and Pillow."""
    from models.training.pack import pack_training

    for part in pack_training(data, out, photos):
        say(f"{part}: {part.stat().st_size / 1e6:.0f} MB")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@data_option
@install_option
@validation_scenes_option
def unpack(folder: Path, data: Path, install: bool, validation: int) -> None:
    """Export and measure the checkpoints that a packed training wrote to FOLDER."""
    detector, embedder = folder / "detector.pt", folder / "embedder.pt"
    if not detector.is_file() and not embedder.is_file():
        raise ModelError(f"{folder}: contains neither detector.pt nor embedder.pt.")
    if detector.is_file():
        export_detector_to(detector, data, folder / "detector", validation, install)
    if embedder.is_file():
        from models.training.embedder.export import export_embedder

        say(f"Exported to {export_embedder(embedder, data, folder / 'embedder', install)}.")
