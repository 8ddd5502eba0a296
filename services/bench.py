"""The benchmark of `fittingroom bench`: the pipeline against Ultralytics' tracking loop."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from calibration import Camera, parse_camera
from common.gallery import Gallery
from models.detectors.registry import open_detector
from models.embedders.registry import open_embedder
from models.errors import ModelError
from models.simulation.figure import random_look
from models.taxonomy import CATEGORIES, GARMENTS, category_of
from models.training.scenes.clips import film_frames
from models.training.scenes.designs import random_design
from models.training.scenes.drawn import draw_garment
from models.training.scenes.entrance import draw_entrance
from models.training.scenes.situations import Cast, fewer_out
from models.training.scenes.stage import Label
from models.training.scenes.walks import RATE, truth_of
from models.training.torch_runtime import load_yolo, use_threads
from vision.bench import Throughput, camera_capacity, measure_pipeline, measure_ultralytics
from vision.frame import Frame
from vision.match import Matcher
from vision.sources.recorded import read_file

Progress = Callable[[Iterable[Any], int, str], Iterable[Any]]
_ARTICLES = 5000


@dataclass(frozen=True)
class Clip:
    """Frames with their camera and, if known, the true events.

    `labels` holds the annotated garments by frame number.
    """

    frames: list[Frame]
    camera: Camera
    truth: list[dict[str, Any]] | None
    labels: dict[int, list[Label]] = field(default_factory=dict)


def synthetic_clip(progress: Progress) -> Clip:
    """Render a clip of a person who takes three garments in and comes out with one."""
    cast = Cast(random_look, lambda rng: draw_garment(random_design(rng), "drawn"))
    situation = fewer_out(cast, np.random.default_rng(8))
    truth = truth_of(situation.walks)
    total = round(situation.seconds * RATE)
    images = film_frames(draw_entrance(), situation.walks, situation.seconds, 1)
    frames = [
        Frame("bench", number / RATE, image)
        for number, image in enumerate(progress(images, total, "filming"))
    ]
    return Clip(frames, clip_camera(truth["gate"]), truth["events"])


def read_clip(path: Path) -> Clip:
    """Read a video; `NAME.truth.json` next to it gives its gate and events.

    Raises:
        ModelError: The truth is not JSON, or not of a clip.
        VisionError: The video cannot be read.
    """
    frames = list(read_file(str(path), "bench"))
    sidecar = path.with_suffix(".truth.json")
    if not sidecar.is_file():
        return Clip(
            frames, clip_camera({"from": [0.5, 0.0], "to": [0.5, 1.0], "in": "right"}), None
        )
    try:
        truth = json.loads(sidecar.read_text(encoding="utf-8"))
        camera = clip_camera(truth["gate"])
        labels = _labels(truth.get("boxes", ()))
        events = [_event(entry) for entry in truth["events"]]
        return Clip(frames, camera, sorted(events, key=lambda event: event["time"]), labels)
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{sidecar}: not the truth of a clip ({error!r}).") from error


def _event(entry: dict[str, Any]) -> dict[str, Any]:
    garments = [{"sku": str(garment["sku"])} for garment in entry["garments"]]
    return {"time": float(entry["time"]), "event": str(entry["event"]), "garments": garments}


def _labels(boxes: Iterable[dict[str, Any]]) -> dict[int, list[Label]]:
    """Return the annotated garments of each frame whose category the detector knows."""
    labels: dict[int, list[Label]] = {}
    for entry in boxes:
        left, top, right, bottom = (int(side) for side in entry["box"])
        category, frame = category_of(str(entry["category"])), int(entry["frame"])
        label = Label(category, str(entry["sku"]), (left, top, right, bottom), "", 1.0)
        if category in GARMENTS:
            labels.setdefault(frame, []).append(label)
    return labels


def clip_camera(gate: dict[str, Any]) -> Camera:
    """Build the camera of a clip from its truth's gate."""
    line = {"name": "gate", "rooms": ["1"], **gate}
    return parse_camera({"name": "bench", "source": "clip", "gate": [line]}, "bench")


def _matcher(threads: int) -> Matcher:
    """Build a matcher over as many random articles as a shop has."""
    embedder = open_embedder(threads=threads)
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((_ARTICLES, embedder.dimensions)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    categories = tuple(CATEGORIES[n % len(CATEGORIES)] for n in range(_ARTICLES))
    cells = rng.integers(-127, 128, (_ARTICLES, *embedder.local_shape), np.int8)
    skus = tuple(f"{n:05d}" for n in range(_ARTICLES))
    return Matcher(embedder, Gallery(vectors, skus, categories, cells))


def compare(clip: Clip, weights: Path | None, frames_per_second: float) -> dict[str, Any]:
    """Run the pipeline and the baseline over a clip on one thread each, in one process.

    Args:
        clip: The clip.
        weights: COCO weights of `yolo11n.yaml` for the baseline; without them its network is as
            fast but detects nothing, so its events are not reported.
        frames_per_second: Frames per second processed of a shop's camera.
    """
    cores = os.cpu_count() or 1
    ours = measure_pipeline(
        clip.frames, clip.camera, open_detector(threads=1), _matcher(1), clip.truth
    )
    report: dict[str, Any] = {
        "frames": len(clip.frames),
        "cores": cores,
        "fittingroom": _as_json(ours),
        "cameras": camera_capacity(ours, cores, frames_per_second),
    }
    model = load_yolo("yolo11n.yaml", weights)
    model.predict(clip.frames[0].image, imgsz=640, verbose=False)  # this call sets its own threads
    use_threads(1)
    baseline = measure_ultralytics(clip.frames, clip.camera, model, clip.truth if weights else None)
    return report | {
        "ultralytics_loop": _as_json(baseline),
        "ratio": round(ours.per_core / baseline.per_core, 2),
    }


def _as_json(measured: Throughput) -> dict[str, Any]:
    result: dict[str, Any] = {"frames_per_second_per_core": round(measured.per_core, 1)}
    if measured.score is not None:
        figures = measured.score.figures()
        result |= {name: figures[name] for name in ("events", "event_recall", "event_precision")}
    return result
