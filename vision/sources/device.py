"""USB cameras by number or path, read with OpenCV."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from typing import Final

import cv2
import numpy as np

from common.image import Image
from vision.sources.cause import Cause, SourceError
from vision.sources.protocol import FrameSource

_DEVICE: Final = re.compile(r"/dev/video(\d+)")


def opens(source: str) -> bool:
    """Check whether this is the number of a camera or the path of a device."""
    return source.isdigit() or source.startswith("/dev/")


def open_source(source: str, _timeout_s: float | None = None) -> FrameSource:
    """Open a camera.

    Raises:
        SourceError: There is none.
    """
    return _DeviceSource(source)


class _DeviceSource:
    """A USB camera, by its number or its path, read with OpenCV."""

    def __init__(self, source: str) -> None:
        self._source, self.length_s = source, 0.0
        found = _DEVICE.fullmatch(os.path.realpath(source)) if source.startswith("/") else None
        backend = cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY
        if source.isdigit() or found:
            self._capture = cv2.VideoCapture(int(found[1] if found else source), backend)
        else:
            self._capture = cv2.VideoCapture(source, backend)
        if not self._capture.isOpened():
            self._capture.release()
            raise SourceError(Cause.NO_DEVICE, source)
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate = rate if 0.5 <= rate <= 240 else 25.0

    def read(self) -> tuple[Image, float | None] | None:
        try:
            ok, image = self._capture.read()
        except cv2.error as error:
            raise SourceError(Cause.CANNOT_DECODE, self._source) from error
        return (np.asarray(image, np.uint8), None) if ok else None

    def close(self) -> None:
        with contextlib.suppress(cv2.error):
            self._capture.release()
