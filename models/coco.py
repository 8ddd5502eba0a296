"""Boxes of people and garments in pictures, as a COCO file that CVAT and Label Studio exchange."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from common.files import write_whole
from models.errors import ModelError
from models.taxonomy import DETECTOR_CLASSES

#: A box may end this far outside its picture, pixels: tools round.
_OUTSIDE_PX: Final = 2.0


@dataclass(frozen=True)
class BoxedPicture:
    """A picture and the boxes in it.

    Attributes:
        file: Name of its file, without folders.
        width, height: In pixels.
        boxes: float32 N×4 (x1, y1, x2, y2) in pixels.
        classes: int N, indices into `DETECTOR_CLASSES`.
        scores: float32 N of a detector; empty where people drew the boxes.
    """

    file: str
    width: int
    height: int
    boxes: NDArray[np.float32]
    classes: NDArray[np.int64]
    scores: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Image(_Lenient):
    id: int
    file_name: str
    width: Annotated[int, Field(gt=0)]
    height: Annotated[int, Field(gt=0)]


class _Category(_Lenient):
    id: int
    name: str


class _Annotation(_Lenient):
    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]


class _Coco(_Lenient):
    images: Annotated[tuple[_Image, ...], Field(min_length=1)]
    categories: Annotated[tuple[_Category, ...], Field(min_length=1)]
    annotations: tuple[_Annotation, ...]


def write_coco(path: Path, pictures: Sequence[BoxedPicture], info: Mapping[str, Any]) -> None:
    """Write a COCO file with the detector's classes as categories, numbered from 1.

    Args:
        path: The file; its folder exists.
        pictures: Pictures with boxes.
        info: The section `info`.

    Raises:
        ModelError: It cannot be written.
    """
    annotations = [
        _annotation(number, picture, row)
        for number, picture in enumerate(pictures, 1)
        for row in range(len(picture.boxes))
    ]
    document = {
        "info": dict(info),
        "licenses": [],
        "categories": [
            {"id": number, "name": name, "supercategory": ""}
            for number, name in enumerate(DETECTOR_CLASSES, 1)
        ],
        "images": [
            {"id": number, "file_name": one.file, "width": one.width, "height": one.height}
            for number, one in enumerate(pictures, 1)
        ],
        "annotations": [{"id": n, **entry} for n, entry in enumerate(annotations, 1)],
    }
    try:
        write_whole(path, json.dumps(document) + "\n")
    except OSError as error:
        raise ModelError(f"{path}: cannot be written ({error.strerror}).") from error


def _annotation(image: int, picture: BoxedPicture, row: int) -> dict[str, Any]:
    left, top, right, bottom = (round(float(side), 1) for side in picture.boxes[row])
    width, height = round(right - left, 1), round(bottom - top, 1)
    scored = {"score": round(float(picture.scores[row]), 4)} if len(picture.scores) else {}
    return {
        "image_id": image,
        "category_id": int(picture.classes[row]) + 1,
        "bbox": [left, top, width, height],
        "area": round(width * height, 1),
        "segmentation": [],
        "iscrowd": 0,
        **scored,
    }


def read_coco(path: Path, named: Mapping[str, str] | None = None) -> list[BoxedPicture]:
    """Read a COCO file of boxes, whatever numbers it gives to pictures and categories.

    Args:
        path: The file.
        named: Our class for some of its categories; equal names need none.

    Returns:
        Its pictures in their order, those without a box as well.

    Raises:
        ModelError: It cannot be read; the message names the first entry that is wrong.
    """
    coco = _parse(path)
    class_of = _map_categories(path, coco, named or {})
    images = {image.id: image for image in coco.images}
    if len(images) < len(coco.images):
        raise ModelError(f"{path}: two pictures have the same id.")
    boxes: dict[int, list[tuple[float, ...]]] = {number: [] for number in images}
    classes: dict[int, list[int]] = {number: [] for number in images}
    for number, entry in enumerate(coco.annotations):
        if entry.image_id not in images:
            raise ModelError(
                f"{path}: annotations.{number}.image_id: there is no picture {entry.image_id}."
            )
        if entry.category_id not in class_of:
            raise ModelError(
                f"{path}: annotations.{number}.category_id: there is no category "
                f"{entry.category_id}."
            )
        box = _corners(entry, images[entry.image_id], f"{path}: annotations.{number}.bbox")
        boxes[entry.image_id].append(box)
        classes[entry.image_id].append(class_of[entry.category_id])
    return [
        BoxedPicture(
            PurePosixPath(image.file_name.replace("\\", "/")).name,
            image.width,
            image.height,
            np.array(boxes[image.id], np.float32).reshape(-1, 4),
            np.array(classes[image.id], np.int64),
        )
        for image in coco.images
    ]


def _parse(path: Path) -> _Coco:
    try:
        return _Coco.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}).") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        where = f"{path}: {key}: " if key else f"{path}: "
        raise ModelError(
            f"{where}{first['msg']}. Export the boxes as COCO: in CVAT as COCO 1.0, in Label "
            "Studio as COCO."
        ) from error


def _map_categories(path: Path, coco: _Coco, named: Mapping[str, str]) -> dict[int, int]:
    """Map the file's categories to our classes; one without a box needs no class of ours."""
    theirs = {category.id: category.name for category in coco.categories}
    if unknown := sorted(set(named) - set(theirs.values())):
        raise ModelError(
            f"{path}: has no category {unknown[0]!r}; it has: {', '.join(theirs.values())}."
        )
    if wrong := sorted(set(named.values()) - set(DETECTOR_CLASSES)):
        raise ModelError(f"{wrong[0]!r} is no class; classes are: {', '.join(DETECTOR_CLASSES)}.")
    used = {entry.category_id for entry in coco.annotations}
    found = {}
    for number, name in theirs.items():
        ours = named.get(name, name)
        if ours in DETECTOR_CLASSES:
            found[number] = DETECTOR_CLASSES.index(ours)
        elif number in used:
            raise ModelError(
                f"{path}: category {name!r} is none of ours ({', '.join(DETECTOR_CLASSES)}). "
                f"Name the one that it is: --class {name}=top."
            )
    return found


def _corners(entry: _Annotation, image: _Image, where: str) -> tuple[float, ...]:
    """Return the corners of a box, cut to its picture."""
    left, top, width, height = entry.bbox
    if not np.isfinite(entry.bbox).all() or width <= 0 or height <= 0:
        raise ModelError(f"{where}: {list(entry.bbox)} is no box (left, top, width, height).")
    right, bottom = left + width, top + height
    outside = max(-left, -top, right - image.width, bottom - image.height)
    if outside > _OUTSIDE_PX:
        raise ModelError(
            f"{where}: ends {outside:.0f} px outside its picture {image.file_name} "
            f"({image.width}×{image.height}). Boxes are in pixels of the picture."
        )
    return max(left, 0.0), max(top, 0.0), min(right, image.width), min(bottom, image.height)
