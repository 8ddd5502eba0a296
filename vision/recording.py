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
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
import supervision as sv
from numpy.typing import NDArray

from calibration import Camera
from common.files import new_file
from models.embedders.protocol import QUERY_LOCAL_FEATURES, GarmentEmbedder, GarmentFeatures
from models.matching import quantize_descriptors
from vision.crop import crop_detail, cut_crop
from vision.detect import Detections
from vision.errors import VisionError
from vision.frame import Frame

SUFFIX: Final = ".jsonl.gz"
_KIND: Final = "fittingroom detections"
_VERSION: Final = 2


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


class Recorder:
    """Writes a recording; a context manager."""

    def __init__(
        self,
        path: Path,
        camera: Camera,
        rate: float,
        embedder: GarmentEmbedder | None = None,
        wall_at: Callable[[float], float] | None = None,
    ) -> None:
        """Open the file, under a temporary name until it is closed.

        Args:
            path: The file to write; it must not exist.
            camera: The camera with the detections.
            rate: The approximate frame rate.
            embedder: Embeds garments; without it, no embeddings are recorded.
            wall_at: Converts the time of a live frame to seconds since the epoch; times of a file
                start at 0.

        Raises:
            VisionError: It exists already or cannot be written.
        """
        self._camera, self._rate, self._embedder = camera, rate, embedder
        self._start: float | None = None
        self._wall_at = wall_at
        self._width = 0
        self.frames = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists():
                raise VisionError(f"{path}: exists already. Choose another name.")
            with ExitStack() as files:
                fresh = files.enter_context(new_file(path))
                raw = files.enter_context(fresh.open("wb"))
                # Without name and time in the file, the same recording has the same bytes.
                self._file = gzip.GzipFile("", "wb", fileobj=raw, mtime=0)
                files.callback(self._file.close)
                self._files = files.pop_all()
        except OSError as error:
            raise VisionError(f"{path}: cannot be written ({error.strerror}).") from error

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file and give it its name, also after an error or a signal.

        A recording that ended this way before its first frame is deleted.
        """
        if self.frames:
            self._files.close()
        else:
            self._files.__exit__(kind, error, trace)

    def write(self, detections: Detections) -> None:
        """Write a frame's detections, with boxes in pixels of the first frame's resolution."""
        frame = detections.frame
        if self._start is None:
            self._start, self._width = frame.time, frame.image.shape[1]
            self._line(self._header(detections))
        scale = self._width / frame.image.shape[1]
        boxes = detections.garments.xyxy
        crops = [cut_crop(frame.image, box) for box in boxes]
        line: dict[str, Any] = {
            "t": round(frame.time - self._start, 3),
            "people": _rows(detections.people, scale),
            "garments": _rows(detections.garments, scale),
            "kinds": _column(detections.garments.class_id),
            "detail": [round(crop_detail(crop), 3) for crop in crops],
        }
        if self._embedder and len(boxes):
            line["seen"] = [self._describe(crop) for crop in crops]
        self._line(line)
        self.frames += 1

    def _header(self, detections: Detections) -> dict[str, Any]:
        height, width = detections.frame.image.shape[:2]
        return {
            "kind": _KIND,
            "version": _VERSION,
            "camera": self._camera.name,
            "width": width,
            "height": height,
            "frames_per_second": self._rate,
            "classes": list(detections.classes),
            "model": self._embedder.model if self._embedder else "",
            "widths": self._widths(),
            "started": self._started(),
        }

    def _started(self) -> float:
        start = self._start or 0.0
        return round(self._wall_at(start), 3) if self._wall_at else start

    def _widths(self) -> list[int]:
        if self._embedder is None:
            return [0, 0, 0, 0]
        embedder = self._embedder
        return [
            embedder.dimensions,
            len(embedder.categories),
            QUERY_LOCAL_FEATURES,
            embedder.local_shape[1],
        ]

    def _describe(self, crop: NDArray[np.uint8]) -> list[str] | None:
        if self._embedder is None or not crop.size:
            return None
        colour = self._camera.colour
        seen = self._embedder.embed_queries([colour.correct(crop) if colour else crop])
        lengths = np.linalg.norm(seen.local_features[0], axis=1)
        numbers = map(_pack, (seen.embeddings[0], seen.category_probabilities[0], lengths))
        return [
            *numbers,
            base64.b64encode(quantize_descriptors(seen.local_features[0]).tobytes()).decode(),
        ]

    def _line(self, value: dict[str, Any]) -> None:
        self._file.write(json.dumps(value, separators=(",", ":")).encode() + b"\n")


def _rows(found: sv.Detections, scale: float) -> list[list[float]]:
    scores = np.zeros(len(found)) if found.confidence is None else found.confidence
    rows = np.hstack([found.xyxy * scale, scores[:, None]])
    return [[*(round(float(n), 1) for n in row[:4]), round(float(row[4]), 4)] for row in rows]


def _column(values: NDArray[Any] | None) -> list[int]:
    return [] if values is None else [int(value) for value in values]


def _pack(numbers: NDArray[np.float32]) -> str:
    return base64.b64encode(numbers.astype("<f2").tobytes()).decode()


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
        if not isinstance(first, dict) or first.get("kind") != _KIND:
            raise VisionError(
                f"{path}: no recording of detections (fittingroom record makes them)."
            )
        if first["version"] > _VERSION:
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
