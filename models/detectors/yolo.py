"""The default detector: a YOLO11n, exported to ONNX (`models.training.detector`)."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.detectors.protocol import RawDetections
from models.engine import Engine
from models.errors import ModelError
from models.manifest import WEIGHTS, load_detector_entry, read_weights

Floats = NDArray[np.float32]
_STRIDE = 32
#: IoU threshold and maximum boxes of non-maximum suppression.
_NMS_IOU, _NMS_TOP_K = 0.5, 50


def load_detector(folder: Path = WEIGHTS, threads: int = 2) -> YoloDetector:
    """Load the weights of a folder with a manifest.

    Raises:
        ModelError: They are missing or do not fit their manifest.
    """
    return YoloDetector(folder, threads)


class YoloDetector:
    """Detects people and carried garments."""

    def __init__(self, folder: Path = WEIGHTS, threads: int = 2) -> None:
        """Load the weights.

        Raises:
            ModelError: They are missing or do not fit their manifest.
        """
        self.entry = load_detector_entry(folder)
        weights = read_weights(self.entry, folder)
        self._engine = Engine(weights, threads, self.entry.file, exact=False)
        class_count = (self._engine.shapes[0][1] or 0) - 4
        self.classes = self.entry.classes
        self._outputs = self.entry.outputs
        expected = 1 + max(map(max, self._outputs)) if self._outputs else len(self.classes)
        if class_count < expected or (class_count > expected and not self._outputs):
            raise ModelError(
                f"{self.entry.file}: has {class_count} classes, its manifest expects {expected}."
            )
        self._thresholds = np.array([self.entry.thresholds[c] for c in self.classes], np.float32)

    def detect(
        self, image: Image, threshold_factor: float = 1.0, full_side: int = 0
    ) -> RawDetections:
        """Detect people and garments.

        Args:
            image: uint8 H×W×3 BGR.
            threshold_factor: Factor on the thresholds; trackers also use weaker detections.
            full_side: Long side in pixels of the full frame that `image` is a crop of; it sets
                the scale at which the crop is processed. 0 if `image` is the full frame.

        Returns:
            People and garments, each in descending order of score.
        """
        tensor, scale, pad = self._letterbox(image, full_side or max(image.shape[:2]))
        output = self._engine.run({self._engine.inputs[0]: tensor})[0][0]
        scores, classes = _classify(self._class_scores(output[4:]))
        keep = scores >= self._thresholds[classes] * threshold_factor
        boxes, scores, classes = output[:4, keep].T, scores[keep], classes[keep]
        corners = np.hstack([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2])
        corners = (corners - np.tile(pad, 2)) / scale
        height, width = image.shape[:2]
        corners = np.clip(corners, 0, [width, height, width, height]).astype(np.float32)
        kept = self._suppress(corners, scores, classes)
        return RawDetections(corners[kept], scores[kept].astype(np.float32), classes[kept])

    def _class_scores(self, scores: Floats) -> Floats:
        """Select and join the network's classes (classes × anchors)."""
        if self._outputs is None:
            return scores
        return np.stack([scores[list(rows)].max(axis=0) for rows in self._outputs])

    def _letterbox(self, image: Image, full_side: int) -> tuple[Floats, float, Floats]:
        """Scale to the long side and pad to the stride; return tensor, scale and padding."""
        height, width = image.shape[:2]
        scale = self.entry.long_side / full_side
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        # Down to half the size, bilinear is as good and takes a tenth of the time.
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
        """Apply non-maximum suppression to people, and to garments across classes."""
        kept: list[int] = []
        for group in (classes == 0, classes > 0):
            rows = np.flatnonzero(group)
            if not rows.size:
                continue
            sizes = corners[rows, 2:] - corners[rows, :2]
            boxes = np.hstack([corners[rows, :2], sizes]).tolist()
            best = cv2.dnn.NMSBoxes(boxes, scores[rows].tolist(), 0.0, _NMS_IOU, top_k=_NMS_TOP_K)
            kept += [int(rows[n]) for n in np.asarray(best).reshape(-1)]
        return np.array(kept, np.int64)


def _classify(class_scores: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Compute the score and the class of each anchor (classes × anchors → anchors).

    Folded garments look similar, and their classes share the probability: the score of a
    garment is one minus the probability that it is none of the classes.
    """
    person, garments = class_scores[0], class_scores[1:]
    any_garment = 1 - np.prod(1 - garments, axis=0)
    classes = np.where(person >= any_garment, 0, 1 + garments.argmax(0))
    return np.maximum(person, any_garment), classes
