"""The default embedder: a MobileNetV2, exported to ONNX (`models.training.embedder`).

Another network can take its place as a file (`fittingroom model add --kind embedder`). Its input
is float32 N×3×H×W RGB in 0…255, N any number. Its outputs are, in this order, embeddings N×D of
unit length, logits of categories N×K, and, if it has them, local features N×C×W whose norms sum
to 1 for each crop.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.crops import stretch_all
from models.embedders.protocol import QUERY_LOCAL_FEATURES, GarmentFeatures
from models.engine import Engine, softmax
from models.errors import ModelError
from models.manifest import (
    WEIGHTS,
    EmbedderEntry,
    MatchCalibration,
    load_embedder_entry,
    read_weights,
)

Floats = NDArray[np.float32]
#: Crops that run together; more are no faster, and their activations leave the processor's cache.
_CROPS: Final = 8


def load_embedder(folder: Path = WEIGHTS, threads: int = 2) -> MobileNetEmbedder:
    """Load the weights of a folder with a manifest.

    Raises:
        ModelError: They are missing or do not fit their manifest.
    """
    return MobileNetEmbedder(folder, threads)


class MobileNetEmbedder:
    """Maps crops of garments to unit vectors; close vectors are the same article."""

    def __init__(self, folder: Path = WEIGHTS, threads: int = 2) -> None:
        """Load the weights.

        Raises:
            ModelError: They are missing or do not fit their manifest.
        """
        self.entry: EmbedderEntry = load_embedder_entry(folder)
        weights = read_weights(self.entry, folder)
        self._engine = Engine(weights, threads, self.entry.file, exact=True)
        outputs = tuple(shape[1:] for shape in self._engine.shapes)
        local = (self.entry.local_features,) if all(self.entry.local_features) else ()
        expected = ((self.entry.dimensions,), (len(self.entry.categories),), *local)
        if outputs != expected:
            raise ModelError(
                f"{self.entry.file}: has outputs of shape {_shapes(outputs)}, its manifest expects "
                f"{_shapes(expected)}: dimensions, categories and local features."
            )

    @property
    def model(self) -> str:
        """A short name of the weights; embeddings of different weights cannot be compared."""
        return self.entry.model

    @property
    def dimensions(self) -> int:
        """Dimensions of an embedding."""
        return self.entry.dimensions

    @property
    def local_shape(self) -> tuple[int, int]:
        """Number and dimensions of a crop's local features."""
        return self.entry.local_features

    @property
    def calibration(self) -> MatchCalibration:
        """The calibration of match probabilities, fitted at the export of the weights."""
        return self.entry.calibration

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories that it classifies."""
        return self.entry.categories

    def embed(self, crops: Sequence[Image]) -> GarmentFeatures:
        """Embed crops for the gallery.

        Args:
            crops: uint8 H×W×3 BGR each, any size, cropped to the garment.
        """
        return self._run(self._batch(crops))

    def embed_queries(
        self, crops: Sequence[Image], local_features: int | None = QUERY_LOCAL_FEATURES
    ) -> GarmentFeatures:
        """Embed crops as queries.

        A garment may hang either way round, so embeddings and category probabilities are the
        mean over the crop and its mirror image. Local features come in descending order of
        weight, so that they do not reveal their positions in the crop.

        Args:
            crops: uint8 H×W×3 BGR each, any size, cropped to the garment.
            local_features: Number of local features of each; None for all.
        """
        batch = self._batch(crops)
        features = self._run(np.concatenate([batch, batch[..., ::-1]]))
        plain, mirrored = np.split(features.embeddings, 2)
        embeddings = plain + mirrored
        embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
        categories = np.add(*np.split(features.category_probabilities, 2)) / 2
        strongest = _strongest(features.local_features[: len(crops)], local_features)
        return GarmentFeatures(embeddings, np.asarray(categories, np.float32), strongest)

    def _batch(self, crops: Sequence[Image]) -> Floats:
        return stretch_all(crops, *self.entry.input)

    def _run(self, batch: Floats) -> GarmentFeatures:
        """Run the network on N×3×H×W RGB in 0…255."""
        if not len(batch):
            shapes = (0, self.dimensions), (0, len(self.categories)), (0, *self.local_shape)
            return GarmentFeatures(*(np.zeros(shape, np.float32) for shape in shapes))
        # Few shapes: the engine keeps memory for every number of crops that it has seen.
        parts = [
            self._engine.run({self._engine.inputs[0]: batch[start : start + _CROPS]})
            for start in range(0, len(batch), _CROPS)
        ]
        embeddings, logits, *local = map(np.concatenate, zip(*parts, strict=True))
        features = local[0] if local else np.zeros((len(batch), *self.local_shape), np.float32)
        return GarmentFeatures(embeddings, softmax(logits), features)


def _shapes(shapes: Iterable[Iterable[int | None]]) -> str:
    return ", ".join("×".join(map(str, shape)) for shape in shapes)


def _strongest(local_features: Floats, count: int | None) -> Floats:
    """Select the local features of highest weight, N×C×W, and renormalise the weights to 1."""
    weights = np.linalg.norm(local_features, axis=2)
    order = np.argsort(-weights, axis=1, kind="stable")[:, :count]
    total = np.take_along_axis(weights, order, 1).sum(1)
    selected = np.take_along_axis(local_features, order[..., None], 1)
    return np.asarray(selected / np.maximum(total, 1e-9)[:, None, None], np.float32)
