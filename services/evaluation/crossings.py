"""Measure crossings in synthetic clips of each situation at an entrance."""

from __future__ import annotations

from typing import Any

import numpy as np

from common.image import Image
from models.detectors.protocol import ObjectDetector
from models.detectors.registry import open_detector
from models.training.detector.dataset import scene_props
from models.training.scenes.clips import film_frames
from models.training.scenes.entrance import draw_entrance
from models.training.scenes.situations import SITUATIONS, Cast, Situation
from models.training.scenes.walks import RATE, truth_of
from services.bench import clip_camera
from services.evaluation.job import Job, Mistake
from vision.frame import Frame
from vision.match import Matcher
from vision.replay import run_pipeline
from vision.score import Score, score_clip


def measure_crossings(job: Job, matcher: Matcher, mistakes: list[Mistake]) -> dict[str, Any]:
    """Render every situation with held-out people and articles, and score the crossings."""
    props = scene_props(job.data, job.out / "poses.json", True)
    cast = Cast(props.person, props.garment)
    detector = open_detector()
    scripts = [
        (kind, make(cast, np.random.default_rng([kind, number, 31])), number)
        for kind, make in enumerate(SITUATIONS)
        for number in range(job.clips)
    ]
    total = Score()
    by_situation: dict[str, Score] = {}
    for kind, situation, number in job.progress(scripts, len(scripts), "clips"):
        score, middle = _play(situation, detector, matcher, kind * 1000 + number)
        total.add(score)
        by_situation.setdefault(situation.name, Score()).add(score)
        if score.found < score.events or score.reported > score.found:
            text = f"{situation.name}: {score.found} of {score.events} events, "
            text += f"{score.reported - score.found} false events"
            mistakes.append(Mistake("crossings", text, middle))
    return {
        "clips": len(scripts),
        "all": total.figures(),
        "situations": {name: score.figures() for name, score in by_situation.items()},
    }


def _play(
    situation: Situation, detector: ObjectDetector, matcher: Matcher, seed: int
) -> tuple[Score, Image]:
    """Render a situation and process it; returns its score and a picture from its middle."""
    truth = truth_of(situation.walks)
    camera = clip_camera(truth["gate"])
    images = list(film_frames(draw_entrance(seed), situation.walks, situation.seconds, seed))
    frames = (Frame(camera.name, n / RATE, image) for n, image in enumerate(images))
    crossings = list(run_pipeline(frames, camera, detector, matcher, RATE))
    return score_clip(crossings, truth["events"]), images[len(images) // 2]
