"""Measure the detector on composed scenes, and the embedder on views, beside ImageNet's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from models import Detector, Embedder
from models.data import Article
from models.evaluation import detection
from models.evaluation.baseline import Baseline
from models.evaluation.candidates import measure_candidates
from models.evaluation.queries import embed_packshots, film_tracks
from models.evaluation.report import report_retrieval
from models.evaluation.retrieval import Answers, ask, figures
from models.matching import Indexed
from models.scenes.cutout import read_image
from models.snapshots import load_snapshots, of_garments
from models.training.dataset import validation_scenes
from web.evaluation.job import Job, Mistake


def measure_detection(job: Job, mistakes: list[Mistake]) -> dict[str, Any]:
    """Measure the detector on scenes of unseen people and styles, and on unseen photos."""
    detector = Detector()
    scenes = validation_scenes(job.data, job.out, job.scenes, seed=1)
    watched = job.progress(scenes, job.scenes, "scenes")
    findings, told = detection.measure(detector, watched)
    for score, text, image in findings.worst:
        mistakes.append(Mistake("detection", f"{text} ({score:.2f})", image))
    snapshots = of_garments(load_snapshots(job.data, validation=True))
    watched_photos = job.progress(snapshots, len(snapshots), "photos")
    photos = detection.look_at_snapshots(detector, Embedder(), watched_photos)
    return {"scenes": told, "photos_of_garments": photos}


def measure_retrieval(
    job: Job,
    embedder: Embedder,
    gallery: Indexed,
    articles: Sequence[Article],
    mistakes: list[Mistake],
) -> dict[str, Any]:
    """Measure the embedder on carried garments of unseen styles."""
    people = job.people or job.data
    tracks = film_tracks(embedder, people, articles, job.queries, one_in=job.one_in)
    report, shops = report_retrieval(tracks, gallery, articles)
    _show_confusions(shops[str(len(articles))], articles, mistakes)
    baseline = Baseline(people)
    same = film_tracks(baseline, people, articles, job.queries, one_in=job.one_in)
    plain = embed_packshots(baseline, articles)
    certainty = embedder.entry.certainty
    return report | {
        "candidates": measure_candidates(tracks, gallery, articles, certainty),
        "imagenet_single_view": figures(ask(same, plain, articles, views=1)),
        "imagenet_track": figures(ask(same, plain, articles)),
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
