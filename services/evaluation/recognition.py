"""Evaluate the detector on composed scenes, and the embedder beside the ImageNet baseline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import cv2
import numpy as np

from common.image import Image
from models.detectors.yolo import YoloDetector
from models.embedders.protocol import GarmentEmbedder
from models.embedders.registry import open_embedder
from models.lookalikes import group_lookalikes
from models.matching import GalleryFeatures
from models.simulation.cutout import read_image
from models.taxonomy import GARMENTS
from models.training.data import Article
from models.training.detector import evaluation as detection
from models.training.detector.dataset import validation_scenes
from models.training.embedder.baseline import Baseline
from models.training.embedder.calibration import fit_lookalike, out_of_fold
from models.training.embedder.candidates import evaluate_candidates
from models.training.embedder.queries import embed_packshots, simulate_tracks
from models.training.embedder.report import evaluate_retrieval
from models.training.embedder.retrieval import QueryResults, Track, compute_metrics, query_gallery
from models.training.scenes.snapshots import load_snapshots, of_garments
from services.evaluation.job import Job, Mistake
from services.evaluation.plots import (
    Plot,
    inline,
    plot_confusions,
    plot_gallery_sizes,
    plot_precision_recall,
    plot_reliability,
)
from services.evaluation.shop_map import draw_groups, draw_map

#: Gallery sizes of the plot.
_SIZES: Final = (100, 300, 1000, 3000)
#: Groups of articles that look alike that the report shows.
_GROUPS: Final = 40


def measure_detection(job: Job, mistakes: list[Mistake], plots: list[Plot]) -> dict[str, Any]:
    """Evaluate the detector on scenes of held-out people and styles, and on held-out photos."""
    detector = YoloDetector()
    scenes = validation_scenes(job.data, job.out, job.scenes, seed=1)
    scenes_shown = job.progress(scenes, job.scenes, "scenes")
    findings, metrics = detection.measure(detector, scenes_shown)
    for score, text, image in findings.worst:
        mistakes.append(Mistake("detection", f"{text} ({score:.2f})", image))
    counted = len(findings.garments), float(metrics["threshold"])
    plots.append(plot_precision_recall(findings.scores, findings.right, *counted))
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
    plots: list[Plot],
) -> dict[str, Any]:
    """Evaluate the embedder on carried garments of held-out styles."""
    people = job.people or job.data
    tracks = simulate_tracks(embedder, people, articles, job.queries, one_in=job.one_in)
    report, shops = evaluate_retrieval(tracks, gallery, articles)
    _show_confusions(shops[str(len(articles))], articles, mistakes)
    plots.append(plot_reliability(*out_of_fold(list(shops.values()))))
    plots.append(_plot_categories(tracks, embedder.categories))
    lookalikes = _find_lookalikes(shops[str(len(articles))], gallery, articles, plots)
    baseline = Baseline(people)
    baseline_tracks = simulate_tracks(baseline, people, articles, job.queries, one_in=job.one_in)
    baseline_gallery = embed_packshots(baseline, articles)
    by_baseline = query_gallery(baseline_tracks, baseline_gallery, articles)
    plots.append(_plot_sizes(shops[str(len(articles))], by_baseline))
    return report | {
        "candidates": evaluate_candidates(tracks, gallery, articles, embedder.calibration),
        "imagenet_single_view": compute_metrics(
            query_gallery(baseline_tracks, baseline_gallery, articles, views=1)
        ),
        "imagenet_track": compute_metrics(by_baseline),
        "lookalikes": lookalikes,
    }


def _find_lookalikes(
    results: QueryResults,
    gallery: GalleryFeatures,
    articles: Sequence[Article],
    plots: list[Plot],
) -> dict[str, Any]:
    """Find garments that cannot be told apart, and show them and the whole shop."""
    least = fit_lookalike(results, gallery.embedding)
    carried = np.flatnonzero([article.category in GARMENTS for article in articles])
    groups = group_lookalikes(gallery.embedding[carried], least) if least else []
    groups = [carried[group] for group in groups]

    def read(row: int) -> Image:
        return read_image(articles[row].image)

    if groups:
        text = f"Groups of articles whose cosine is at least {least:.3f}, the largest first."
        sheet = inline(draw_groups(groups[:_GROUPS], read))
        plots.append(Plot("retrieval", "Articles that no camera can tell apart", text, sheet, True))
    text = "Similar articles are neighbours (t-SNE); of those in one place one is shown."
    shop_map = inline(draw_map(gallery.embedding, read))
    plots.append(Plot("retrieval", "Map of the shop", text, shop_map, True))
    return {
        "cosine": least,
        "groups": len(groups),
        "articles": sum(map(len, groups)),
        "largest": [articles[n].sku for n in groups[0]] if groups else [],
    }


def _plot_categories(tracks: Sequence[Track], categories: Sequence[str]) -> Plot:
    likely = [max(p, key=lambda name: p[name]) for p in (t.category_probabilities for t in tracks)]
    return plot_confusions([track.article.category for track in tracks], likely, categories)


def _plot_sizes(fused: QueryResults, baseline: QueryResults) -> Plot:
    sizes = [size for size in _SIZES if size < fused.scores.shape[1]] + [fused.scores.shape[1]]
    order = np.random.default_rng(0).permutation(fused.scores.shape[1])
    ranks = [[each.rank(order[:size]) for size in sizes] for each in (fused, baseline)]
    curves = {
        "correct article among five": [float((rank < 5).mean()) for rank in ranks[0]],
        "correct article first": [float((rank == 0).mean()) for rank in ranks[0]],
        "ImageNet, correct article first": [float((rank == 0).mean()) for rank in ranks[1]],
    }
    return plot_gallery_sizes(sizes, curves, len(fused.truth))


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
