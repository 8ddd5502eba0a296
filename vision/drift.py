"""Detect while a camera runs that its picture no longer fits its calibration."""

from __future__ import annotations

import logging
from typing import Final

import numpy as np

from calibration.base import CameraError
from calibration.drift import (
    Reference,
    ReferenceFile,
    background,
    compare,
    make_reference,
)
from vision.frame import Frame
from vision.freeze import FreezeMonitor

log = logging.getLogger("fittingroom.drift")

#: Frames without people that are combined into one background, and seconds between them.
PICTURES: Final = 7
EVERY_S: Final = 2.0
#: Seconds between two checks whether the reference image's file has changed.
RELOAD_S: Final = 2.0
#: Backgrounds in a row that must agree before a problem is reported.
_IN_A_ROW: Final = 2


class DriftMonitor:
    """Compares a camera's picture with its reference image; saves one where there is none."""

    def __init__(self, file: ReferenceFile, live: bool, moved: bool = False) -> None:
        """Load the camera's reference image.

        An unreadable reference image is reported as `unchecked`: drift is unknown until the masks
        are confirmed again, which saves a new one.

        Args:
            file: The camera's reference image.
            live: Whether a frozen picture is a fault.
            moved: Whether the camera had moved at the end of the previous run.
        """
        self._file, self._camera, self._live = file, file.camera, live
        self._pictures: list[np.ndarray] = []
        self._due = self._reload_due = -np.inf
        self._found: list[str] = []
        self._freeze = FreezeMonitor()
        self._settled = "moved" if moved else ""
        self._reported = False
        self._stamp = 0.0
        self._reference: Reference | None = None
        self._damaged = False
        self._reload()

    @property
    def problem(self) -> str:
        """The problem now: empty, `frozen`, `unchecked` or a `calibration.drift.Problem`."""
        unchecked = "unchecked" if self._damaged else ""
        return "frozen" if self._live and self._freeze.frozen else self._settled or unchecked

    def update(self, frame: Frame) -> None:
        """Process the next masked frame: detect a frozen picture, reload the reference image."""
        if frame.time >= self._reload_due:
            self._reload_due = frame.time + RELOAD_S
            self._reload()
        if self._live:
            self._freeze.update(frame)

    def update_empty(self, frame: Frame) -> None:
        """Process a masked frame without people: compare the background with the reference."""
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
            self._save_reference(empty)
            return
        found = compare(self._reference, empty)
        self._found = [*self._found, found.problem][-_IN_A_ROW:]
        if len(self._found) == _IN_A_ROW and len(set(self._found)) == 1:
            if found.problem != self._settled:
                log.info("camera %s: %s", self._camera, found)
            self._settled = found.problem

    def _reload(self) -> None:
        """Reload the reference image if its file has changed or was deleted."""
        stamp = self._file.stamp()
        if stamp != self._stamp:
            self._stamp, self._found, self._damaged = stamp, [], False
            try:
                self._reference = self._file.load()
            except CameraError as error:
                log.warning("camera %s: %s", self._camera, error)
                self._reference, self._damaged = None, True

    def _save_reference(self, empty: np.ndarray) -> None:
        try:
            self._file.save(make_reference(empty))
        except CameraError as error:
            if not self._reported:
                log.warning("camera %s: drift is not checked: %s", self._camera, error)
            self._reported = True
            return
        self._settled = ""
        self._reload()
        log.info("camera %s: saved a reference image", self._camera)
