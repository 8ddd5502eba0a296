"""The one picture type that crosses package borders."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: uint8 H×W×3, BGR as OpenCV has it; H×W for one channel where a docstring says so.
Image = NDArray[np.uint8]
