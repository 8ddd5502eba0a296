"""The learned functions as the shop runs them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.crops import stretch
from models.engine import Engine
from models.errors import ModelError
from models.manifest import WEIGHTS, EmbedderEntry, load_manifest, read_weights

Floats = NDArray[np.float32]
_STRIDE = 32
#: So many cells of a garment that is looked for are compared, of those that it has.
TELLING = 40
_OVERLAP = 0.5
_MOST = 50


@dataclass(frozen=True)
class Found:
    """Detections in one picture.

    Attributes:
        boxes: float32 N×4 (x1, y1, x2, y2) in pixels of the picture.
        scores: float32 N in 0…1.
        classes: int N, indices into the detector's `classes`.
    """

    boxes: Floats
    scores: Floats
    classes: NDArray[np.int64]


class Detector:
    """Finds people and carried garments."""

    def __init__(self, folder: Path = WEIGHTS, threads: int = 2) -> None:
        """Load the weights.

        Raises:
            ModelError: They are missing or do not fit their manifest.
        """
        self.entry = load_manifest(folder).detector
        weights = read_weights(self.entry, folder)
        self._engine = Engine(weights, threads, self.entry.file, exact=False)
        answered = (self._engine.shapes[0][1] or 0) - 4
        if answered != len(self.entry.classes):
            raise ModelError(
                f"{self.entry.file}: answers {answered} classes, its manifest names "
                f"{len(self.entry.classes)}."
            )
        self.classes = self.entry.classes
        self._thresholds = np.array([self.entry.thresholds[c] for c in self.classes], np.float32)

    def detect(self, image: Image, floor: float = 1.0, whole: int = 0) -> Found:
        """Detect.

        Args:
            image: uint8 H×W×3 BGR.
            floor: Factor on the thresholds; a tracker also wants weaker boxes.
            whole: Long side in pixels of the picture that `image` is a part of: things are
                then seen at the size they have in the whole one. 0 where it is all of it.

        Returns:
            People and garments, best first within each.
        """
        tensor, scale, pad = self._letterbox(image, whole or max(image.shape[:2]))
        answer = self._engine.run({self._engine.inputs[0]: tensor})[0][0]
        scores, classes = _garment_or_person(answer[4:])
        keep = scores >= self._thresholds[classes] * floor
        boxes, scores, classes = answer[:4, keep].T, scores[keep], classes[keep]
        corners = np.hstack([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2])
        corners = (corners - np.tile(pad, 2)) / scale
        height, width = image.shape[:2]
        corners = np.clip(corners, 0, [width, height, width, height]).astype(np.float32)
        kept = self._suppress(corners, scores, classes)
        return Found(corners[kept], scores[kept].astype(np.float32), classes[kept])

    def _letterbox(self, image: Image, whole: int) -> tuple[Floats, float, Floats]:
        """Scale to the long side and pad to the stride; returns the tensor, scale, padding."""
        height, width = image.shape[:2]
        scale = self.entry.long_side / whole
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        # Down to half, bilinear loses nothing and takes a tenth of the time.
        method = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
        small = cv2.resize(image, size, interpolation=method)
        right, bottom = (-size[0]) % _STRIDE, (-size[1]) % _STRIDE
        left, top = right // 2, bottom // 2
        framed = cv2.copyMakeBorder(
            small, top, bottom - top, left, right - left, cv2.BORDER_CONSTANT, value=(114, 114, 114)
        )
        tensor = cv2.dnn.blobFromImage(framed, 1 / 255, swapRB=True)
        return np.asarray(tensor, np.float32), scale, np.array([left, top], np.float32)

    def _suppress(
        self, corners: Floats, scores: Floats, classes: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Suppress overlaps; a garment is one thing, so garments compete across classes."""
        kept: list[int] = []
        for group in (classes == 0, classes > 0):
            rows = np.flatnonzero(group)
            if not rows.size:
                continue
            sizes = corners[rows, 2:] - corners[rows, :2]
            boxes = np.hstack([corners[rows, :2], sizes]).tolist()
            best = cv2.dnn.NMSBoxes(boxes, scores[rows].tolist(), 0.0, _OVERLAP, top_k=_MOST)
            kept += [int(rows[n]) for n in np.asarray(best).reshape(-1)]
        return np.array(kept, np.int64)


def _garment_or_person(answer: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Score each place (classes × places → places) and name its class.

    Kinds of garment look alike when folded, and the classes share the evidence: that
    it is *some* garment is one minus the chance that it is none of them.
    """
    person, garments = answer[0], answer[1:]
    some = 1 - np.prod(1 - garments, axis=0)
    classes = np.where(person >= some, 0, 1 + garments.argmax(0))
    return np.maximum(person, some), classes


@dataclass(frozen=True)
class Described:
    """What crops of garments show.

    Attributes:
        vectors: float32 N×D, rows L2-normalised; near ones are the same article.
        kinds: float32 N×K, how likely each of the embedder's `categories` is; rows sum to 1.
        cells: float32 N×C×W, parts of the garment: a cell's direction is what it shows, its
            length how much that tells; the lengths of a crop sum to 1. N×0×0 where it has
            none.
    """

    vectors: Floats
    kinds: Floats
    cells: Floats


class Embedder:
    """Maps crops of garments to unit vectors; near vectors are the same article."""

    def __init__(self, folder: Path = WEIGHTS, threads: int = 2) -> None:
        """Load the weights.

        Raises:
            ModelError: They are missing or do not fit their manifest.
        """
        self.entry: EmbedderEntry = load_manifest(folder).embedder
        weights = read_weights(self.entry, folder)
        self._engine = Engine(weights, threads, self.entry.file, exact=True)
        found = tuple(shape[1:] for shape in self._engine.shapes)
        named = (self.entry.dimensions,), (len(self.entry.categories),), self.entry.cells
        if found != named:
            raise ModelError(
                f"{self.entry.file}: gives {_shapes(found)} numbers a crop, its manifest names "
                f"{_shapes(named)}: dimensions, categories and cells."
            )

    @property
    def model(self) -> str:
        """A short name of these weights; vectors of different weights do not compare."""
        return self.entry.sha256[:12]

    @property
    def categories(self) -> tuple[str, ...]:
        """What `describe` tells apart."""
        return self.entry.categories

    def embed(self, crops: Sequence[Image]) -> Described:
        """Embed garments as they are, as the gallery holds them.

        Args:
            crops: uint8 H×W×3 BGR each, any size, cropped to the garment.
        """
        return self._run(self._batch(crops))

    def describe(self, crops: Sequence[Image], telling: int | None = TELLING) -> Described:
        """Embed garments that are looked for, and tell what kind each is.

        A garment may hang either way round, so vectors and kinds are the mean of the crop's
        and of its mirror image's. Its cells come the most telling first, so that nothing
        tells where in the crop each was.

        Args:
            crops: uint8 H×W×3 BGR each, any size, cropped to the garment.
            telling: How many cells of each are kept; None for all.
        """
        batch = self._batch(crops)
        seen = self._run(np.concatenate([batch, batch[..., ::-1]]))
        (straight, turned), (kinds, others) = np.split(seen.vectors, 2), np.split(seen.kinds, 2)
        vectors = straight + turned
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        cells = _most_telling(seen.cells[: len(crops)], telling)
        return Described(vectors, np.asarray((kinds + others) / 2, np.float32), cells)

    def _batch(self, crops: Sequence[Image]) -> Floats:
        height, width = self.entry.input
        batch = np.empty((len(crops), 3, height, width), np.float32)
        for row, crop in enumerate(crops):
            batch[row] = stretch(crop, height, width).transpose(2, 0, 1)
        return batch

    def _run(self, batch: Floats) -> Described:
        """Run the network on N×3×H×W RGB in 0…255."""
        if not len(batch):
            shapes = (0, self.entry.dimensions), (0, len(self.categories)), (0, *self.entry.cells)
            return Described(*(np.zeros(shape, np.float32) for shape in shapes))
        vectors, logits, cells = self._engine.run({self._engine.inputs[0]: batch})
        odds = np.exp(logits - logits.max(1, keepdims=True))
        return Described(vectors, odds / odds.sum(1, keepdims=True), cells)


def _shapes(shapes: Iterable[Iterable[int | None]]) -> str:
    return ", ".join("×".join(map(str, shape)) for shape in shapes)


def _most_telling(cells: Floats, count: int | None) -> Floats:
    """Keep the longest cells of each crop, N×C×W; their lengths sum to 1 again."""
    lengths = np.linalg.norm(cells, axis=2)
    kept = np.argsort(-lengths, axis=1, kind="stable")[:, :count]
    total = np.take_along_axis(lengths, kept, 1).sum(1)
    chosen = np.take_along_axis(cells, kept[..., None], 1)
    return np.asarray(chosen / np.maximum(total, 1e-9)[:, None, None], np.float32)
