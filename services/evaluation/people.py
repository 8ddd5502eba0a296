"""Measure whether people are still seen, beside COCO's own detector."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from common.image import Image
from models.detectors.registry import open_detector
from models.simulation.cutout import read_image
from models.training.data import people_paths
from models.training.detector.people import Reference, compare_people
from services.evaluation.job import Job, Mistake
from vision.sources.recorded import read_file

#: Two pictures of a film are at least this far apart, in seconds.
_EVERY_S: Final = 1.5


def measure_people(job: Job, mistakes: list[Mistake]) -> dict[str, Any]:
    """Compare people on held-out photos, and in every film that the job names.

    Raises:
        ModelError: Photos or COCO's weights are missing.
        VisionError: A film cannot be read.
    """
    detector, reference = open_detector(), Reference(job.data)
    photos = people_paths(job.data, validation=True)
    sources: dict[str, Iterator[Image]] = {
        "photos": (read_image(path) for path in job.progress(photos, len(photos), "photos"))
    }
    sources |= {film.stem: pictures_of(film) for film in job.films}
    report: dict[str, Any] = {}
    for name, pictures in sources.items():
        findings = compare_people(detector, reference, pictures)
        report[name] = findings.figures()
        for missed, image in findings.missed:
            mistakes.append(Mistake("people", f"{name}: {missed} not seen", image))
    return report


def pictures_of(film: Path) -> Iterator[Image]:
    """Yield a picture of a film every second and a half.

    Raises:
        VisionError: It cannot be read.
    """
    due = itertools.count(0.0, _EVERY_S)
    wanted = next(due)
    for frame in read_file(str(film), film.stem):
        if frame.time >= wanted:
            yield frame.image
            while wanted <= frame.time:
                wanted = next(due)
