"""What `fittingroom bench` runs: one clip, our pipeline against the plain loop."""

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
from models.training.scenes.drawn import draw_garment
from models.training.scenes.entrance import draw_entrance
from models.training.scenes.situations import Cast, fewer_out
from models.training.scenes.stage import Label
from models.training.scenes.walks import RATE, truth_of
from models.training.scenes.wardrobe import random_design
from models.training.torch_runtime import load_yolo, use_threads
from vision.bench import Pace, camera_capacity, measure_pipeline, measure_ultralytics
from vision.frame import Frame
from vision.match import Matcher
from vision.sources.recorded import read_file

Progress = Callable[[Iterable[Any], int, str], Iterable[Any]]
_ARTICLES = 5000


@dataclass(frozen=True)
class Clip:
    """Frames with the camera that filmed them and, where known, the true events.

    `labels` are the garments of the frames that the truth has boxes for, by frame.
    """

    frames: list[Frame]
    camera: Camera
    truth: list[dict[str, Any]] | None
    labels: dict[int, list[Label]] = field(default_factory=dict)


def synthetic_clip(progress: Progress) -> Clip:
    """Film somebody who takes three garments in and comes out with one; all drawn."""
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
    """Read a recording; `NAME.truth.json` beside it gives its gate and events.

    Raises:
        ModelError: The truth is no JSON, or not of a clip.
        VisionError: The recording cannot be read.
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
    """Return the garments of each frame that the detector has a class for."""
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
    """Build a matcher over as many articles as a shop has; what they are does not matter."""
    embedder = open_embedder(threads=threads)
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((_ARTICLES, embedder.dimensions)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    kinds = tuple(CATEGORIES[n % len(CATEGORIES)] for n in range(_ARTICLES))
    cells = rng.integers(-127, 128, (_ARTICLES, *embedder.local_shape), np.int8)
    skus = tuple(f"{n:05d}" for n in range(_ARTICLES))
    return Matcher(embedder, Gallery(vectors, skus, kinds, cells))


def compare(clip: Clip, weights: Path | None, frames_per_second: float) -> dict[str, Any]:
    """Run our pipeline and the plain loop over a clip on one thread each, in one process.

    Args:
        clip: What to look at.
        weights: COCO weights of `yolo11n.yaml` for the plain loop; without them its network
            is as fast and finds nothing, and its events are not told.
        frames_per_second: At how many frames a second a shop's camera is looked at.
    """
    cores = os.cpu_count() or 1
    ours = measure_pipeline(
        clip.frames, clip.camera, open_detector(threads=1), _matcher(1), clip.truth
    )
    report: dict[str, Any] = {
        "frames": len(clip.frames),
        "cores": cores,
        "fittingroom": _told(ours),
        "cameras": camera_capacity(ours, cores, frames_per_second),
    }
    model = load_yolo("yolo11n.yaml", weights)
    model.predict(clip.frames[0].image, imgsz=640, verbose=False)  # it sets threads by itself
    use_threads(1)
    plain = measure_ultralytics(clip.frames, clip.camera, model, clip.truth if weights else None)
    return report | {
        "ultralytics_loop": _told(plain),
        "ratio": round(ours.per_core / plain.per_core, 2),
    }


def _told(pace: Pace) -> dict[str, Any]:
    told: dict[str, Any] = {"frames_per_second_per_core": round(pace.per_core, 1)}
    if pace.score is not None:
        figures = pace.score.figures()
        told |= {name: figures[name] for name in ("events", "event_recall", "event_precision")}
    return told
