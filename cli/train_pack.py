"""`fittingroom train pack` and `unpack`: train on another machine."""

from __future__ import annotations

from pathlib import Path

import click

from cli.common import say
from cli.train_options import (
    data_option,
    name_option,
    shops_option,
    site_option,
    validation_scenes_option,
)
from common.site import SiteFolder, read_settings
from models.errors import ModelError
from services.site_models import add_detector, check_new_name


def export_detector_to(
    checkpoint: Path, data: Path, run: Path, validation: int, site: SiteFolder | None, name: str
) -> None:
    """Export a detector's checkpoint, with thresholds fitted on scenes.

    Args:
        checkpoint: The training's `detector.pt`.
        data: Data folder.
        run: Output folder.
        validation: Scenes that the thresholds are fitted on.
        site: Site that gets the result; None for none.
        name: The detector's name in the site.
    """
    from models.training.detector.dataset import validation_scenes
    from models.training.detector.export import export_detector

    scenes = validation_scenes(data, run, validation, 0)
    say(f"Exported to {export_detector(checkpoint, data, run, scenes)}.")
    if site is not None:
        add_detector(site, name, run)
        say(f"Try it on a recording, then: fittingroom model use {name}")
        say(f"To go back: fittingroom model use {site.settings.vision.detector}")


def read_target(site: Path | None, name: str) -> SiteFolder | None:
    """Read the site that gets a detector, before a long training; None for none.

    Raises:
        SettingsError: The folder is no site.
        ModelError: The site cannot take a detector of this name.
    """
    if site is None:
        return None
    target = SiteFolder(site, read_settings(site))
    check_new_name(target, name)
    return target


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
@site_option
@name_option
@validation_scenes_option
def unpack(folder: Path, data: Path, site: Path | None, name: str, validation: int) -> None:
    """Export and measure the checkpoints that a packed training wrote to FOLDER."""
    detector, embedder = folder / "detector.pt", folder / "embedder.pt"
    target = read_target(site, name)
    if not detector.is_file() and not embedder.is_file():
        raise ModelError(f"{folder}: contains neither detector.pt nor embedder.pt.")
    if detector.is_file():
        export_detector_to(detector, data, folder / "detector", validation, target, name)
    if embedder.is_file():
        from models.training.embedder.export import export_embedder

        say(f"Exported to {export_embedder(embedder, data, folder / 'embedder')}.")
