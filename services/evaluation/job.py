"""What every part of an evaluation is given, and what it may leave for the report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from common.image import Image
from models.training.data import HOLD_OUT
from services.bench import Progress


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
        data: Data folder (layout in `models.training.data`).
        out: Folder for the report and for what is worth keeping between runs.
        scenes: How many scenes the detector sees.
        queries: How many garments are looked for.
        clips: How many clips are filmed of each situation, and how often the hands of each
            filmed person who carries nothing are filled.
        progress: Wraps what takes long.
        people: Data folder of the people behind the garments that are looked for, and of the
            weights of the baseline; `data` where it is None.
        one_in: One style in this many was held out of the embedder's training: ten of the
            first shop's, two of the others' (`models.training.embedder.recipe.shops_of`).
        articles: How many articles the gallery has, held-out garments first; None for all.
        films: Further films in which people are counted.
        weights: Folder of the weights to measure; the shipped ones where it is None.
    """

    data: Path
    out: Path
    scenes: int
    queries: int
    clips: int
    progress: Progress
    people: Path | None = None
    one_in: int = HOLD_OUT
    articles: int | None = None
    weights: Path | None = None
    films: tuple[Path, ...] = ()
