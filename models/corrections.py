"""Pictures of a site with boxes that people corrected: the folder, and how it is split.

A data set lies in one folder:

    images/                               pictures, if there are any
    annotations/instances_default.json    what the detector found in them
    corrected.json                        the same after people corrected it

Neighbouring pictures of one film resemble each other, so whole half minutes are held out of the
training, one in five; of a clip of less than a minute, five seconds at a time.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.coco import BoxedPicture, read_coco
from models.errors import ModelError

FOUND: Final = Path("annotations") / "instances_default.json"
CORRECTED: Final = "corrected.json"
IMAGES: Final = "images"
#: One half minute in this many is held out.
_ONE_IN: Final = 5
_BLOCK_S, _SHORT_BLOCK_S = 30, 5
#: The time in a picture's name, in milliseconds, as `picture_name` writes it.
_NAME: Final = re.compile(r"-(\d{9})\.jpg$")


@dataclass(frozen=True)
class CorrectedPicture:
    """A corrected picture: its file, its boxes, and whether no training may see it."""

    path: Path
    boxed: BoxedPicture
    held_out: bool


def picture_name(clip: str, time: float) -> str:
    """Return the file name of a clip's picture at a time in seconds."""
    return f"{clip}-{round(1000 * time):09d}.jpg"


def match_names(found: Sequence[BoxedPicture], known: Sequence[str], what: str) -> list[str]:
    """Find the exported picture that each picture of a corrected file is.

    Label Studio puts a random prefix and a hyphen before the name.

    Args:
        found: Pictures of the corrected file.
        known: Names of the exported pictures.
        what: The corrected file, for messages.

    Raises:
        ModelError: A picture is not of this data set, or there twice.
    """
    names = set(known)
    matched = [one.file if one.file in names else one.file.partition("-")[2] for one in found]
    for one, name in zip(found, matched, strict=True):
        if name not in names:
            raise ModelError(
                f"{what}: the picture {one.file!r} is not of this data set. Keep the names of the "
                "pictures, or name the data set that it was exported from."
            )
    if twice := sorted({name for name in matched if matched.count(name) > 1}):
        raise ModelError(f"{what}: the picture {twice[0]!r} is there twice.")
    return matched


def rename(found: Sequence[BoxedPicture], names: Sequence[str]) -> list[BoxedPicture]:
    """Return pictures under other names."""
    return [replace(one, file=name) for one, name in zip(found, names, strict=True)]


def read_corrected(folder: Path) -> list[CorrectedPicture]:
    """Read the corrected pictures of a data set.

    Raises:
        ModelError: Nothing was imported, or a picture is missing.
    """
    if not (folder / CORRECTED).is_file():
        raise ModelError(
            f"{folder}: no corrected boxes are here. Import them with: fittingroom dataset import."
        )
    boxed = read_coco(folder / CORRECTED)
    held_out = hold_out(blocks_of([one.file for one in boxed]))
    pictures = [
        CorrectedPicture(folder / IMAGES / one.file, one, one.file in held_out) for one in boxed
    ]
    if missing := [one.path for one in pictures if not one.path.is_file()]:
        raise ModelError(
            f"{missing[0]}: the picture is missing. A data set without pictures cannot be trained "
            "from: export a film that was recorded with consent."
        )
    return pictures


def read_for_training(folder: Path) -> list[tuple[Path, NDArray[np.float32]]]:
    """Read the corrected pictures that a training may see.

    Returns:
        Each picture's path, and float32 N×5: the number of the class, then x1, y1, x2, y2 in
        pixels.

    Raises:
        ModelError: Nothing was imported, or a picture is missing.
    """
    return [
        (one.path, np.column_stack([one.boxed.classes, one.boxed.boxes]).astype(np.float32))
        for one in read_corrected(folder)
        if not one.held_out
    ]


def hold_out(blocks: Mapping[str, str]) -> set[str]:
    """Choose the pictures of one block in five, one block at least if there are several.

    Args:
        blocks: Each picture's block.
    """
    order = sorted(set(blocks.values()), key=lambda one: hashlib.sha256(one.encode()).hexdigest())
    count = math.ceil(len(order) / _ONE_IN) if len(order) > 1 else 0
    chosen = set(order[:count])
    return {name for name, block in blocks.items() if block in chosen}


def blocks_of(names: Sequence[str]) -> dict[str, str]:
    """Return the part of its clip that each picture is of, by the time in its name."""
    times = {name: int(found[1]) / 1000 for name in names if (found := _NAME.search(name))}
    span = max(times.values(), default=0.0) - min(times.values(), default=0.0)
    length = _BLOCK_S if span >= 2 * _BLOCK_S else _SHORT_BLOCK_S
    return {
        name: f"{name.rpartition('-')[0]}/{int(times[name] // length)}" if name in times else name
        for name in names
    }
