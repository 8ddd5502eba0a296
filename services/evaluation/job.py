"""The parameters of an evaluation, and the mistakes that its report shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from common.image import Image
from models.training.data import HOLD_OUT
from services.bench import Progress


@dataclass(frozen=True)
class Mistake:
    """A picture of a wrong result."""

    part: str
    text: str
    image: Image


@dataclass(frozen=True)
class Job:
    """The parameters of an evaluation.

    Attributes:
        data: Data folder (layout in `models.training.data`).
        out: Folder for the report and for cached results.
        scenes: Number of scenes for the detector.
        queries: Number of query garments.
        clips: Number of clips of each situation, and of refills of each empty-handed person in
            films.
        progress: Wraps long loops.
        people: Data folder of the people in query images, and of the weights of the baseline;
            `data` where it is None.
        one_in: One style in this many was held out of the embedder's training: ten of the
            first shop's, two of the others' (`models.training.embedder.recipe.shops_of`).
        articles: Size of the gallery, held-out garments first; None for all.
        films: Further films in which people are counted.
        weights: Folder of the weights to measure; the shipped ones where it is None.
        save_stock: Write the fitted prior by the stock into the manifest in `weights`.
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
    save_stock: bool = False
