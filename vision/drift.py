"""Notice, while a camera runs, that it is no longer the camera that was calibrated."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import numpy as np

from calibration.base import CameraError
from calibration.drift import (
    Reference,
    background,
    compare,
    load_reference,
    make_reference,
    reference_path,
    save_reference,
)
from vision.frame import Frame
from vision.still import StillWatch

log = logging.getLogger("fittingroom.drift")

#: Pictures of the empty scene that make one background, and the seconds between two of them.
PICTURES: Final = 7
EVERY_S: Final = 2.0
#: The reference's file is looked at this often, also where people are in every picture.
RELOAD_S: Final = 2.0
#: So many backgrounds in a row must agree before anything is said.
_IN_A_ROW: Final = 2


class DriftWatch:
    """Compares one camera with its reference, and takes the reference where there is none.

    `problem` is what it found: empty, `frozen`, `unchecked`, or one of
    `calibration.drift.Problem`.
    """

    def __init__(self, site: Path, camera: str, live: bool, moved: bool = False) -> None:
        """Read the camera's reference.

        Args:
            site: The site's folder.
            camera: The camera's name.
            live: Whether pictures that do not change are a fault.
            moved: Whether it had moved when it was last watched; it has until seen otherwise.

        A reference that cannot be read is reported as `unchecked`: whether the camera was moved
        cannot be known until its masks are confirmed anew, which takes another reference.
        """
        self._site, self._camera, self._live = site, camera, live
        self._pictures: list[np.ndarray] = []
        self._due = self._reload_due = -np.inf
        self._found: list[str] = []
        self._still = StillWatch()
        self._settled = "moved" if moved else ""
        self._reported = False
        self._stamp = 0.0
        self._reference: Reference | None = None
        self._damaged = False
        self._reload()

    @property
    def problem(self) -> str:
        """What is wrong with the camera now."""
        unchecked = "unchecked" if self._damaged else ""
        return "frozen" if self._live and self._still.still else self._settled or unchecked

    def look(self, frame: Frame) -> None:
        """Take every frame, blanked, to see that the picture lives and can be compared."""
        if frame.time >= self._reload_due:
            self._reload_due = frame.time + RELOAD_S
            self._reload()
        if self._live:
            self._still.look(frame)

    def look_at_empty(self, frame: Frame) -> None:
        """Take a frame, blanked, in which the detector found no people."""
        if frame.time < self._due:
            return
        self._due = frame.time + EVERY_S
        if self._pictures and self._pictures[0].shape != frame.image.shape:
            self._pictures.clear()
        self._pictures.append(frame.image)
        if len(self._pictures) == PICTURES:
            empty = background(self._pictures)
            self._pictures.clear()
            self._judge(empty)

    def _judge(self, empty: np.ndarray) -> None:
        self._reload()
        if self._damaged:
            return
        if self._reference is None:
            self._take(empty)
            return
        found = compare(self._reference, empty)
        self._found = [*self._found, found.problem][-_IN_A_ROW:]
        if len(self._found) == _IN_A_ROW and len(set(self._found)) == 1:
            if found.problem != self._settled:
                log.info("camera %s: %s", self._camera, found)
            self._settled = found.problem

    def _reload(self) -> None:
        """Read the reference anew where it was taken anew, or forget one that was deleted."""
        path = reference_path(self._site, self._camera)
        stamp = path.stat().st_mtime if path.is_file() else 0.0
        if stamp != self._stamp:
            self._stamp, self._found, self._damaged = stamp, [], False
            try:
                self._reference = load_reference(self._site, self._camera)
            except CameraError as error:
                log.warning("camera %s: %s", self._camera, error)
                self._reference, self._damaged = None, True

    def _take(self, empty: np.ndarray) -> None:
        try:
            save_reference(self._site, self._camera, make_reference(empty))
        except CameraError as error:
            if not self._reported:
                log.warning("camera %s is not watched for drift: %s", self._camera, error)
            self._reported = True
            return
        self._settled = ""
        self._reload()
        log.info("camera %s: took its reference", self._camera)
