"""`fittingroom calibrate`: whether a camera still is as it was set up."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, replace
from pathlib import Path

import click
import numpy as np

from calibration import Camera, CameraError, load_camera
from calibration.drift import (
    background,
    compare,
    load_reference,
    make_reference,
    save_reference,
)
from store import Site
from vision.drift import EVERY_S, PICTURES
from vision.frame import Frame
from vision.mask import Blanker
from vision.source import LiveSource, is_live, read_file
from vision.watcher import source_of
from web.cli.common import print_json, say, site_option

_PATIENCE_S = 20.0


@click.group()
def calibrate() -> None:
    """Notice when a camera is not as it was set up."""


@calibrate.command()
@click.argument("name")
@site_option
@click.option("--clip", type=click.Path(path_type=Path), help="A recording instead of the camera.")
def reference(site: Site, name: str, clip: Path | None) -> None:
    """Take what the camera sees now as what it should see; a running watcher goes by it."""
    camera = load_camera(site.folder, name)
    path = save_reference(site.folder, name, make_reference(_background(site, camera, clip)))
    say(f"Wrote {path}. It holds no picture.")


@calibrate.command()
@click.argument("name")
@site_option
@click.option("--clip", type=click.Path(path_type=Path), help="A recording instead of the camera.")
def check(site: Site, name: str, clip: Path | None) -> None:
    """Compare what the camera sees with its reference; prints JSON, exit code 1 if it drifted."""
    camera = load_camera(site.folder, name)
    known = load_reference(site.folder, name)
    if known is None:
        raise CameraError(f"{name}: no reference yet; run: fittingroom calibrate reference {name}")
    found = compare(known, _background(site, camera, clip))
    shift = round(found.shift, 4) if math.isfinite(found.shift) else None
    told = {**asdict(found), "shift": shift}
    print_json({"camera": name, **told})
    if found.problem:
        raise click.exceptions.Exit(1)


def _background(site: Site, camera: Camera, clip: Path | None) -> np.ndarray:
    """Take pictures behind the masks, far enough apart for people to walk on."""
    source, name = str(clip) if clip else source_of(site, camera), camera.name
    frames = _live(source, name) if is_live(source) else _spread(source, name)
    blanker = Blanker(camera)
    return background([blanker.blank(frame).image for frame in frames])


def _spread(path: str, camera: str) -> list[Frame]:
    kept: list[Frame] = []
    step = 1
    # The length that a file tells is often wrong: take more than enough, thinning as it goes on.
    for count, frame in enumerate(read_file(path, camera)):
        if count % step == 0:
            kept.append(replace(frame, image=frame.image.copy()))
        if len(kept) == 4 * PICTURES:
            kept, step = kept[::2], 2 * step
    return kept


def _live(source: str, camera: str) -> list[Frame]:
    say(f"Watching for {PICTURES * EVERY_S:.0f} s; people may walk by, but should not stand still.")
    live = LiveSource(source, camera, loop=False)
    live.start()
    kept: list[Frame] = []
    until = time.monotonic() + PICTURES * EVERY_S + _PATIENCE_S
    try:
        for item in live.frames(1 / EVERY_S):
            if isinstance(item, Frame):
                kept.append(item)
            if len(kept) == PICTURES or time.monotonic() > until:
                break
    finally:
        live.stop()
    if len(kept) < PICTURES:
        raise CameraError(f"{camera}: no picture ({live.problem or 'too few came'}).")
    return kept
