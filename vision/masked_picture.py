"""The masked picture that a person checks before confirming a camera's masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from calibration import Camera
from common.image import Image
from vision.mask import PrivacyMask
from vision.obstruction import ObstructionMonitor

#: Pictures of a live camera that are compared to see whether the picture is frozen.
LEAST_PICTURES: Final = 6


@dataclass(frozen=True)
class MaskedPicture:
    """A picture as it leaves the process: masks black, people pixelated.

    Attributes:
        jpeg: The picture.
        width, height: Size of the camera's picture, pixels; the JPEG may be smaller.
        masks: Fingerprint of the applied masks.
        source: The camera's source.
        problem: Why the masks cannot be confirmed on it; empty if they can.
    """

    jpeg: bytes
    width: int
    height: int
    masks: str
    source: str
    problem: str


def masking_problem(camera: Camera, image: Image, before: Sequence[Image], live: bool) -> str:
    """Return why masks cannot be checked on a picture; empty if they can.

    Args:
        camera: Its masks.
        image: uint8 H×W×3 BGR, masks applied.
        before: The last pictures, the newest included, all of one size.
        live: Whether a frozen picture is a fault.
    """
    height, width = image.shape[:2]
    if PrivacyMask(camera).masked_pixels(width, height).all():
        return "The masks cover the whole picture. Leave the place open where people walk in."
    obstruction = ObstructionMonitor(camera)
    obstruction.update(image, 0.0)
    if obstruction.current == "black":
        return (
            "The picture is black, or too dark to see what the masks cover. Check the lens cover, "
            "and switch the light on."
        )
    if obstruction.current:
        return "The picture shows next to nothing. Check the lens cover and the camera."
    if live and len(before) < LEAST_PICTURES:
        return "Wait a moment: too few pictures have come."
    if live and all(np.array_equal(before[0], other) for other in before[1:]):
        return (
            "The picture stands still. Move something in front of the camera; if the picture "
            "does not change, restart the camera."
        )
    return ""
