"""Our detector: a YOLO11n, exported to ONNX (`models.training.detector`)."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.detectors.protocol import Found
from models.engine import Engine
from models.errors import ModelError
from models.manifest import WEIGHTS, load_manifest, read_weights

Floats = NDArray[np.float32]
_STRIDE = 32
_OVERLAP = 0.5
_MOST = 50


def load_detector(folder: Path = WEIGHTS, threads: int = 2) -> YoloDetector:
    """Load the weights of a folder with a manifest.

    Raises:
        ModelError: They are missing or do not fit their manifest.
    """
    return YoloDetector(folder, threads)


class YoloDetector:
    """Finds people and carried garments."""

    def __init__(self, folder: Path = WEIGHTS, threads: int = 2) -> None:
        """Load the weights.

        Raises:
            ModelError: They are missing or do not fit their manifest.
        """
        self.entry = load_manifest(folder).detector
        weights = read_weights(self.entry, folder)
        self._engine = Engine(weights, threads, self.entry.file, exact=False)
        answered = (self._engine.shapes[0][1] or 0) - 4
        if answered != len(self.entry.classes):
            raise ModelError(
                f"{self.entry.file}: answers {answered} classes, its manifest names "
                f"{len(self.entry.classes)}."
            )
        self.classes = self.entry.classes
        self._thresholds = np.array([self.entry.thresholds[c] for c in self.classes], np.float32)

    def detect(self, image: Image, floor: float = 1.0, whole: int = 0) -> Found:
        """Detect.

        Args:
            image: uint8 H×W×3 BGR.
            floor: Factor on the thresholds; a tracker also wants weaker boxes.
            whole: Long side in pixels of the picture that `image` is a part of: things are
                then seen at the size they have in the whole one. 0 where it is all of it.

        Returns:
            People and garments, best first within each.
        """
        tensor, scale, pad = self._letterbox(image, whole or max(image.shape[:2]))
        answer = self._engine.run({self._engine.inputs[0]: tensor})[0][0]
        scores, classes = _garment_or_person(answer[4:])
        keep = scores >= self._thresholds[classes] * floor
        boxes, scores, classes = answer[:4, keep].T, scores[keep], classes[keep]
        corners = np.hstack([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2])
        corners = (corners - np.tile(pad, 2)) / scale
        height, width = image.shape[:2]
        corners = np.clip(corners, 0, [width, height, width, height]).astype(np.float32)
        kept = self._suppress(corners, scores, classes)
        return Found(corners[kept], scores[kept].astype(np.float32), classes[kept])

    def _letterbox(self, image: Image, whole: int) -> tuple[Floats, float, Floats]:
        """Scale to the long side and pad to the stride; returns the tensor, scale, padding."""
        height, width = image.shape[:2]
        scale = self.entry.long_side / whole
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        # Down to half, bilinear loses nothing and takes a tenth of the time.
        method = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
        small = cv2.resize(image, size, interpolation=method)
        right, bottom = (-size[0]) % _STRIDE, (-size[1]) % _STRIDE
        left, top = right // 2, bottom // 2
        framed = cv2.copyMakeBorder(
            small, top, bottom - top, left, right - left, cv2.BORDER_CONSTANT, value=(114, 114, 114)
        )
        tensor = cv2.dnn.blobFromImage(framed, 1 / 255, swapRB=True)
        return np.asarray(tensor, np.float32), scale, np.array([left, top], np.float32)

    def _suppress(
        self, corners: Floats, scores: Floats, classes: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Suppress overlaps; a garment is one thing, so garments compete across classes."""
        kept: list[int] = []
        for group in (classes == 0, classes > 0):
            rows = np.flatnonzero(group)
            if not rows.size:
                continue
            sizes = corners[rows, 2:] - corners[rows, :2]
            boxes = np.hstack([corners[rows, :2], sizes]).tolist()
            best = cv2.dnn.NMSBoxes(boxes, scores[rows].tolist(), 0.0, _OVERLAP, top_k=_MOST)
            kept += [int(rows[n]) for n in np.asarray(best).reshape(-1)]
        return np.array(kept, np.int64)


def _garment_or_person(answer: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Score each place (classes × places → places) and name its class.

    Kinds of garment look alike when folded, and the classes share the evidence: that
    it is *some* garment is one minus the chance that it is none of them.
    """
    person, garments = answer[0], answer[1:]
    some = 1 - np.prod(1 - garments, axis=0)
    classes = np.where(person >= some, 0, 1 + garments.argmax(0))
    return np.maximum(person, some), classes
