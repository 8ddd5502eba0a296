"""Measure films of real people, as they are and with other garments in empty hands."""

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

#: A passage begins this long after the one before it, and ends this long after it happened.
_AFTER_S: Final = 1.5
#: Somebody must be in that many pictures for their hands to be filled.
_LEAST_FRAMES: Final = 10
#: Whether the garments put in fall in folds; the others keep their shape.
_CLOTH: Final = {"stiff": False, "in folds": True}
#: Pictures kept of passages in which a garment was not found.
_PICTURES: Final = 12


@dataclass(frozen=True)
class _Passage:
    """A part of a film in which somebody passes with empty hands, alone."""

    frames: Sequence[Frame]
    event: dict[str, Any]


@dataclass(frozen=True)
class _Watcher:
    """Watches parts of one film."""

    clip: Clip
    detector: YoloDetector
    matcher: Matcher

    def score(self, frames: Sequence[Frame], events: Sequence[dict[str, Any]]) -> Score:
        rate = frame_rate(self.clip.frames)
        found = run_pipeline(frames, self.clip.camera, self.detector, self.matcher, rate)
        return score_clip(list(found), events)


def measure_films(job: Job, matcher: Matcher, mistakes: list[Mistake]) -> dict[str, Any]:
    """Watch every `clips/NAME.mp4` with its truth, then with unseen articles in empty hands.

    Raises:
        ModelError: A truth is not one.
        VisionError: A film cannot be read.
    """
    paths = sorted((job.data / "clips").glob("*.truth.json"))
    detector = YoloDetector()
    as_filmed, refilled = Score(), {cloth: Score() for cloth in _CLOTH}
    boxes, pictures = {}, list[Mistake]()
    for path in job.progress(paths, len(paths), "films"):
        name = path.name.removesuffix(".truth.json")
        clip = read_clip(path.with_name(f"{name}.mp4"))
        watcher = _Watcher(clip, detector, matcher)
        as_filmed.add(watcher.score(clip.frames, clip.truth or []))
        if clip.labels:
            images = [frame.image for frame in clip.frames]
            boxes[name] = compare_boxes(detector, images, clip.labels)
        for passage in _empty_handed(clip):
            for cloth, score in _refill(job, passage, watcher, pictures).items():
                refilled[cloth].add(score)
    mistakes += pictures
    return {
        "films": len(paths),
        "as_filmed": as_filmed.figures(),
        "boxes": boxes,
        "other_garments": {cloth: score.figures() for cloth, score in refilled.items()},
    }


def _empty_handed(clip: Clip) -> Iterator[_Passage]:
    """Find the passages of people who carry nothing, from the last passage on."""
    before = -_AFTER_S
    for event in clip.truth or []:
        since, until = before + _AFTER_S, event["time"] + _AFTER_S
        frames = [frame for frame in clip.frames if since <= frame.time <= until]
        alone = sum(since <= other["time"] <= until for other in clip.truth or []) == 1
        if alone and not event["garments"] and len(frames) >= _LEAST_FRAMES:
            yield _Passage(frames, event)
        before = event["time"]


def _refill(
    job: Job, passage: _Passage, watcher: _Watcher, pictures: list[Mistake]
) -> dict[str, Score]:
    """Watch a passage again and again, each time with one or two other garments."""
    images = [frame.image for frame in passage.frames]
    person = follow(find_person(images, job.data))
    garment = scene_props(job.data, job.out / "poses.json", True).garment
    totals = {cloth: Score() for cloth in _CLOTH}
    ways = list(itertools.product(range(job.clips), _CLOTH))
    for number, cloth in job.progress(ways, len(ways), "hands"):
        rng = np.random.default_rng([number, 37])
        chosen = [garment(rng) for _ in range(1 + number % 2)]
        filled = list(fill_hands(images, person, chosen, rng, _CLOTH[cloth]))
        frames = [Frame(f.camera, f.time, i) for f, i in zip(passage.frames, filled, strict=True)]
        event = passage.event | {"garments": [{"sku": one.sku} for one in chosen]}
        score = watcher.score(frames, [event])
        totals[cloth].add(score)
        if score.first < score.garments and len(pictures) < _PICTURES:
            said = f"{cloth}: {score.counted} of {score.garments} garments reported, "
            said += f"the right article first for {score.first}"
            pictures.append(Mistake("films", said, filled[len(filled) // 2]))
    return totals
