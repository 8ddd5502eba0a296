"""Recordings of detections: boxes of people and garments, frame by frame, without pictures.

The file is compressed and has one JSON object per line: first the header, then one for every frame
that was processed. With `vectors`, garments have embeddings, so that a replay can match them;
without, a replay counts garments only.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import supervision as sv
from numpy.typing import NDArray

from models.embedders.protocol import GarmentFeatures
from vision.detect import Detections
from vision.errors import VisionError
from vision.frame import Frame

#: How a recording's file is named, and what its header says of itself.
SUFFIX: Final = ".jsonl.gz"
KIND: Final = "fittingroom detections"
VERSION: Final = 2


@dataclass(frozen=True)
class Header:
    """The header of a recording.

    Attributes:
        camera: The camera's name.
        width, height: Of its picture, pixels.
        frames_per_second: The approximate frame rate.
        classes: The detector's class names.
        model: The embedder whose vectors it holds; empty if none.
        widths: Lengths of an embedding and of its category probabilities; number of local
            features and the length of each. No local features in version 1.
        started: Seconds since the epoch at the recording's time 0; 0 for a file's.
    """

    camera: str
    width: int
    height: int
    frames_per_second: float
    classes: tuple[str, ...]
    model: str
    widths: tuple[int, int, int, int]
    started: float


def _unpack(text: str) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(text), "<f2").astype(np.float32)


class Recording:
    """An open recording; iterating yields every frame's detections."""

    def __init__(self, path: Path) -> None:
        """Open the file and read its header.

        Raises:
            VisionError: There is no such file, or it is not a recording of detections.
        """
        self._path = path
        first = next(self._lines(), None)
        if not isinstance(first, dict) or first.get("kind") != KIND:
            raise VisionError(
                f"{path}: no recording of detections (fittingroom record makes them)."
            )
        if first["version"] > VERSION:
            raise VisionError(f"{path}: recorded by a newer version. Update fittingroom.")
        try:
            self.header = Header(
                str(first["camera"]),
                int(first["width"]),
                int(first["height"]),
                float(first["frames_per_second"]),
                tuple(first["classes"]),
                str(first["model"]),
                _widths(first["widths"]),
                float(first["started"]),
            )
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise self._damaged(1) from error

    def __iter__(self) -> Iterator[Detections]:
        """Yield detections in order; their frames have a size and a time, but no picture.

        Raises:
            VisionError: The file is damaged; the message names the line.
        """
        lines = self._lines()
        next(lines)
        for number, line in enumerate(lines, 2):
            try:
                yield self._detections(line)
            except (KeyError, TypeError, ValueError, IndexError) as error:
                raise self._damaged(number) from error

    def _lines(self) -> Iterator[Any]:
        number = 1
        try:
            with gzip.open(self._path, "rt", encoding="utf-8") as file:
                for number, line in enumerate(file, 1):  # noqa: B007 - named in the error
                    yield json.loads(line)
        except FileNotFoundError as error:
            raise VisionError(f"{self._path}: no such file.") from error
        except (OSError, EOFError, ValueError, zlib.error) as error:
            if number == 1:
                raise VisionError(
                    f"{self._path}: no recording of detections (fittingroom record makes them)."
                ) from error
            # Invalid JSON is in the line just read; a truncated archive ends before the next one.
            text = isinstance(error, ValueError)
            raise self._damaged(number if text else number + 1) from error

    def _damaged(self, line: int) -> VisionError:
        return VisionError(
            f"{self._path}: line {line} is damaged; the recording is truncated or was changed."
        )

    def _detections(self, line: dict[str, Any]) -> Detections:
        head = self.header
        empty = np.broadcast_to(np.uint8(0), (head.height, head.width, 3))
        garments = _found(line["garments"], line["kinds"])
        garments.data["detail"] = np.array(line["detail"], float)
        if head.model and len(garments):
            seen = [_features(one, head.widths) for one in line["seen"]]
            garments.data["embedding"] = np.concatenate([one.embeddings for one in seen])
            garments.data["category_probabilities"] = np.concatenate(
                [one.category_probabilities for one in seen]
            )
            garments.data["local_features"] = np.concatenate([one.local_features for one in seen])
        people = _found(line["people"], [0] * len(line["people"]))
        return Detections(Frame(head.camera, line["t"], empty), people, garments, head.classes)


def _found(rows: list[list[float]], classes: list[int]) -> sv.Detections:
    table = np.array(rows, np.float32).reshape(-1, 5)
    return sv.Detections(xyxy=table[:, :4], confidence=table[:, 4], class_id=np.array(classes, int))


def _widths(given: list[int]) -> tuple[int, int, int, int]:
    embedding, categories, cells, width = map(int, [*given, 0, 0][:4])
    return embedding, categories, cells, width


def _features(packed: list[str] | None, widths: tuple[int, int, int, int]) -> GarmentFeatures:
    embedding, categories, *cells = widths
    if packed is None:  # too small to be described; its detail is 0, so it is never used
        shapes = (1, embedding), (1, categories), (1, *cells)
        return GarmentFeatures(*(np.zeros(shape, np.float32) for shape in shapes))
    return GarmentFeatures(
        _unpack(packed[0])[None], _unpack(packed[1])[None], _cells(packed[2:], cells)
    )


def _cells(packed: list[str], shape: list[int]) -> NDArray[np.float32]:
    """Read lengths and quantize_descriptors of a crop's cells; returns 1×C×W."""
    if not packed:
        return np.zeros((1, *shape), np.float32)
    shown = np.frombuffer(base64.b64decode(packed[1]), np.int8).reshape(1, *shape)
    return np.asarray(shown / 127 * _unpack(packed[0])[None, :, None], np.float32)
