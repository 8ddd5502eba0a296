"""Match the views of a garment to an article of the gallery, with a calibrated probability.

The embeddings are compared first, which is fast however large the gallery is. The nearest
articles are then re-ranked by late interaction: MaxSim of local features (ColBERT; Khattab and
Zaharia, SIGIR 2020), which finds a print or a seam where the garment is folded or half hidden.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # training needs this module where the manifest's libraries are missing
    from models.manifest import MatchCalibration

Floats = NDArray[np.float32]
#: Weight of MaxSim beside the cosine of embeddings.
LOCAL_WEIGHT = 2.0
#: Weight of the log probability of a category beside the similarity, where people choose
#: from candidates (`models.training.embedder.candidates`).
CATEGORY_WEIGHT = 0.03
#: From this margin on, the most probable category of an unknown garment is clear.
CLEAR_MARGIN = 0.3
_MIN_PROBABILITY = 1e-3
#: Runners-up that the mean margin is computed of.
_RUNNERS_UP = 10
#: Articles that are re-ranked.
_RERANKED = 20


class MatchScores(NamedTuple):
    """Features of the best candidate that its match probability is computed from.

    Attributes:
        similarity: Of the candidate.
        margin: To the second candidate.
        mean_margin: To the mean of the next ten candidates.
        vote_share: Share of the views whose own best candidate it is.
    """

    similarity: float
    margin: float
    mean_margin: float
    vote_share: float


class GalleryFeatures(NamedTuple):
    """What the gallery stores of a picture; of N pictures with a leading axis N.

    Attributes:
        embedding: float32 D, unit length.
        local_features: int8 C×W, unit descriptors (`quantize_descriptors`).
    """

    embedding: Floats
    local_features: NDArray[np.int8]


def pool_similarities(table: Floats, views: Floats) -> Floats:
    """Pool the similarities over views: the mean of each article's better half.

    A fold or an arm spoils some views for every article; the true article is the one that the
    others agree on. The mean is divided by the norm of the mean view, so that the scale is that
    of a cosine and a single view yields its cosine.

    Args:
        table: V×N cosines of each view with each article.
        views: V×D unit vectors of one garment.

    Returns:
        float32 N.
    """
    half = (len(views) + 1) // 2
    best = np.partition(table, len(views) - half, axis=0)[len(views) - half :]
    norm = max(float(np.linalg.norm(views.mean(0))), 1e-6)
    return np.asarray(np.clip(best.mean(0) / norm, -1, 1), np.float32)


def quantize_descriptors(local_features: Floats) -> NDArray[np.int8]:
    """Drop the norms of local features and store unit descriptors as int8 of norm 127."""
    norms = np.linalg.norm(local_features, axis=-1, keepdims=True)
    return np.asarray(np.rint(127 * local_features / np.maximum(norms, 1e-9)), np.int8)


def maxsim(views: Floats, articles: NDArray[np.int8]) -> Floats:
    """Compute MaxSim of each view with each article.

    Args:
        views: V×C×W local features, whose norms sum to 1 in each view.
        articles: K×C×W quantized descriptors.

    Returns:
        float32 V×K, on the scale of a cosine.
    """
    width = views.shape[2]
    descriptors = articles.reshape(-1, width).astype(np.float32) / 127
    table = views.reshape(-1, width) @ descriptors.T
    best = table.reshape(len(table), len(articles), -1).max(2)
    return np.asarray(best.reshape(*views.shape[:2], -1).sum(1), np.float32)


def add_offsets(table: Floats, views: Floats, offsets: Floats) -> Floats:
    """Add to the pooled similarity of each article (`models.stock.stock_offsets`).

    Args:
        table: V×N similarities.
        views: V×D unit vectors of one garment.
        offsets: N, on the scale of `pool_similarities`.
    """
    norm = max(float(np.linalg.norm(views.mean(0))), 1e-6)
    return np.asarray(table + norm * offsets, np.float32)


def rerank(
    table: Floats,
    views: Floats,
    maxsim_of: Callable[[NDArray[np.int64]], Floats],
    offsets: Floats | None = None,
) -> Floats:
    """Add MaxSim to the similarities of the nearest articles.

    Args:
        table: V×N cosines of each view with each article.
        views: V×D unit vectors of one garment.
        maxsim_of: Computes V×K MaxSim of the views with the articles of K columns.
        offsets: N, of `add_offsets`: they count in the choice of the nearest articles.

    Returns:
        float32 V×N on the scale of a cosine. Articles that were not re-ranked get the lowest
        MaxSim of those that were.
    """
    ranked = table if offsets is None else add_offsets(table, views, offsets)
    nearest = np.argsort(-pool_similarities(ranked, views), kind="stable")[:_RERANKED]
    local_scores = LOCAL_WEIGHT * maxsim_of(nearest)
    reranked = table + local_scores.min(1, keepdims=True)
    reranked[:, nearest] = table[:, nearest] + local_scores
    return np.asarray(reranked / (1 + LOCAL_WEIGHT), np.float32)


def score_views(
    table: Floats,
    views: Floats,
    maxsim_of: Callable[[NDArray[np.int64]], Floats] | None,
    offsets: Floats | None = None,
) -> tuple[Floats, Floats]:
    """Score a gallery: re-rank where there are local features, add the prior, pool the views.

    Args:
        table: V×N cosines of each view with each article.
        views: V×D unit vectors of one garment.
        maxsim_of: As of `rerank`; None without local features.
        offsets: N, of the prior (`models.stock.stock_offsets`); None without one.

    Returns:
        Similarities with the prior of each view to each article, V×N, and pooled, N.
    """
    if maxsim_of is not None:
        table = rerank(table, views, maxsim_of, offsets)
    if offsets is not None:
        table = add_offsets(table, views, offsets)
    return table, pool_similarities(table, views)


def score_best(table: Floats, scores: Floats) -> MatchScores:
    """Compute the match scores of the best candidate.

    Args:
        table: V×N similarities of each view with each article.
        scores: N, pooled by `pool_similarities`.
    """
    best = int(scores.argmax())
    count = min(_RUNNERS_UP + 1, len(scores))
    top = np.sort(np.partition(scores, len(scores) - count)[-count:])[::-1]
    rest = top[1:] if count > 1 else np.zeros(1, np.float32)
    return MatchScores(
        float(top[0]),
        float(top[0] - rest[0]),
        float(top[0] - rest.mean()),
        float((table.argmax(1) == best).mean()),
    )


def match_probability(scores: MatchScores, category: str, calibration: MatchCalibration) -> float:
    """Compute the calibrated probability, 0 to 1, that the best candidate is the true article.

    Args:
        scores: Of the best candidate.
        category: Of the best candidate.
        calibration: The fitted logistic regression.
    """
    logit = calibration.intercept + calibration.category_offsets.get(category, 0.0)
    logit += sum(weight * value for weight, value in zip(calibration.weights, scores, strict=True))
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))


def category_probabilities(
    by_views: Mapping[str, float], candidate: str, probability: float
) -> dict[str, float]:
    """Compute the probability of each category for a garment that may be unknown.

    It is the candidate's category with the probability of the match, else as by the views.

    Args:
        by_views: Probabilities by the classifier; they sum to 1.
        candidate: Category of the best candidate.
        probability: Its `match_probability`.
    """
    combined = {name: (1 - probability) * share for name, share in by_views.items()}
    combined[candidate] = combined.get(candidate, 0.0) + probability
    return combined


def most_probable_category(
    by_views: Mapping[str, float], candidate: str, probability: float
) -> str:
    """Return the most probable category; arguments as of `category_probabilities`."""
    combined = category_probabilities(by_views, candidate, probability)
    return max(combined, key=lambda name: combined[name])


def is_clear(probabilities: Mapping[str, float]) -> bool:
    """Return whether the margin between the first two categories is clear."""
    first, second = sorted((*probabilities.values(), 0.0, 0.0), reverse=True)[:2]
    return first - second >= CLEAR_MARGIN


def rank_candidates(
    scores: Floats, categories: NDArray[np.str_], probabilities: Mapping[str, float]
) -> NDArray[np.int64]:
    """Rank articles to choose from by similarity and by the probability of their category.

    The score is the similarity plus the weighted log probability of the category. Where the
    category is clear, people are asked whether it is one of these sweaters: another article
    comes after all of them unless it is more similar than each of them.

    Args:
        scores: N, similarity of each article (`pool_similarities`).
        categories: N, of each article.
        probabilities: Of the garment's category (`category_probabilities`).

    Returns:
        int64 N, rows in descending order.
    """
    names, inverse = np.unique(categories, return_inverse=True)
    by_name = np.array([max(probabilities.get(str(name), 0.0), _MIN_PROBABILITY) for name in names])
    joint = scores + CATEGORY_WEIGHT * np.log(by_name)[inverse]
    if not is_clear(probabilities):
        return np.argsort(-joint, kind="stable")
    of_category = categories == max(probabilities, key=lambda name: probabilities[name])
    misfit = ~of_category & (scores < scores[of_category].max(initial=-np.inf))
    return np.lexsort((-joint, misfit))
