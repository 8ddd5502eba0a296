"""Measure how many frames per second this machine processes, and so how many cameras."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import supervision as sv

from calibration import Camera
from common.crossing import Crossing
from models.detectors.protocol import ObjectDetector
from vision.frame import Frame
from vision.gate import GateCrossing, GateMonitor
from vision.match import Matcher
from vision.pipeline import Pipeline
from vision.score import Score, score_clip
from vision.track import Tracks

#: Share of a machine's capacity for cameras; the rest is for screens and peaks.
_LOAD: Final = 0.7
_WARM_UP: Final = 5


@dataclass(frozen=True)
class Throughput:
    """Processing time and accuracy of one pipeline on a clip.

    Attributes:
        seconds: CPU seconds of the whole process, all threads.
        frames: Number of frames.
        score: Its crossings against the clip's ground truth; None without one.
    """

    seconds: float
    frames: int
    score: Score | None

    @property
    def per_core(self) -> float:
        """Frames per second on one core."""
        return self.frames / self.seconds


def _timed(frames: Sequence[Frame], step: Callable[[Frame], object]) -> float:
    """Return the CPU seconds that a step takes for all frames."""
    started = time.process_time()
    for frame in frames:
        step(frame)
    return max(time.process_time() - started, 1e-6)


def measure_pipeline(
    frames: Sequence[Frame],
    camera: Camera,
    detector: ObjectDetector,
    matcher: Matcher,
    truth: Sequence[dict[str, Any]] | None,
) -> Throughput:
    """Measure the whole pipeline, from masks to matched crossings."""
    rate = frame_rate(frames)
    warm = Pipeline(camera, detector, matcher, rate)
    _timed(frames[:_WARM_UP], warm.process)
    pipeline = Pipeline(camera, detector, matcher, rate)
    found: list[Crossing] = []
    seconds = _timed(frames, lambda frame: found.extend(pipeline.process(frame)))
    found += pipeline.finish()
    return Throughput(seconds, len(frames), score_clip(found, truth) if truth is not None else None)


def measure_ultralytics(
    frames: Sequence[Frame],
    camera: Camera,
    model: Any,
    truth: Sequence[dict[str, Any]] | None,
) -> Throughput:
    """Measure Ultralytics' own loop, `YOLO.track` at 640 pixels, with our gates on its tracks.

    Args:
        frames: The clip.
        camera: The camera, for its gates.
        model: An `ultralytics.YOLO` with COCO's classes.
        truth: The clip's events.
    """
    gates = GateMonitor(camera.gates)
    passed: list[GateCrossing] = []

    def step(frame: Frame) -> None:
        image = np.ascontiguousarray(frame.image)
        result = model.track(image, imgsz=640, persist=True, verbose=False)[0]
        found = sv.Detections.from_ultralytics(result)
        people = found[found.class_id == 0]
        assert isinstance(people, sv.Detections)
        passed.extend(gates.update(Tracks(frame, people, sv.Detections.empty(), ())))

    _timed(frames[:_WARM_UP], lambda frame: model.predict(frame.image, imgsz=640, verbose=False))
    seconds = _timed(frames, step)
    passed += gates.finish(frames[-1].time)
    crossings = [
        Crossing(p.time, p.event, camera.name, p.gate.name, p.gate.room, p.person, ())
        for p in passed
    ]
    return Throughput(
        seconds, len(frames), score_clip(crossings, truth) if truth is not None else None
    )


def frame_rate(frames: Sequence[Frame]) -> float:
    """Return the frames per second of a clip; 10 if it has one frame."""
    span = frames[-1].time - frames[0].time if len(frames) > 1 else 0.0
    return (len(frames) - 1) / span if span > 0 else 10.0


def camera_capacity(measured: Throughput, cores: int, frames_per_second: float) -> int:
    """Return how many cameras as busy as the clip a machine can process."""
    return int(_LOAD * cores * measured.per_core / frames_per_second)
