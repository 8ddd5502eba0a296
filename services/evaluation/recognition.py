"""Measure the detector on composed scenes, and the embedder on views, beside ImageNet's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from models.detectors.yolo import YoloDetector
from models.embedders.protocol import GarmentEmbedder
from models.embedders.registry import open_embedder
from models.matching import Indexed
from models.simulation.cutout import read_image
from models.training.data import Article
from models.training.detector import evaluation as detection
from models.training.detector.dataset import validation_scenes
from models.training.embedder.baseline import Baseline
from models.training.embedder.candidates import measure_candidates
from models.training.embedder.queries import embed_packshots, film_tracks
from models.training.embedder.report import report_retrieval
from models.training.embedder.retrieval import Answers, ask, figures
from models.training.scenes.snapshots import load_snapshots, of_garments
from services.evaluation.job import Job, Mistake


def measure_detection(job: Job, mistakes: list[Mistake]) -> dict[str, Any]:
    """Measure the detector on scenes of unseen people and styles, and on unseen photos."""
    detector = YoloDetector()
    scenes = validation_scenes(job.data, job.out, job.scenes, seed=1)
    watched = job.progress(scenes, job.scenes, "scenes")
    findings, told = detection.measure(detector, watched)
    for score, text, image in findings.worst:
        mistakes.append(Mistake("detection", f"{text} ({score:.2f})", image))
    snapshots = of_garments(load_snapshots(job.data, validation=True))
    watched_photos = job.progress(snapshots, len(snapshots), "photos")
    photos = detection.look_at_snapshots(detector, open_embedder(), watched_photos)
    return {"scenes": told, "photos_of_garments": photos}


def measure_retrieval(
    job: Job,
    embedder: GarmentEmbedder,
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
    certainty = embedder.certainty
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
