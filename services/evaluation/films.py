"""Measure films of real people, unchanged and with garments added to empty hands."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from models.detectors.yolo import YoloDetector
from models.training.detector.dataset import scene_props
from models.training.detector.filmed import compare_boxes, find_person
from models.training.scenes.refill import fill_hands, follow
from services.bench import Clip, read_clip
from services.evaluation.job import Job, Mistake
from vision.bench import frame_rate
from vision.frame import Frame
from vision.match import Matcher
from vision.replay import run_pipeline
from vision.score import Score, score_clip

#: A segment begins this long after the crossing before it, and ends this long after its own.
_AFTER_S: Final = 1.5
#: Least number of frames of a segment.
_LEAST_FRAMES: Final = 10
#: Whether added garments are simulated as cloth in folds; the others keep their shape.
_CLOTH: Final = {"stiff": False, "in folds": True}
#: The pose network, in a data folder.
_POSE: Final = "weights/yolov8n-pose-coco.safetensors"
#: Most pictures of segments in which a garment was not matched.
_PICTURES: Final = 12


@dataclass(frozen=True)
class _Segment:
    """A part of a film in which one person crosses the gate alone with empty hands."""

    frames: Sequence[Frame]
    event: dict[str, Any]


@dataclass(frozen=True)
class _Scorer:
    """Scores segments of one film."""

    clip: Clip
    detector: YoloDetector
    matcher: Matcher

    def score(self, frames: Sequence[Frame], events: Sequence[dict[str, Any]]) -> Score:
        rate = frame_rate(self.clip.frames)
        found = run_pipeline(frames, self.clip.camera, self.detector, self.matcher, rate)
        return score_clip(list(found), events)


def measure_films(job: Job, matcher: Matcher, mistakes: list[Mistake]) -> dict[str, Any]:
    """Score every `clips/NAME.mp4` against its truth, then with held-out articles added.

    Articles are added only where the data folder has the pose network that finds the hands.

    Raises:
        ModelError: A truth file is not valid.
        VisionError: A film cannot be read.
    """
    paths = sorted((job.data / "clips").glob("*.truth.json"))
    detector = YoloDetector()
    as_filmed, refilled = Score(), {cloth: Score() for cloth in _CLOTH}
    boxes, by_film, pictures = {}, {}, list[Mistake]()
    refills = (job.data / _POSE).is_file()
    for path in job.progress(paths, len(paths), "films"):
        name = path.name.removesuffix(".truth.json")
        clip = read_clip(path.with_name(f"{name}.mp4"))
        scorer = _Scorer(clip, detector, matcher)
        score = scorer.score(clip.frames, clip.truth or [])
        as_filmed.add(score)
        by_film[name] = score.figures()
        if clip.labels:
            images = [frame.image for frame in clip.frames]
            boxes[name] = compare_boxes(detector, images, clip.labels)
        for segment in _empty_handed(clip) if refills else ():
            for cloth, score in _refill(job, segment, scorer, pictures).items():
                refilled[cloth].add(score)
    mistakes += pictures
    return {
        "films": len(paths),
        "as_filmed": as_filmed.figures(),
        "by_film": by_film,
        "boxes": boxes,
        "other_garments": {cloth: score.figures() for cloth, score in refilled.items()},
    }


def _empty_handed(clip: Clip) -> Iterator[_Segment]:
    """Find the segments of people who carry nothing."""
    before = -_AFTER_S
    for event in clip.truth or []:
        since, until = before + _AFTER_S, event["time"] + _AFTER_S
        frames = [frame for frame in clip.frames if since <= frame.time <= until]
        alone = sum(since <= other["time"] <= until for other in clip.truth or []) == 1
        if alone and not event["garments"] and len(frames) >= _LEAST_FRAMES:
            yield _Segment(frames, event)
        before = event["time"]


def _refill(
    job: Job, segment: _Segment, scorer: _Scorer, pictures: list[Mistake]
) -> dict[str, Score]:
    """Score a segment repeatedly, each time with one or two garments added."""
    images = [frame.image for frame in segment.frames]
    person = follow(find_person(images, job.data))
    garment = scene_props(job.data, job.out / "poses.json", True).garment
    totals = {cloth: Score() for cloth in _CLOTH}
    ways = list(itertools.product(range(job.clips), _CLOTH))
    for number, cloth in job.progress(ways, len(ways), "hands"):
        rng = np.random.default_rng([number, 37])
        chosen = [garment(rng) for _ in range(1 + number % 2)]
        filled = list(fill_hands(images, person, chosen, rng, _CLOTH[cloth]))
        frames = [Frame(f.camera, f.time, i) for f, i in zip(segment.frames, filled, strict=True)]
        event = segment.event | {"garments": [{"sku": one.sku} for one in chosen]}
        score = scorer.score(frames, [event])
        totals[cloth].add(score)
        if score.top1 < score.garments and len(pictures) < _PICTURES:
            text = f"{cloth}: {score.counted} of {score.garments} garments reported, "
            text += f"{score.top1} with the correct article first"
            pictures.append(Mistake("films", text, filled[len(filled) // 2]))
    return totals
