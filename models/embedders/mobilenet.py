"""Our embedder: a MobileNetV2, exported to ONNX (`models.training.embedder`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.crops import stretch
from models.embedders.protocol import TELLING, Described
from models.engine import Engine
from models.errors import ModelError
from models.manifest import WEIGHTS, Certainty, EmbedderEntry, load_manifest, read_weights

Floats = NDArray[np.float32]


def load_embedder(folder: Path = WEIGHTS, threads: int = 2) -> MobileNetEmbedder:
    """Load the weights of a folder with a manifest.

    Raises:
        ModelError: They are missing or do not fit their manifest.
    """
    return MobileNetEmbedder(folder, threads)


class MobileNetEmbedder:
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
    def dimensions(self) -> int:
        """Numbers of a vector."""
        return self.entry.dimensions

    @property
    def cells(self) -> tuple[int, int]:
        """How many cells a crop has, and numbers each."""
        return self.entry.cells

    @property
    def certainty(self) -> Certainty:
        """How probable a match is, fitted when these weights were exported."""
        return self.entry.certainty

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
