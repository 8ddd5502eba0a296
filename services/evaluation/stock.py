"""Measure what the shop's stock adds to recognition, in simulated shops; fit the prior for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from common.stock import StockFigures
from models.embedders.protocol import GarmentEmbedder
from models.manifest import MatchCalibration, StockPrior, load_manifest, save_manifest
from models.matching import GalleryFeatures, match_probability, score_best
from models.stock import presence, presence_features, stock_offsets
from models.training.data import Article
from models.training.embedder.queries import simulate_tracks
from models.training.embedder.retrieval import UNKNOWN_SHARE, Track, score_track
from services.evaluation.job import Job

#: Articles that the simulated shops stock.
SIZES: Final = (500, 1000, 3000)
#: Share of wrong entries: listed but absent, and the other way round.
WRONG: Final = 0.05
_FIT_SHOPS: Final = 30


def measure_stock(
    job: Job, embedder: GarmentEmbedder, gallery: GalleryFeatures, articles: Sequence[Article]
) -> dict[str, Any]:
    """Match tracks with and without the prior, in a shop of its own for each track.

    The temperature is fitted on one half of the tracks and applied to the other. `as_listed`
    has the wrong entries as they fall; in `unlisted` every garment's article is missing from the
    list. One garment in five is unknown for `precision` and `calibration_error`.

    Raises:
        ModelError: Data are missing.
    """
    people = job.people or job.data
    tracks = simulate_tracks(embedder, people, articles, job.queries, one_in=job.one_in)
    report = evaluate_stock(tracks, gallery, articles, embedder.calibration)
    if job.save_stock and job.weights:
        save_prior(StockPrior(**report["fitted"]), job.weights)
    return report


def save_prior(prior: StockPrior, folder: Path) -> None:
    """Write a fitted prior into the manifest of a weights folder, where cameras read it.

    Raises:
        ModelError: The manifest is missing or malformed.
    """
    manifest = load_manifest(folder)
    calibration = manifest.embedder.calibration.model_copy(update={"stock": prior})
    embedder = manifest.embedder.model_copy(update={"calibration": calibration})
    save_manifest(manifest.model_copy(update={"embedder": embedder}), folder)


def evaluate_stock(
    tracks: Sequence[Track],
    gallery: GalleryFeatures,
    articles: Sequence[Article],
    calibration: MatchCalibration,
) -> dict[str, Any]:
    """Evaluate given tracks; see `measure_stock`."""
    place = {article.sku: n for n, article in enumerate(articles)}
    truth = np.array([place[track.article.sku] for track in tracks])
    rows = np.arange(len(articles))
    scores = np.stack([score_track(track, None, gallery, rows)[1] for track in tracks])
    sizes = [size for size in SIZES if size < len(articles)]
    halves = [fit_prior(scores[n::2], truth[n::2], sizes) for n in (0, 1)]
    world = _World(tracks, gallery, articles, calibration, truth)
    plain = world.score([None] * len(tracks))
    report: dict[str, Any] = {
        "queries": len(tracks),
        "fitted": fit_prior(scores, truth, sizes).model_dump(),
        "without_prior": plain,
    }
    for size in sizes:
        table = {}
        for name, unlisted in (("as_listed", False), ("unlisted", True)):
            offsets = [
                stock_offsets(
                    simulate_shop(len(articles), size, [number, size], int(row), unlisted)[0],
                    halves[1 - number % 2],
                )
                for number, row in enumerate(truth)
            ]
            table[name] = world.score(offsets)
        report[str(size)] = table
    return report


def simulate_shop(
    count: int, size: int, seed: Sequence[int], stocked: int = -1, unlisted: bool = False
) -> tuple[StockFigures, NDArray[np.bool_]]:
    """Simulate a shop's figures and what is really there.

    What is there was seen in a room 10 days ago on average and sold 15 days ago; what is absent,
    another 60 and 45 days earlier on average, so that much of it was sold out lately. A quarter
    of what is there, new arrivals say, and two in five of the absent have no record. A list
    overlooks articles and keeps sold ones, most of these with one piece.

    Args:
        count: Articles of the catalogue.
        size: Articles that are there.
        seed: Of all randomness.
        stocked: Row of an article that is there; -1 for none in particular.
        unlisted: Leave that article out of the list.

    Returns:
        The figures, and bool N: what is there.
    """
    rng = np.random.default_rng(list(seed))
    there = np.zeros(count, bool)
    there[rng.choice(count, size, replace=False)] = True
    if stocked >= 0 and not there[stocked]:
        there[rng.choice(np.flatnonzero(there))] = False
        there[stocked] = True
    listed = there & (rng.random(count) >= WRONG)
    ghosts = rng.choice(np.flatnonzero(~there), round(WRONG * size), replace=False)
    listed[ghosts] = True
    if unlisted:
        listed[stocked] = False
    pieces = np.where(there, 1 + rng.poisson(3, count), 1 + rng.poisson(0.5, count))
    sold = _days(rng, there, 15, 45)
    seen = _days(rng, there, 10, 60)
    skus = tuple(str(n) for n in range(count))
    return StockFigures(skus, listed, np.where(listed, pieces, np.nan), sold, seen), there


def _days(
    rng: np.random.Generator, there: NDArray[np.bool_], mean: float, later: float
) -> NDArray[np.float64]:
    days = rng.exponential(mean, len(there))
    days += np.where(there, 0, rng.exponential(later, len(there)))
    days[rng.random(len(there)) < np.where(there, 0.25, 0.4)] = np.nan
    return days


def fit_prior(
    scores: NDArray[np.float32], truth: NDArray[np.int64], sizes: Sequence[int]
) -> StockPrior:
    """Fit the presence of articles on simulated shops, and the temperature by likelihood.

    Args:
        scores: Q×N similarities of the queries to all articles, without a prior.
        truth: Row of the true article, Q.
        sizes: Articles that the simulated shops stock.
    """
    count = scores.shape[1]
    shops = [
        simulate_shop(count, sizes[n % len(sizes)], [1_000_000 + n]) for n in range(_FIT_SHOPS)
    ]
    features = np.concatenate([presence_features(figures, WRONG) for figures, _ in shops])
    model = LogisticRegression(C=1.0, max_iter=500)
    model.fit(features, np.concatenate([there for _, there in shops]))
    w = [round(float(n), 4) for n in model.coef_[0]]
    prior = StockPrior(
        weights=(w[0], w[1], w[2], w[3]), intercept=round(float(model.intercept_[0]), 4),
        wrong=WRONG, temperature=0.0,
    )  # fmt: skip
    log_priors = [
        np.log(
            presence(
                simulate_shop(count, sizes[n % len(sizes)], [2_000_000 + n], int(row))[0], prior
            )
        )
        for n, row in enumerate(truth)
    ]

    def loss(temperature: float) -> float:
        logits = scores / temperature + np.array(log_priors)
        top = logits.max(1)
        total = top + np.log(np.exp(logits - top[:, None]).sum(1))
        return float((total - logits[np.arange(len(truth)), truth]).mean())

    best = minimize_scalar(loss, bounds=(0.003, 0.2), method="bounded", options={"xatol": 1e-4})
    return prior.model_copy(update={"temperature": round(float(best.x), 4)})


class _World:
    """Tracks, with a gallery in which they are looked for."""

    def __init__(
        self,
        tracks: Sequence[Track],
        gallery: GalleryFeatures,
        articles: Sequence[Article],
        calibration: MatchCalibration,
        truth: NDArray[np.int64],
    ) -> None:
        self._tracks, self._gallery, self._truth = tracks, gallery, truth
        self._categories = [article.category for article in articles]
        self._calibration = calibration

    def score(self, offsets: Sequence[NDArray[np.float32] | None]) -> dict[str, Any]:
        """Match every track, with its article in the gallery and without it."""
        ranks, known, unknown = [], [], []
        for track, row, one in zip(self._tracks, self._truth, offsets, strict=True):
            rows = np.arange(len(self._categories))
            table, scores = score_track(track, None, self._gallery, rows, one)
            ranks.append(int((scores > scores[row]).sum()))
            known.append(self._probability(table, scores, rows))
            rows = rows[rows != row]
            rest = None if one is None else one[rows]
            table, scores = score_track(track, None, self._gallery, rows, rest)
            unknown.append(self._probability(table, scores, rows))
        return self._summarize(np.array(ranks), np.array(known), np.array(unknown))

    def _probability(
        self, table: NDArray[np.float32], scores: NDArray[np.float32], rows: NDArray[np.int64]
    ) -> float:
        category = self._categories[rows[scores.argmax()]]
        return match_probability(score_best(table, scores), category, self._calibration)

    def _summarize(
        self, ranks: NDArray[np.int64], known: NDArray[np.float64], unknown: NDArray[np.float64]
    ) -> dict[str, Any]:
        probabilities = np.concatenate([known, unknown])
        correct = np.concatenate([ranks == 0, np.zeros(len(ranks), bool)])
        weight = np.repeat([1 - UNKNOWN_SHARE, UNKNOWN_SHARE], len(ranks))
        accepted = probabilities >= self._calibration.threshold
        total = (accepted * weight).sum()
        return {
            "top1": round(float((ranks == 0).mean()), 4),
            "top5": round(float((ranks < 5).mean()), 4),
            "accepted": round(float(accepted[: len(ranks)].mean()), 4),
            "precision": round(float((accepted * weight * correct).sum() / total), 4)
            if total
            else None,
            "calibration_error": _calibration_error(probabilities, correct, weight),
        }


def _calibration_error(
    probabilities: NDArray[np.float64], correct: NDArray[np.bool_], weight: NDArray[np.float64]
) -> float:
    """Compute the expected calibration error in ten bins of equal width."""
    bins = np.minimum((probabilities * 10).astype(int), 9)
    gaps = [
        abs(float((weight * (probabilities - correct))[bins == number].sum()))
        for number in range(10)
    ]
    return round(sum(gaps) / float(weight.sum()), 4)
