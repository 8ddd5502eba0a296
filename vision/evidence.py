"""The masked picture that a person must see before they confirm a camera's masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from calibration import Camera
from common.image import Image
from vision.mask import Blanker
from vision.plain import PlainWatch

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
        problem: Why the masks cannot be confirmed on it; empty if they can.
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
    height, width = image.shape[:2]
    if Blanker(camera).covered(width, height).all():
        return "The masks cover the whole picture. Leave the place open where people walk in."
    plain = PlainWatch(camera)
    plain.look(image, 0.0)
    if plain.plain == "black":
        return (
            "The picture is black, or too dark to see what the masks cover. Check the lens cover, "
            "and switch the light on."
        )
    if plain.plain:
        return "The picture shows next to nothing. Check the lens cover and the camera."
    if live and len(before) < LEAST_PICTURES:
        return "Wait a moment: too few pictures have come."
    if live and all(np.array_equal(before[0], other) for other in before[1:]):
        return (
            "The picture stands still. Move something in front of the camera; if the picture "
            "does not change, restart the camera."
        )
    return ""
