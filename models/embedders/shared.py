"""One embedder for many threads: a copy of the weights on each core, none waits for another."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from common.image import Image
from models.embedders.protocol import (
    QUERY_LOCAL_FEATURES,
    GarmentEmbedder,
    GarmentFeatures,
)
from models.manifest import MatchCalibration


class SharedEmbedder:
    """Runs each call on whichever of some equal embedders is free.

    Many calls at a time get more out of the cores than one call that spreads over all of them.
    """

    def __init__(self, load: Callable[[], GarmentEmbedder], count: int) -> None:
        """Load the copies.

        Args:
            load: Loads one, which uses one processor thread.
            count: How many calls run at a time.

        Raises:
            ModelError: The weights are missing or do not fit.
        """
        self._free: queue.SimpleQueue[GarmentEmbedder] = queue.SimpleQueue()
        self._first = load()
        self._free.put(self._first)
        for _ in range(count - 1):
            self._free.put(load())

    @property
    def dimensions(self) -> int:
        """Dimensions of an embedding."""
        return self._first.dimensions

    @property
    def local_shape(self) -> tuple[int, int]:
        """Number and dimensions of a crop's local features."""
        return self._first.local_shape

    @property
    def calibration(self) -> MatchCalibration:
        """The calibration of match probabilities."""
        return self._first.calibration

    @property
    def model(self) -> str:
        """A short name of the weights."""
        return self._first.model

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories that it classifies."""
        return self._first.categories

    def embed(self, crops: Sequence[Image]) -> GarmentFeatures:
        """Embed crops for the gallery; arguments as of the protocol."""
        with self._one() as embedder:
            return embedder.embed(crops)

    def embed_queries(
        self, crops: Sequence[Image], local_features: int | None = QUERY_LOCAL_FEATURES
    ) -> GarmentFeatures:
        """Embed crops as queries; arguments as of the protocol."""
        with self._one() as embedder:
            return embedder.embed_queries(crops, local_features)

    @contextmanager
    def _one(self) -> Iterator[GarmentEmbedder]:
        embedder = self._free.get()
        try:
            yield embedder
        finally:
            self._free.put(embedder)
