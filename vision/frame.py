"""One decoded picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Frame:
    """A picture of one camera; `vision.mask` applies privacy masks before anything else.

    Attributes:
        camera: The camera's name.
        time: Seconds on the source's clock: a file's from 0, a camera's by the steady clock.
        image: uint8 H×W×3 BGR.
    """

    camera: str
    time: float
    image: NDArray[np.uint8]
