"""A camera that shows what a test tells it to, in place of a live source."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import supervision as sv

from models.detectors.protocol import RawDetections
from vision.detect import Detections
from vision.frame import Frame


class StageSource:
    """What `services.cameras.session.LiveSource` is replaced by; `show` changes the picture."""

    newest: StageSource | None = None
    picture = np.full((720, 1280, 3), 120, np.uint8)

    def __init__(self, _source: str, camera: str, loop: bool = False) -> None:
        self._camera = camera
        self._stopping = threading.Event()
        self.problem = ""
        self.received = 0
        StageSource.newest = self

    @property
    def fresh(self) -> bool:
        return True

    @classmethod
    def show(cls, picture: np.ndarray) -> None:
        cls.picture = picture

    def start(self) -> None:
        pass

    def stop(self) -> None:
        self._stopping.set()

    def frames(self, _rate: float) -> Iterator[Frame]:
        grain = 0
        while not self._stopping.wait(0.04):
            grain = (grain + 1) % 5
            image = self.picture.copy()
            image[0, 0] = grain  # a live picture is never twice the same
            self.received += 1
            yield Frame(self._camera, time.monotonic(), image)


class StageDetector:
    """Sees boxes (x1, y1, x2, y2, class) that a test sets; notes what it was shown."""

    classes = ("person", "top", "dress")

    def __init__(self, *boxes: tuple[float, ...]) -> None:
        self.boxes = list(boxes)
        self.shown: list[np.ndarray] = []

    def detect(
        self, image: np.ndarray, threshold_factor: float = 1.0, full_side: int = 0
    ) -> RawDetections:
        self.shown.append(image)
        table = np.array(self.boxes, np.float32).reshape(-1, 5)
        return RawDetections(
            table[:, :4], np.full(len(table), 0.9, np.float32), table[:, 4].astype(int)
        )


def detections(
    frame: Frame, people: list[tuple[float, ...]], garments: list[tuple[float, ...]]
) -> Detections:
    """Make a frame's detections of boxes (x1, y1, x2, y2); all garments are of the first kind."""

    def found(boxes: list[tuple[float, ...]], kind: int) -> Any:
        table = np.array(boxes, np.float32).reshape(-1, 4)
        return sv.Detections(
            xyxy=table,
            confidence=np.full(len(table), 0.9, np.float32),
            class_id=np.full(len(table), kind),
        )

    return Detections(frame, found(people, 0), found(garments, 1), StageDetector.classes)
