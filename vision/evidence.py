"""The masked picture that somebody must see before they confirm a camera's masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration import Camera
from vision.mask import Blanker

Image = NDArray[np.uint8]

#: Grey level, of 255, that the brightest twentieth of what is not masked must reach.
_DARK: Final = 30.0
#: Standard deviation of the grey levels of what is not masked.
_EVEN: Final = 2.0
#: The picture is judged at this width, pixels.
_WIDTH: Final = 320
#: Pictures of a live camera of which one must differ from another.
LEAST_PICTURES: Final = 6


@dataclass(frozen=True)
class MaskedPicture:
    """A picture as it leaves the process: masks black, people pixelated.

    Attributes:
        jpeg: The picture.
        width, height: Of the camera's picture, pixels; the JPEG may be smaller.
        masks: Fingerprint of the masks in it.
        source: Where the camera's picture comes from.
        problem: Why nobody can confirm the masks on it; empty if they can.
    """

    jpeg: bytes
    width: int
    height: int
    masks: str
    source: str
    problem: str


def judge_evidence(camera: Camera, image: Image, before: Sequence[Image], live: bool) -> str:
    """Say why masks cannot be judged on a picture; empty if they can.

    Args:
        camera: Its masks.
        image: uint8 H×W×3 BGR, masks blanked.
        before: The last pictures, the newest included, all of one size.
        live: Whether pictures that do not change are a fault.
    """
    scale = min(1.0, _WIDTH / image.shape[1])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    seen = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)[~Blanker(camera).covered(width, height)]
    if not seen.size:
        return "The masks cover the whole picture. Leave the place open where people walk in."
    if np.percentile(seen, 95) < _DARK:
        return (
            "The picture is black, or too dark to see what the masks cover. Check the lens cover, "
            "and switch the light on."
        )
    if float(seen.std()) < _EVEN:
        return "The picture shows one even colour. Check the lens cover and the camera."
    if live and len(before) < LEAST_PICTURES:
        return "Wait a moment: too few pictures have come."
    if live and all(np.array_equal(before[0], other) for other in before[1:]):
        return (
            "The picture stands still. Move something in front of the camera; if the picture "
            "does not change, restart the camera."
        )
    return ""
