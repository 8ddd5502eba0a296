"""Masked video that is recorded with consent and deleted after a set time."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

import cv2
import numpy as np

from calibration import Camera
from vision.errors import VisionError
from vision.frame import Frame

#: Longest retention of a film, hours.
MOST_HOURS: Final = 72.0


@dataclass(frozen=True)
class Film:
    """The record of a film, stored next to it.

    Attributes:
        camera: The camera's name.
        consent: Who consented to what, as free text.
        by: Who records.
        started, expires: Seconds since the epoch.
    """

    camera: str
    consent: str
    by: str
    started: float
    expires: float


class FilmWriter:
    """Writes a camera's masked frames; a context manager."""

    def __init__(self, folder: Path, camera: Camera, rate: float, film: Film) -> None:
        """Prepare; the record is written into the folder before the first frame.

        Raises:
            VisionError: The masks are not confirmed, the consent is missing, or the retention is
                too long.
        """
        if reason := camera.confirmation_problem:
            raise VisionError(
                f"{camera.name}: video is not allowed before its masks are confirmed ({reason})."
            )
        if not film.consent.strip() or not film.by.strip():
            raise VisionError("give the consent to be filmed (--consent) and who records (--by).")
        if film.expires - film.started > MOST_HOURS * 3600:
            raise VisionError(f"a film may be kept for {MOST_HOURS:.0f} hours at most.")
        self.path = folder / f"{camera.name}-{film.started:.0f}.mp4"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            record = json.dumps(asdict(film), indent=2, ensure_ascii=False)
            _record(self.path).write_text(record + "\n", encoding="utf-8")
        except OSError as error:
            raise VisionError(f"{folder}: cannot be written ({error.strerror}).") from error
        self._camera, self._rate = camera, rate
        self._size = (0, 0)
        self._writer: cv2.VideoWriter | None = None
        self.frames = 0

    def __enter__(self) -> FilmWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        if self._writer is not None:
            self._writer.release()
        else:  # no frame arrived: there is no film
            _record(self.path).unlink(missing_ok=True)

    def write(self, frame: Frame) -> None:
        """Write a masked frame; one of another resolution is scaled to that of the first.

        Raises:
            ShapeError: It has another shape than the one that the masks were confirmed for.
        """
        height, width = frame.image.shape[:2]
        self._camera.check_shape(width, height)
        if self._writer is None:
            code = cv2.VideoWriter.fourcc(*"mp4v")
            self._size = (width, height)
            self._writer = cv2.VideoWriter(str(self.path), code, self._rate, self._size)
        image = frame.image
        if (width, height) != self._size:  # the writer silently drops frames of another size
            image = np.asarray(cv2.resize(image, self._size), np.uint8)
        self._writer.write(np.ascontiguousarray(image))
        self.frames += 1


def _record(path: Path) -> Path:
    return path.with_suffix(".film.json")


def films(folder: Path) -> Iterator[tuple[Path, Film | None]]:
    """List a folder's films with their records; None for one whose record is missing or broken."""
    for path in sorted(folder.glob("*.mp4")):
        try:
            yield path, Film(**json.loads(_record(path).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            yield path, None


def purge_films(folder: Path, now: float, overdue: Collection[Path] = ()) -> int:
    """Delete expired films, and those without a record; returns how many.

    Args:
        folder: The folder of films.
        now: Seconds since the epoch.
        overdue: Films that have expired although the wall clock was set back.
    """
    gone = [
        path
        for path, film in films(folder)
        if film is None or film.expires <= now or path in overdue
    ]
    for path in gone:
        for file in (path, _record(path)):
            if file.exists():
                os.unlink(file)
    return len(gone)
