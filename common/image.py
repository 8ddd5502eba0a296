"""The one picture type that crosses package borders."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: uint8 H×W×3, BGR as OpenCV has it; H×W for one channel where a docstring says so.
Image = NDArray[np.uint8]


def cut_window(
    image: Image, left: int, top: int, width: int, height: int, fill: int = 255
) -> Image:
    """Cut a window out of a picture; where it reaches beyond, it is `fill`.

    Args:
        image: uint8 H×W×3.
        left: Of its corner, pixels of the picture; perhaps negative.
        top: The same.
        width: In pixels.
        height: In pixels.
        fill: Grey level.
    """
    window = np.full((height, width, 3), fill, np.uint8)
    part = image[max(top, 0) : top + height, max(left, 0) : left + width]
    y, x = max(-top, 0), max(-left, 0)
    window[y : y + part.shape[0], x : x + part.shape[1]] = part
    return window
