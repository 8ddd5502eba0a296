"""Masks of worn articles between the choice of pictures and their embedding, on disk."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from common.image import Image
from store import StoreError


class MaskFolder:
    """Keeps the masks of one import in a temporary folder: a large feed's would fill memory."""

    def __init__(self) -> None:
        """Make the folder; `with` removes it."""
        self._folder = tempfile.TemporaryDirectory(prefix="fittingroom-masks-")

    def __enter__(self) -> MaskFolder:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the folder."""
        self._folder.cleanup()

    def save(self, picture: int, alpha: Image) -> None:
        """Save the mask of a picture by its id; uint8 H×W.

        Raises:
            StoreError: The disk is full, or the folder is gone.
        """
        path = self._path(picture)
        try:
            path.write_bytes(cv2.imencode(".png", alpha)[1].tobytes())
        except OSError as error:
            reason = f"{path}: cannot be written ({error.strerror})"
            raise StoreError(
                f"{reason}; make room there, or set TMPDIR to another disk."
            ) from error

    def load(self, picture: int) -> Image | None:
        """Load the mask of a picture; None where this import found none."""
        path = self._path(picture)
        if not path.exists():
            return None
        alpha = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        return None if alpha is None else np.asarray(alpha, np.uint8)

    def _path(self, picture: int) -> Path:
        return Path(self._folder.name) / f"{picture}.png"
