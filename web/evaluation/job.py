"""What every part of an evaluation is given, and what it may leave for the report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models.scenes.cutout import Image
from web.bench import Progress


@dataclass(frozen=True)
class Mistake:
    """A picture of something that went wrong."""

    part: str
    text: str
    image: Image


@dataclass(frozen=True)
class Job:
    """What to measure on.

    Attributes:
        data: Data folder (layout in `models.data`).
        out: Folder for the report and for what is worth keeping between runs.
        scenes: How many scenes the detector sees.
        queries: How many garments are looked for.
        clips: How many clips are filmed of each situation, and how often the hands of each
            filmed person who carries nothing are filled.
        progress: Wraps what takes long.
    """

    data: Path
    out: Path
    scenes: int
    queries: int
    clips: int
    progress: Progress
