"""The protocol of an embedder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.manifest import MatchCalibration

Floats = NDArray[np.float32]
#: Local features of a query that are compared: those with the highest weights.
QUERY_LOCAL_FEATURES: Final = 40


@dataclass(frozen=True)
class GarmentFeatures:
    """Features of N crops of garments.

    Attributes:
        embeddings: float32 N×D, rows L2-normalised; close ones are the same article.
        category_probabilities: float32 N×K, by the embedder's `categories`; rows sum to 1.
        local_features: float32 N×C×W, descriptors of grid cells; the norm of a descriptor is
            its weight, and the weights of a crop sum to 1. N×0×0 for an embedder without them.
    """

    embeddings: Floats
    category_probabilities: Floats
    local_features: Floats


class GarmentEmbedder(Protocol):
    """Maps crops of garments to unit vectors; close vectors are the same article."""

    @property
    def dimensions(self) -> int:
        """D of `GarmentFeatures.embeddings`."""

    @property
    def local_shape(self) -> tuple[int, int]:
        """C and W of `GarmentFeatures.local_features`."""

    @property
    def calibration(self) -> MatchCalibration:
        """The calibration of match probabilities."""

    @property
    def model(self) -> str:
        """A short name of the weights; embeddings of different weights cannot be compared."""

    @property
    def categories(self) -> tuple[str, ...]:
        """The K categories of `GarmentFeatures.category_probabilities`."""

    def embed(self, crops: Sequence[Image]) -> GarmentFeatures:
        """Embed crops for the gallery.

        Args:
            crops: uint8 H×W×3 BGR each, any size, cropped to the garment.
        """

    def embed_queries(
        self, crops: Sequence[Image], local_features: int | None = QUERY_LOCAL_FEATURES
    ) -> GarmentFeatures:
        """Embed crops as queries.

        Args:
            crops: uint8 H×W×3 BGR each, any size, cropped to the garment.
            local_features: Number of local features of each; None for all.
        """
