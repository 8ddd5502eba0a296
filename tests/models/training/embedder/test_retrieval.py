"""Retrieval metrics and match calibration on embeddings with known ground truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.manifest import MatchCalibration
from models.matching import GalleryFeatures, MatchScores, match_probability, quantize_descriptors
from models.training.data import Article
from models.training.embedder.calibration import (
    category_accuracy,
    evaluate_open_set,
    fit_calibration,
    fit_lookalike,
)
from models.training.embedder.retrieval import (
    QueryResults,
    Track,
    compute_metrics,
    metrics_by_visibility,
    query_gallery,
)

NO_LOCAL_FEATURES = np.zeros((6, 0, 0), np.float32)
GARMENTS = ("top", "dress", "coat")


def shop(count: int) -> list[Article]:
    return [Article(f"A{n}", f"S{n // 2}", GARMENTS[n % 3], Path(f"{n}.jpg")) for n in range(count)]


def unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)


def simulate(noise: float, count: int = 240, seed: int = 0) -> tuple[list[Track], GalleryFeatures]:
    """Simulate a gallery, and tracks whose classifier favours the next category."""
    rng = np.random.default_rng(seed)
    gallery = unit(rng.standard_normal((count, 24)))
    # views of occluded garments resemble them less
    blur = rng.uniform(0.1, 1, count) * noise
    tracks = [
        Track(article, unit(vector + level * rng.standard_normal((6, 24))),
              NO_LOCAL_FEATURES, np.full(6, 0.95, np.float32),
              {article.category: 0.4, GARMENTS[(n + 1) % 3]: 0.6})
        for n, (article, vector, level) in enumerate(zip(shop(count), gallery, blur, strict=True))
    ]  # fmt: skip
    return tracks, GalleryFeatures(gallery, np.zeros((count, 0, 0), np.int8))


def results(noise: float, count: int = 240, seed: int = 0, size: int | None = None) -> QueryResults:
    tracks, gallery = simulate(noise, count, seed)
    return query_gallery(tracks, gallery, shop(count), size=size)


def shops(noise: float) -> dict[str, QueryResults]:
    return {str(size): results(noise, size=size) for size in (12, 60, 240)}


def test_clear_views_find_their_article_in_galleries_of_every_size() -> None:
    report = compute_metrics(results(noise=0.02))
    assert report["240"]["top1"] == report["100"]["top1"] == report["240"]["map"] == 1
    assert report["colourway_accuracy_given_style"] == 1


def test_a_smaller_gallery_is_easier() -> None:
    report = compute_metrics(results(noise=1.4))
    assert 0.05 < report["240"]["top1"] < report["100"]["top1"] < 1
    assert report["240"]["top1"] <= report["240"]["top5"] <= report["240"]["top10"]


def test_a_probable_candidate_determines_the_category() -> None:
    tracks, gallery = simulate(noise=0.02)
    clear = query_gallery(tracks, gallery, shop(240))
    accuracy = category_accuracy([clear], tracks)
    assert accuracy["by_views"] == 0
    # Unknown garments, one in five, are classified by their views alone.
    assert 0.75 < accuracy["with_candidate"] < 0.85


def test_local_features_distinguish_articles_with_similar_embeddings() -> None:
    rng = np.random.default_rng(3)
    tracks, gallery = simulate(noise=3.0)
    cells = unit(rng.standard_normal((240, 5, 8)))
    tracks = [
        replace(track, local_features=np.repeat(cells[[row, row]] / 5, 3, axis=0))
        for row, track in enumerate(tracks)
    ]
    reranked = query_gallery(
        tracks, GalleryFeatures(gallery.embedding, quantize_descriptors(cells)), shop(240)
    )
    plain = results(noise=3.0)
    among = (plain.rank() < 20).mean()  # only these are re-ranked
    assert (plain.rank() == 0).mean() < 0.6 * among
    assert (reranked.rank() == 0).mean() > 0.95 * among
    assert (reranked.best_unknown != reranked.truth).all()


def test_queries_are_grouped_by_visibility() -> None:
    found = results(noise=0.02)
    visible = np.full(240, 0.95, np.float32)
    visible[:40] = 0.3
    report = metrics_by_visibility(found, visible)
    assert [report[name]["queries"] for name in report] == [40, 0, 200]
    assert report["half to most"]["top1"] is None


def test_without_the_true_article_another_one_is_best() -> None:
    found = results(noise=0.02)
    assert (found.best == found.truth).all()
    assert (found.best_unknown != found.truth).all()
    assert (found.unknown[:, 0] < found.known[:, 0]).all()


def test_a_small_shop_is_queried_with_the_true_article_and_without() -> None:
    found = results(noise=0.02, size=12)
    assert (found.best == found.truth).all()
    assert (found.best_unknown != found.truth).all()
    assert ((found.scores > -1).sum(1) == 12).all()
    assert (found.rank() == 0).all()


@pytest.mark.parametrize("precision", [0.8, 0.97])
def test_accepted_matches_have_about_the_wanted_precision(precision: float) -> None:
    report = evaluate_open_set({"240": results(noise=1.0)}, precision)["240"]
    assert report["accepted"] > 3 * report["unknown_accepted"]
    assert report["precision"] == pytest.approx(precision, abs=0.08)


def test_small_and_large_shops_have_the_same_precision() -> None:
    report = evaluate_open_set(shops(noise=1.0), 0.9)
    assert list(report) == ["12", "60", "240"]
    for metrics in report.values():
        assert metrics["precision"] == pytest.approx(0.9, abs=0.06)
    assert report["12"]["accepted"] > report["240"]["accepted"]


def test_a_fit_on_a_large_shop_alone_is_overconfident_in_a_small_one() -> None:
    small = results(noise=1.0, size=12)

    def unknown_accepted(fitted: MatchCalibration) -> float:
        names = small.categories[small.best_unknown]
        probabilities = [
            match_probability(MatchScores(*row), str(name), fitted)
            for row, name in zip(small.unknown, names, strict=True)
        ]
        return float((np.array(probabilities) >= fitted.threshold).mean())

    alone = fit_calibration([results(noise=1.0)], 0.9)
    together = fit_calibration(list(shops(noise=1.0).values()), 0.9)
    assert unknown_accepted(together) < 0.7 * unknown_accepted(alone)


def test_a_higher_precision_raises_the_threshold() -> None:
    found = [results(noise=1.0)]
    assert fit_calibration(found, 0.97).threshold > fit_calibration(found, 0.8).threshold


def test_the_probability_separates_known_from_unknown() -> None:
    found = results(noise=1.0)
    certainty = fit_calibration([found], 0.9)

    def mean(rows: np.ndarray) -> float:
        return float(
            np.mean([match_probability(MatchScores(*row), "top", certainty) for row in rows])
        )

    assert mean(found.known) > mean(found.unknown) + 0.3


def test_noise_is_not_accepted() -> None:
    found = results(noise=60.0)
    assert fit_calibration([found], 0.97).threshold == 1
    measured = evaluate_open_set({"240": found}, 0.97)["240"]
    assert measured == {"accepted": 0, "unknown_accepted": 0, "precision": None}


def test_articles_that_queries_mistake_give_the_cosine_of_lookalikes() -> None:
    rng = np.random.default_rng(0)
    first = unit(rng.standard_normal((60, 24)))
    away = np.repeat([0.05, 2.0], 30)[:, None]  # half of the pairs are nearly one article
    second = unit(first + away * unit(rng.standard_normal((60, 24))))
    embeddings = np.concatenate([first, second])
    noisy = unit(first + 0.3 * unit(rng.standard_normal((60, 24))))
    found = results(0.1, 120)
    found = replace(found, truth=np.arange(60), scores=noisy @ embeddings.T)
    least = fit_lookalike(found, embeddings)
    similarity = (first * second).sum(1)
    assert least is not None
    assert similarity[30:].mean() < least < similarity[:30].max()


def test_articles_that_are_never_mistaken_have_no_lookalikes() -> None:
    found = results(0.0)
    _, gallery = simulate(0.0)
    assert fit_lookalike(found, gallery.embedding) is None
