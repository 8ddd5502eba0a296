"""What an embedder is, whatever network it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.manifest import Certainty

Floats = NDArray[np.float32]
#: So many cells of a garment that is looked for are compared, of those that it has.
TELLING: Final = 40


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


class GarmentEmbedder(Protocol):
    """Maps crops of garments to unit vectors; near vectors are the same article."""

    @property
    def dimensions(self) -> int:
        """D of `Described.vectors`."""

    @property
    def cells(self) -> tuple[int, int]:
        """C and W of `Described.cells`."""

    @property
    def certainty(self) -> Certainty:
        """How probable a match is, by what its views show."""

    @property
    def model(self) -> str:
        """A short name of its weights; vectors of different weights do not compare."""

    @property
    def categories(self) -> tuple[str, ...]:
        """What `Described.kinds` are of."""

    def embed(self, crops: Sequence[Image]) -> Described:
        """Embed garments as they are, as the gallery holds them.

        Args:
            crops: uint8 H×W×3 BGR each, any size, cropped to the garment.
        """

    def describe(self, crops: Sequence[Image], telling: int | None = TELLING) -> Described:
        """Embed garments that are looked for.

        Args:
            crops: uint8 H×W×3 BGR each, any size, cropped to the garment.
            telling: How many cells of each are kept; None for all.
        """
