"""Compare our pipeline's frame rate with Ultralytics' own tracking loop, in one run.

    python benchmarks/pipeline.py CLIP [--frames N]

Both use the same family and the same classes of work: find and follow people in every
frame. The baseline is `YOLO.track` (PyTorch) at 640 on the pretrained weights that
`--weights` names; ours is the shipped detector on ONNX Runtime with both trackers.
Prints frames per second of both and their ratio.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np

from models import Detector
from models.torch_runtime import load_yolo
from vision.detect import detect
from vision.frame import Frame
from vision.source import read_file
from vision.track import CameraTracker


def rate(frames: list[Frame], step: Callable[[Frame], object]) -> float:
    """Return frames per second of a step, after a warm-up of five."""
    for frame in frames[:5]:
        step(frame)
    started = time.perf_counter()
    for frame in frames[5:]:
        step(frame)
    return (len(frames) - 5) / (time.perf_counter() - started)


def main() -> None:
    """Run both on the same frames and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip")
    parser.add_argument("--weights", type=Path, required=True, help="yolo11n-coco.safetensors")
    parser.add_argument("--frames", type=int, default=150)
    arguments = parser.parse_args()
    frames = list(islice(read_file(arguments.clip, "bench"), arguments.frames))
    detector, tracker = Detector(), CameraTracker(10)
    baseline = load_yolo("yolo11n.yaml", arguments.weights)

    def plain(frame: Frame) -> object:
        return baseline.track(np.ascontiguousarray(frame.image), imgsz=640, persist=True,
                              verbose=False)  # fmt: skip

    ours = rate(frames, lambda frame: tracker.update(detect(detector, frame)))
    theirs = rate(frames, plain)
    print(f"ours {ours:.1f} frames/s, plain loop {theirs:.1f} frames/s, ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
