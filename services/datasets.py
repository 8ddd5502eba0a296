"""Data sets of a site: what its detector found, exported, and corrected by people.

A data set lies in `datasets/NAME/` of the site (`models.corrections`), with a record of what it was
made from, who consented, and when it is deleted.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from common.files import write_whole
from common.site import FOLDER_NAME, SiteFolder
from models.coco import BoxedPicture, read_coco, write_coco
from models.corrections import (
    CORRECTED,
    FOUND,
    CorrectedPicture,
    match_names,
    read_corrected,
    rename,
)
from models.errors import ModelError

_RECORD: Final = "dataset.json"
_DAY_S: Final = 86400.0
#: An export that has not ended after this long has broken off.
_BROKEN_OFF_S: Final = _DAY_S


@dataclass(frozen=True)
class Dataset:
    """The record of a data set.

    Attributes:
        name: Its name in the site.
        camera: The camera that the clip is of.
        clip: The clip's name.
        pictures: Whether there are pictures.
        consent: Who consented to what; empty without pictures.
        by: Who recorded the film; empty without pictures.
        created: Seconds since the epoch.
        expires: When it is deleted, seconds since the epoch; None without pictures.
    """

    name: str
    camera: str
    clip: str
    pictures: bool
    consent: str
    by: str
    created: float
    expires: float | None


@dataclass(frozen=True)
class Corrections:
    """How a corrected file differs from what the detector had found."""

    pictures: int
    boxes: int
    added: int
    removed: int
    for_training: int
    held_out: int


def datasets_folder(site: SiteFolder) -> Path:
    """Return the folder of a site's data sets."""
    return site.folder / "datasets"


def list_datasets(site: SiteFolder) -> list[Dataset]:
    """List the data sets of a site by name."""
    return [record for _, record in _records(site) if record is not None]


def find_dataset(site: SiteFolder, name: str) -> Path:
    """Return the folder of a data set.

    Raises:
        ModelError: There is none of this name.
    """
    names = [record.name for record in list_datasets(site)]
    if name not in names:
        known = ", ".join(names) or "none"
        raise ModelError(f"no data set {name!r}; known: {known}.")
    return datasets_folder(site) / name


def check_new_dataset(site: SiteFolder, name: str) -> None:
    """Check that a new data set may have this name.

    Raises:
        ModelError: The name is not allowed, or taken.
    """
    if not FOLDER_NAME.fullmatch(name) or (datasets_folder(site) / name).exists():
        raise ModelError(f"{name!r} is taken or not of a-z, 0-9, - and _.")


def save_record(folder: Path, record: Dataset) -> None:
    """Write the record of a data set into its folder."""
    write_whole(folder / _RECORD, json.dumps(asdict(record), indent=2, ensure_ascii=False) + "\n")


def _records(site: SiteFolder) -> Iterator[tuple[Path, Dataset | None]]:
    """Yield folders with their records; None for one that is missing or broken."""
    for folder in sorted(datasets_folder(site).glob("[!.]*/")):
        try:
            yield folder, Dataset(**json.loads((folder / _RECORD).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            yield folder, None


def import_corrections(
    site: SiteFolder, name: str, file: Path, named: Mapping[str, str] | None = None
) -> Corrections:
    """Import the corrected boxes of a data set, whole or not at all; earlier ones are replaced.

    Args:
        site: The site.
        name: The data set.
        file: COCO, as CVAT or Label Studio exports it.
        named: Our class for some of its categories.

    Raises:
        ModelError: There is no such data set, or the file does not fit it.
    """
    folder = find_dataset(site, name)
    before = read_coco(folder / FOUND)
    found = read_coco(file, named)
    matched = rename(found, match_names(found, [one.file for one in before], str(file)))
    sizes = {one.file: (one.width, one.height) for one in before}
    for one in matched:
        if (one.width, one.height) != sizes[one.file]:
            width, height = sizes[one.file]
            raise ModelError(
                f"{file}: the picture {one.file!r} is {one.width}×{one.height}, and was exported "
                f"as {width}×{height}. Correct the pictures in the size that they have."
            )
    write_coco(folder / CORRECTED, matched, {"description": f"corrected: {name}"})
    theirs = {one.file: _rounded(one) for one in matched}
    ours = {one.file: _rounded(one) for one in before}
    pictures = read_corrected(folder) if _has_pictures(folder) else []
    return Corrections(
        len(matched),
        sum(len(one.boxes) for one in matched),
        sum(len(boxes - ours[file]) for file, boxes in theirs.items()),
        sum(len(ours[file] - boxes) for file, boxes in theirs.items()),
        sum(not one.held_out for one in pictures),
        sum(one.held_out for one in pictures),
    )


def _rounded(one: BoxedPicture) -> set[tuple[float, ...]]:
    """Return boxes with their classes, to the pixel."""
    return {tuple(row) for row in np.column_stack([np.round(one.boxes), one.classes]).tolist()}


def _has_pictures(folder: Path) -> bool:
    return bool(json.loads((folder / _RECORD).read_text(encoding="utf-8"))["pictures"])


def corrected_pictures(site: SiteFolder) -> list[CorrectedPicture]:
    """Read the corrected pictures of all data sets of a site.

    Raises:
        ModelError: A file of a data set is missing or broken.
    """
    folders = [datasets_folder(site) / one.name for one in list_datasets(site) if one.pictures]
    return [
        picture
        for folder in folders
        if (folder / CORRECTED).is_file()
        for picture in read_corrected(folder)
    ]


def remove_dataset(site: SiteFolder, name: str) -> None:
    """Delete a data set with its pictures.

    Raises:
        ModelError: There is none of this name.
    """
    shutil.rmtree(find_dataset(site, name))


def purge_datasets(site: SiteFolder, now: float) -> int:
    """Delete data sets that have expired, and what an export that broke off has left.

    A data set whose record is missing or broken may hold pictures, so it expires as one with
    pictures does.

    Returns:
        How many were deleted.
    """
    unrecorded = now - site.settings.privacy.training_days * _DAY_S
    gone = [
        folder
        for folder, record in _records(site)
        if (record is None and folder.stat().st_mtime <= unrecorded)
        or (record is not None and record.expires is not None and record.expires <= now)
    ]
    left = [
        folder
        for folder in datasets_folder(site).glob(".new-*/")
        if folder.stat().st_mtime < now - _BROKEN_OFF_S
    ]
    for folder in (*gone, *left):
        shutil.rmtree(folder)
    return len(gone)
