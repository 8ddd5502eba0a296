"""Write a recording of detections (`vision.recording`)."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import supervision as sv
from numpy.typing import NDArray

from calibration import Camera
from common.files import new_file
from models.embedders.protocol import QUERY_LOCAL_FEATURES, GarmentEmbedder
from models.matching import quantize_descriptors
from vision.crop import crop_detail, cut_crop
from vision.detect import Detections
from vision.errors import VisionError
from vision.recording import KIND, VERSION


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
            "kind": KIND,
            "version": VERSION,
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
