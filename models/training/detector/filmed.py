"""Evaluate the detector on videos of real people with one person each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.detectors.yolo import YoloDetector
from models.training.detector import evaluation as detection
from models.training.scenes.stage import Label, Scene
from models.training.torch_runtime import load_yolo

_SURE: Final = 0.3
_LONG_SIDE: Final = 480
#: Every so many frames count; two that follow each other are alike.
_EVERY: Final = 2


def find_person(images: Sequence[Image], root: Path) -> list[NDArray[np.float32] | None]:
    """Detect the one person of a video with the pose network, independently of the detector.

    Args:
        images: uint8 H×W×3 BGR.
        root: The data folder.

    Returns:
        (left, top, right, bottom) pixels of the surest box of each picture, None without one.
    """
    model = load_yolo("yolov8n-pose.yaml", root / "weights" / "yolov8n-pose-coco.safetensors")
    found: list[NDArray[np.float32] | None] = []
    for image in images:
        boxes = model.predict(image, imgsz=_LONG_SIDE, conf=_SURE, verbose=False)[0].boxes
        found.append(boxes.xyxy[int(boxes.conf.argmax())].numpy() if len(boxes) else None)
    return found


def compare_boxes(
    detector: YoloDetector, images: Sequence[Image], truth: Mapping[int, Sequence[Label]]
) -> dict[str, Any]:
    """Evaluate the garments in every other frame against the ground truth of a video.

    Args:
        detector: The detector.
        images: uint8 H×W×3 BGR, all of the film.
        truth: The garments of each picture that has some, by its number.
    """
    scenes = [Scene(images[n], tuple(truth.get(n, ()))) for n in range(0, len(images), _EVERY)]
    _, metrics = detection.measure(detector, scenes)
    return {
        "frames": metrics["scenes"],
        "frames_without_garments": metrics["scenes_without_garments"],
        "false_per_100_such_frames": metrics["false_per_100_such_scenes"],
        **{
            name: metrics[name] for name in ("garments", "ap50_any_category", "recall", "precision")
        },
    }
