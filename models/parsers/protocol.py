"""The protocol of a parser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.taxonomy import EMBEDDER_CATEGORIES

#: Classes of the pixels: `person` is skin and hair, the others are categories of articles.
CLASSES: Final = ("background", "person", *EMBEDDER_CATEGORIES)


class PictureKind(StrEnum):
    """What a catalogue picture shows.

    Attributes:
        PACKSHOT: The article alone, from any side, laid out, on a hanger or a ghost mannequin.
        WORN: Somebody wears the article.
        DETAIL: A close-up of a part of the article.
        NOTHING: No article: a size chart, a logo, a place.
    """

    PACKSHOT = "packshot"
    WORN = "worn"
    DETAIL = "detail"
    NOTHING = "nothing"


#: The kinds of pictures in the order of the parsers' probabilities.
PICTURE_CLASSES: Final = tuple(PictureKind)


@dataclass(frozen=True)
class Parsed:
    """What a parser says of N pictures.

    Attributes:
        picture: float32 N×4, probabilities by `PICTURE_CLASSES`; rows sum to 1.
        pixels: float32 N×18×h×w, probabilities by `CLASSES`, of pictures stretched to h×w.
    """

    picture: NDArray[np.float32]
    pixels: NDArray[np.float32]


class GarmentParser(Protocol):
    """Says what catalogue pictures show, and which pixels belong to which category."""

    @property
    def model(self) -> str:
        """A short name of the weights; pictures are parsed again with other weights."""

    def parse(self, images: Sequence[Image]) -> Parsed:
        """Parse pictures.

        Args:
            images: uint8 H×W×3 BGR each, any size.
        """
