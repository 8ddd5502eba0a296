"""Measure recognition on real data and write it down: a page with pictures, and JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import jinja2
import numpy as np
from numpy.typing import NDArray

from models import Detector, Embedder, ModelError
from models.data import Article, load_articles
from models.evaluation import detection
from models.evaluation.baseline import Baseline
from models.evaluation.queries import embed_gallery, embed_packshots, film_tracks
from models.evaluation.report import report_retrieval
from models.evaluation.retrieval import Answers, ask, figures
from models.scenes.clips import film_frames
from models.scenes.cutout import Image, read_image
from models.scenes.entrance import draw_entrance
from models.scenes.situations import SITUATIONS, Cast, Situation
from models.scenes.walks import RATE, truth_of
from models.snapshots import load_snapshots, of_garments
from models.training.dataset import scene_props, validation_scenes
from store.catalogue import Gallery
from vision import Matcher, Pipeline
from vision.frame import Frame
from vision.score import Score, score_clip
from web.bench import clip_camera

Progress = Callable[[Iterable[Any], int, str], Iterable[Any]]
#: What can be measured.
PARTS: Final = ("detection", "retrieval", "crossings")
_LOWEST: Final = 0.1


@dataclass(frozen=True)
class Mistake:
    """A picture of something that went wrong."""

    part: str
    text: str
    image: Image


@dataclass(frozen=True)
class Job:
    """What to measure on.

    Attributes:
        data: Data folder (layout in `models.data`).
        out: Folder for the report and for what is worth keeping between runs.
        scenes: How many scenes the detector sees.
        queries: How many garments are looked for.
        clips: How many clips are filmed of each situation.
        progress: Wraps what takes long.
    """

    data: Path
    out: Path
    scenes: int
    queries: int
    clips: int
    progress: Progress


def evaluate(job: Job, parts: Sequence[str]) -> dict[str, Any]:
    """Measure, and write `report.json` and `report.html`.

    Raises:
        ModelError: Data or weights are missing, or the report cannot be written.
    """
    report: dict[str, Any] = {}
    mistakes: list[Mistake] = []
    articles = load_articles(job.data)
    if "detection" in parts:
        report["detection"] = _detection(job, mistakes)
    if {"retrieval", "crossings"} & set(parts):
        embedder = Embedder()
        gallery = embed_gallery(embedder, articles, job.out / "gallery.npz")
        if "retrieval" in parts:
            report["retrieval"] = _retrieval(job, embedder, gallery, articles, mistakes)
        if "crossings" in parts:
            report["crossings"] = _crossings(job, embedder, gallery, articles, mistakes)
    _write(job.out, report, mistakes)
    return report


def _detection(job: Job, mistakes: list[Mistake]) -> dict[str, Any]:
    detector = Detector()
    floor = detector.entry.thresholds[detector.classes[1]]
    scenes = validation_scenes(job.data, job.out, job.scenes, seed=1)
    watched = job.progress(scenes, job.scenes, "scenes")
    findings = detection.look_at_scenes(detector, watched, floor, _LOWEST)
    for score, text, image in findings.worst:
        mistakes.append(Mistake("detection", f"{text} ({score:.2f})", image))
    snapshots = of_garments(load_snapshots(job.data, validation=True))
    watched_photos = job.progress(snapshots, len(snapshots), "photos")
    photos = detection.look_at_snapshots(detector, Embedder(), watched_photos)
    return {"scenes": detection.figures(findings, floor), "photos_of_garments": photos}


def _retrieval(
    job: Job,
    embedder: Embedder,
    gallery: NDArray[np.float32],
    articles: Sequence[Article],
    mistakes: list[Mistake],
) -> dict[str, Any]:
    tracks = film_tracks(embedder, job.data, articles, job.queries)
    report, answers = report_retrieval(tracks, gallery, articles)
    _show_confusions(answers, articles, mistakes)
    baseline = Baseline(job.data)
    same = film_tracks(baseline, job.data, articles, job.queries)
    plain = embed_packshots(baseline, articles)
    return report | {
        "imagenet_single_view": figures(
            ask(same, plain, articles, lambda track: track.vectors[:1])
        ),
        "imagenet_track": figures(ask(same, plain, articles, lambda track: track.vectors)),
    }


def _show_confusions(
    answers: Answers, articles: Sequence[Article], mistakes: list[Mistake]
) -> None:
    """Show the articles that were mistaken for others with the longest lead."""
    wrong = np.flatnonzero(answers.best != answers.truth)
    for row in wrong[np.argsort(-answers.known[wrong, 1])][:12]:
        right, said = articles[answers.truth[row]], articles[answers.best[row]]
        pair = [cv2.resize(read_image(a.image), (150, 210)) for a in (right, said)]
        text = f"{right.sku} ({right.category}) taken for {said.sku} ({said.category})"
        mistakes.append(Mistake("retrieval", text, np.asarray(np.hstack(pair), np.uint8)))


def _crossings(
    job: Job,
    embedder: Embedder,
    gallery: NDArray[np.float32],
    articles: Sequence[Article],
    mistakes: list[Mistake],
) -> dict[str, Any]:
    props = scene_props(job.data, job.out / "poses.json", True)
    cast = Cast(props.person, props.garment)
    shop = Gallery(gallery, tuple(a.sku for a in articles), tuple(a.category for a in articles))
    matcher, detector = Matcher(embedder, shop), Detector()
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
            said = f"{situation.name}: {score.found} of {score.events} events, "
            said += f"{score.reported - score.found} reported that were none"
            mistakes.append(Mistake("crossings", said, middle))
    return {
        "clips": len(scripts),
        "all": total.figures(),
        "situations": {name: score.figures() for name, score in by_situation.items()},
    }


def _play(
    situation: Situation, detector: Detector, matcher: Matcher, seed: int
) -> tuple[Score, Image]:
    """Film a situation and watch it; returns its score and a picture from its middle."""
    truth = truth_of(situation.walks)
    camera = clip_camera(truth["gate"])
    pipeline = Pipeline(camera, detector, matcher, RATE)
    crossings, middle = [], np.zeros((1, 1, 3), np.uint8)
    frames = film_frames(draw_entrance(seed), situation.walks, situation.seconds, seed)
    for number, image in enumerate(frames):
        if number == round(situation.seconds * RATE / 2):
            middle = image.copy()
        crossings += pipeline.process(Frame(camera.name, number / RATE, image))
    crossings += pipeline.finish()
    return score_clip(crossings, truth["events"]), middle


def _write(out: Path, report: dict[str, Any], mistakes: Sequence[Mistake]) -> None:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("web"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    shown = [(m.part, m.text, _inline(m.image)) for m in mistakes]
    page = environment.get_template("evaluation.html").render(report=report, mistakes=shown)
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        (out / "report.html").write_text(page, encoding="utf-8")
    except OSError as error:
        raise ModelError(f"{out}: cannot be written ({error.strerror}).") from error


def _inline(image: Image) -> str:
    scale = min(1.0, 420 / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 82])[1].tobytes()
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()
