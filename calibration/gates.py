"""Check that people are visible on both sides of a gate."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from calibration.areas import Gate, Side
from calibration.base import CameraError

#: Height of a person where none was measured, as share of the picture's.
USUAL_PERSON: Final = 0.3
#: Width of a person, as share of their height.
WIDTH_OF_HEIGHT: Final = 0.4
#: A step over the gate, towards or away from the camera, as share of a person's height.
_STEP: Final = 0.15
_TOWARDS: Final = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
_OTHER: Final = {"left": "right", "right": "left", "up": "down", "down": "up"}


def inward(line: NDArray[np.float64], inside: Side) -> NDArray[np.float64]:
    """Return the unit normal of a gate's line (x, y; y down) that points to its inside."""
    normal = np.array([-line[1], line[0]]) / float(np.hypot(*line))
    return -normal if normal @ np.array(_TOWARDS[inside]) < 0 else normal


def check_gate(gate: Gate, aspect: float, person: float = 0.0) -> None:
    """Check that a person can stand fully in the picture on both sides of a gate's middle.

    Args:
        gate: The gate.
        aspect: Width over height of the picture.
        person: Height of a person, as share of the picture's; 0 if not measured.

    Raises:
        CameraError: There is no room for a person on one side.
    """
    tall = person or USUAL_PERSON
    wide = WIDTH_OF_HEIGHT * tall
    scale = np.array([aspect, 1.0])
    start, end = np.array(gate.start) * scale, np.array(gate.end) * scale
    normal = inward(end - start, gate.inside)
    step = wide / 2 * abs(normal[0]) + _STEP * tall * abs(normal[1])
    for sign, side in ((1.0, gate.inside), (-1.0, _OTHER[gate.inside])):
        foot = (start + end) / 2 + sign * step * normal
        cut = _cut(foot, wide, tall, aspect)
        if cut:
            raise CameraError(
                f"{gate.name}: a person who stands on the '{side}' side of the line would be cut "
                f"off by the {cut} of the picture; move the line inward, or turn the camera."
            )


def _cut(foot: np.ndarray, wide: float, tall: float, aspect: float) -> str:
    edges = {
        "left edge": foot[0] - wide / 2 < 0,
        "right edge": foot[0] + wide / 2 > aspect,
        "top": foot[1] - tall < 0,
        "bottom": foot[1] > 1,
    }
    return next((edge for edge, over in edges.items() if over), "")
