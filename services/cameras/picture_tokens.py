"""Tokens of masked pictures that were shown: masks can only be confirmed with one."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cachetools import TTLCache

from calibration import Camera, CameraError
from calibration.confirmation import describe_shape
from vision.masked_picture import MaskedPicture

#: A token is valid for this long, seconds.
LIFE_S: Final = 600.0
#: Most tokens per camera and viewer; a page requests two or three pictures per second.
_MOST: Final = 300


@dataclass(frozen=True)
class _Shown:
    masks: str
    source: str
    width: int
    height: int
    viewer: str


class PictureTokens:
    """Issues and redeems single-use tokens of masked pictures."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without tokens."""
        self._clock, self._lock = clock, threading.Lock()
        self._shown: dict[tuple[str, str], TTLCache[str, _Shown]] = {}

    def note(self, camera: str, viewer: str, picture: MaskedPicture) -> str:
        """Issue a token for a picture that is about to be shown.

        Returns:
            The token; empty where masks cannot be confirmed on the picture.
        """
        if picture.problem:
            return ""
        token = secrets.token_urlsafe(18)
        shown = _Shown(picture.masks, picture.source, picture.width, picture.height, viewer)
        with self._lock:
            self._forget_old()
            if (camera, viewer) not in self._shown:
                self._shown[camera, viewer] = TTLCache(_MOST, LIFE_S, self._clock)
            self._shown[camera, viewer][token] = shown
        return token

    def redeem(self, camera: Camera, viewer: str, token: str) -> tuple[int, int]:
        """Redeem a token; returns width and height (pixels) of its picture.

        Raises:
            CameraError: The token is not valid for this viewer, camera and masks.
        """
        with self._lock:
            self._forget_old()
            mine = self._shown.get((camera.name, viewer))
            shown = None if mine is None else mine.pop(token, None)
        if shown is None:
            raise CameraError(
                "Masks are confirmed on the masked picture, and none was shown here in the last "
                "ten minutes. Wait for the picture on the calibration page, check it, then confirm."
            )
        if shown.masks != camera.masks_fingerprint or shown.source != camera.source:
            raise CameraError(
                "The masks or the camera's address have changed since this picture was shown. "
                "Check the new picture, then confirm."
            )
        if camera.masks_confirmed and not camera.fits(shown.width, shown.height):
            raise CameraError(
                f"The picture was {describe_shape(shown.width, shown.height)}, another shape than "
                "the one that the camera was calibrated for."
            )
        return shown.width, shown.height

    def _forget_old(self) -> None:
        self._shown = {key: some for key, some in self._shown.items() if len(some)}
