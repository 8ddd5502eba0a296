"""Where people cross a gate, and which masks cover them there."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from calibration.areas import Gate
from calibration.camera import Camera
from calibration.gates import USUAL_PERSON, WIDTH_OF_HEIGHT, inward

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Places along a gate that are looked at.
_PLACES: Final = 41
#: Points of a person's box that are looked at, across and up.
_ACROSS: Final = (-0.35, 0.0, 0.35)
_UP: Final = (0.02, 0.2, 0.4, 0.6, 0.8)
#: Share of a person that may be masked before they are likely not to be detected.
_HIDDEN: Final = 0.5
#: Share of a gate that may be covered without a warning.
_TOLERATED: Final = 0.1
#: Aspect ratio of a picture that was never seen.
_USUAL_ASPECT: Final = 16 / 9


def covered_share(camera: Camera, gate: Gate) -> float:
    """Compute the share of a gate at which a mask hides people who cross it.

    People are looked at on the line and a body's width to either side of it. They are hidden
    where a mask covers their foot point, which decides on which side they are, or half of what
    the picture shows of them.

    Args:
        camera: Its masks, the shape of its picture, and how tall a person is in it.
        gate: One of its gates.
    """
    aspect = camera.aspect or _USUAL_ASPECT
    tall = (camera.picture.person if camera.picture else 0.0) or USUAL_PERSON
    wide = WIDTH_OF_HEIGHT * tall
    scale = np.array([aspect, 1.0])
    start, end = np.array(gate.start) * scale, np.array(gate.end) * scale
    normal = inward(end - start, gate.inside)
    along = np.linspace(0.0, 1.0, _PLACES)[:, None]
    hidden = np.zeros(_PLACES, bool)
    for step in (-wide, 0.0, wide):
        feet = start + along * (end - start) + step * normal
        hidden |= _hidden(camera, feet, wide, tall, scale)
    return float(hidden.mean())


def gate_warnings(camera: Camera) -> list[str]:
    """Say which gates lie behind a mask, so that people who cross them are not counted."""
    shares = {gate.name: covered_share(camera, gate) for gate in camera.gates}
    return [
        f"A mask covers {share:.0%} of the place where people cross the gate '{name}': they will "
        "not be counted there. Move the gate, or the mask if nothing behind it must stay private."
        for name, share in shares.items()
        if share > _TOLERATED
    ]


def _hidden(camera: Camera, feet: Floats, wide: float, tall: float, scale: Floats) -> Flags:
    """Find which of some people are hidden, by their foot points (N×2, in picture heights)."""
    offsets = np.array([[x * wide, -y * tall] for y in _UP for x in _ACROSS])
    bodies = (feet[:, None] + offsets) / scale
    shown = ((bodies >= 0) & (bodies <= 1)).all(axis=2)
    masked = (_masked(camera, bodies) & shown).sum(axis=1)
    cut = masked / np.maximum(shown.sum(axis=1), 1) >= _HIDDEN
    return np.asarray(_masked(camera, feet / scale) | cut)


def _masked(camera: Camera, points: Floats) -> Flags:
    """Find which points (…×2, relative) lie in a mask; even-odd rule, by crossings of a ray."""
    inside = np.zeros(points.shape[:-1], bool)
    x, y = points[..., 0], points[..., 1]
    for mask in camera.masks:
        corners = np.array(mask.points)
        within = np.zeros_like(inside)
        for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            if ay == by:
                continue
            crosses = (y < ay) != (y < by)
            within ^= crosses & (x < ax + (y - ay) * (bx - ax) / (by - ay))
        inside |= within
    return inside
