"""Evaluate the detector on composed scenes, and the embedder beside the ImageNet baseline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from models.detectors.yolo import YoloDetector
from models.embedders.protocol import GarmentEmbedder
from models.embedders.registry import open_embedder
from models.matching import GalleryFeatures
from models.simulation.cutout import read_image
from models.training.data import Article
from models.training.detector import evaluation as detection
from models.training.detector.dataset import validation_scenes
from models.training.embedder.baseline import Baseline
from models.training.embedder.candidates import evaluate_candidates
from models.training.embedder.queries import embed_packshots, simulate_tracks
from models.training.embedder.report import evaluate_retrieval
from models.training.embedder.retrieval import QueryResults, compute_metrics, query_gallery
from models.training.scenes.snapshots import load_snapshots, of_garments
from services.evaluation.job import Job, Mistake


def measure_detection(job: Job, mistakes: list[Mistake]) -> dict[str, Any]:
    """Evaluate the detector on scenes of held-out people and styles, and on held-out photos."""
    detector = YoloDetector()
    scenes = validation_scenes(job.data, job.out, job.scenes, seed=1)
    scenes_shown = job.progress(scenes, job.scenes, "scenes")
    findings, metrics = detection.measure(detector, scenes_shown)
    for score, text, image in findings.worst:
        mistakes.append(Mistake("detection", f"{text} ({score:.2f})", image))
    snapshots = of_garments(load_snapshots(job.data, validation=True))
    photos_shown = job.progress(snapshots, len(snapshots), "photos")
    photos = detection.evaluate_on_snapshots(detector, open_embedder(), photos_shown)
    return {"scenes": metrics, "photos_of_garments": photos}


def measure_retrieval(
    job: Job,
    embedder: GarmentEmbedder,
    gallery: GalleryFeatures,
    articles: Sequence[Article],
    mistakes: list[Mistake],
) -> dict[str, Any]:
    """Evaluate the embedder on carried garments of held-out styles."""
    people = job.people or job.data
    tracks = simulate_tracks(embedder, people, articles, job.queries, one_in=job.one_in)
    report, shops = evaluate_retrieval(tracks, gallery, articles)
    _show_confusions(shops[str(len(articles))], articles, mistakes)
    baseline = Baseline(people)
    baseline_tracks = simulate_tracks(baseline, people, articles, job.queries, one_in=job.one_in)
    baseline_gallery = embed_packshots(baseline, articles)
    calibration = embedder.calibration
    return report | {
        "candidates": evaluate_candidates(tracks, gallery, articles, calibration),
        "imagenet_single_view": compute_metrics(
            query_gallery(baseline_tracks, baseline_gallery, articles, views=1)
        ),
        "imagenet_track": compute_metrics(
            query_gallery(baseline_tracks, baseline_gallery, articles)
        ),
    }


def _show_confusions(
    results: QueryResults, articles: Sequence[Article], mistakes: list[Mistake]
) -> None:
    """Show the articles with the largest margin of a wrong match."""
    wrong = np.flatnonzero(results.best != results.truth)
    for row in wrong[np.argsort(-results.known[wrong, 1])][:12]:
        truth, match = articles[results.truth[row]], articles[results.best[row]]
        pair = [cv2.resize(read_image(a.image), (150, 210)) for a in (truth, match)]
        text = f"{truth.sku} ({truth.category}) matched to {match.sku} ({match.category})"
        mistakes.append(Mistake("retrieval", text, np.asarray(np.hstack(pair), np.uint8)))
