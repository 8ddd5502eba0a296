"""Shared by the calibration commands: frames from a camera or a recording, options."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from calibration import Camera, CameraError
from calibration.drift import background
from cli.common import say
from services.watching.watcher import source_of
from store import Site
from vision.drift import EVERY_S, PICTURES
from vision.frame import Frame
from vision.mask import PrivacyMask
from vision.sources.live import LiveSource
from vision.sources.protocol import is_live
from vision.sources.recorded import read_file

_PATIENCE_S = 20.0
#: How long frames of a camera are searched for boards and sheets.
_WATCHED_S = 60.0

#: Adds `--clip FILE`.
clip_option = click.option(
    "--clip", type=click.Path(path_type=Path), help="Use a video instead of the camera."
)


def today() -> str:
    """Return today's ISO date."""
    return datetime.now().date().isoformat()


def read_json(text: str, option: str) -> Any:
    """Parse an option's JSON.

    Raises:
        CameraError: It is not JSON.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise CameraError(f"{option}: not JSON ({error}).") from error


def frames_of(site: Site, camera: Camera, clip: Path | None, every_s: float) -> Iterator[Frame]:
    """Yield masked frames at least `every_s` apart: of a whole file, or of a camera for a minute.

    Raises:
        CameraError: The camera gives no picture.
        VisionError: The file is missing or no video.
    """
    source, mask = str(clip) if clip else source_of(site, camera), PrivacyMask(camera)
    frames = (
        _live(source, camera.name, every_s) if is_live(source) else _file(source, camera, every_s)
    )
    return (mask.apply(frame) for frame in frames)


def _file(source: str, camera: Camera, every_s: float) -> Iterator[Frame]:
    due = 0.0
    for frame in read_file(source, camera.name):
        if frame.time + 1e-6 >= due:
            due = frame.time + every_s
            yield frame


def _live(source: str, name: str, every_s: float, enough_s: float = _WATCHED_S) -> Iterator[Frame]:
    live = LiveSource(source, name, loop=False)
    live.start()
    until = time.monotonic() + enough_s
    try:
        for item in live.frames(1 / max(every_s, 0.05)):
            if isinstance(item, Frame):
                yield item
            elif live.problem and time.monotonic() > until - enough_s + _PATIENCE_S:
                raise CameraError(f"{name}: no frame arrived ({live.problem}).")
            if time.monotonic() > until:
                return
    finally:
        live.stop()


def background_of(site: Site, camera: Camera, clip: Path | None) -> np.ndarray:
    """Compute the masked background from frames far enough apart for people to walk on.

    Raises:
        CameraError: The camera gives too few frames.
        VisionError: The file is missing or no video.
    """
    source, name = str(clip) if clip else source_of(site, camera), camera.name
    gather: Callable[[str, str], list[Frame]] = _over_time if is_live(source) else _spread
    mask = PrivacyMask(camera)
    return background([mask.apply(frame).image for frame in gather(source, name)])


def _spread(path: str, camera: str) -> list[Frame]:
    kept: list[Frame] = []
    step = 1
    # The length in a file's header is often wrong: keep more than enough, and thin out.
    for count, frame in enumerate(read_file(path, camera)):
        if count % step == 0:
            kept.append(replace(frame, image=frame.image.copy()))
        if len(kept) == 4 * PICTURES:
            kept, step = kept[::2], 2 * step
    return kept


def _over_time(source: str, name: str) -> list[Frame]:
    seconds = PICTURES * EVERY_S
    say(f"Recording the background for {seconds:.0f} s. People may walk by, but not stand still.")
    kept: list[Frame] = []
    for frame in _live(source, name, EVERY_S, seconds + _PATIENCE_S):
        kept.append(frame)
        if len(kept) == PICTURES:
            return kept
    raise CameraError(f"{name}: too few frames arrived.")
