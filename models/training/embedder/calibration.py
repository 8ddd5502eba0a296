"""Fit the calibration of match probabilities, on articles inside and outside the gallery.

Galleries of several sizes are fitted together: the fewer articles a shop has, the larger the
margin of the best candidate, also where it is wrong. A fit on a large gallery alone is
overconfident in a small one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from models.manifest import MatchCalibration
from models.matching import MatchScores, match_probability, most_probable_category
from models.training.embedder.retrieval import UNKNOWN_SHARE, QueryResults, Track
from models.training.threshold import lowest_score

Doubles = NDArray[np.float64]

_FOLDS: Final = 5
#: L2 regularisation of the weights, and of the offsets by category.
_RIDGE: Final = (1e-3, 2e-2)
#: Most similar articles of each that are compared with it, and the share of mistaken ones from
#: which on a camera cannot tell two articles apart.
_NEAR: Final = 60
_MISTAKEN: Final = 1 / 3
#: A logit whose probability differs from 1 by 1e-13.
_CERTAIN: Final = 30.0


@dataclass(frozen=True)
class _Examples:
    """M examples: match scores M×4; candidate's category, correct or not, weight, query, shop."""

    scores: Doubles
    category: NDArray[np.str_]
    correct: Doubles
    weight: Doubles
    query: NDArray[np.int64]
    shop: NDArray[np.int64]

    def select(self, mask: NDArray[np.bool_]) -> _Examples:
        """Return the examples that the mask marks."""
        return _Examples(*(getattr(self, field.name)[mask] for field in fields(self)))


def _examples(shops: Sequence[QueryResults]) -> _Examples:
    """Build examples from the results of every shop, with the true article and without it."""
    parts = []
    for number, results in enumerate(shops):
        count = len(results.truth)
        parts.append(
            (
                np.concatenate([results.known, results.unknown]).astype(float),
                results.categories[np.concatenate([results.best, results.best_unknown])],
                np.concatenate([results.best == results.truth, np.zeros(count)]).astype(float),
                np.repeat([1 - UNKNOWN_SHARE, UNKNOWN_SHARE], count),
                np.tile(np.arange(count), 2),
                np.full(2 * count, number),
            )
        )
    return _Examples(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _fit_logistic(examples: _Examples) -> MatchCalibration:
    """Fit a ridge logistic regression with an offset by category."""
    names = sorted(set(examples.category.tolist()))
    if np.ptp(examples.correct) == 0:  # the fit has no optimum: all are right, or none is
        return MatchCalibration(
            weights=(0.0, 0.0, 0.0, 0.0),
            intercept=_CERTAIN if examples.correct.any() else -_CERTAIN,
            category_offsets=dict.fromkeys(names, 0.0),
            threshold=1.0,
        )
    mean, std = examples.scores.mean(0), examples.scores.std(0) + 1e-9
    one_hot = examples.category[:, None] == np.array(names)[None]
    # scikit-learn has one penalty, half the squared norm: a column that is larger by this factor
    # has a weight that is smaller by it, and so a penalty of its own.
    factors = 1 / np.sqrt(2 * len(examples.scores) * np.array(_RIDGE))
    columns = [(examples.scores - mean) / std * factors[0], one_hot * factors[1]]
    model = LogisticRegression(solver="newton-cholesky", tol=1e-9, max_iter=200)
    model.fit(np.hstack(columns), examples.correct, sample_weight=examples.weight)
    slopes, offsets = np.split(model.coef_[0], [len(mean)])
    slopes, offsets = slopes * factors[0] / std, offsets * factors[1]
    similarity, margin, lead, votes = (round(float(n), 5) for n in slopes)
    return MatchCalibration(
        weights=(similarity, margin, lead, votes),
        intercept=round(float(model.intercept_[0] - slopes @ mean), 5),
        category_offsets={name: round(float(n), 5) for name, n in zip(names, offsets, strict=True)},
        threshold=1.0,
    )


def _probabilities(examples: _Examples, calibration: MatchCalibration) -> Doubles:
    rows = zip(examples.scores, examples.category, strict=True)
    return np.array(
        [match_probability(MatchScores(*row), str(name), calibration) for row, name in rows]
    )


def _out_of_fold(examples: _Examples) -> Doubles:
    """Compute each example's probability by a fit on the other folds."""
    fold = examples.query % _FOLDS
    probabilities = np.zeros(len(fold))
    for number in range(_FOLDS):
        calibration = _fit_logistic(examples.select(fold != number))
        held_out = examples.select(fold == number)
        probabilities[fold == number] = _probabilities(held_out, calibration)
    return probabilities


def _threshold(probabilities: Doubles, examples: _Examples, precision: float) -> float:
    """Choose the threshold for a precision; 1 where no threshold reaches it."""
    threshold = lowest_score(probabilities, examples.correct, precision, examples.weight)
    return 1.0 if threshold is None else threshold


def fit_calibration(shops: Sequence[QueryResults], precision: float) -> MatchCalibration:
    """Fit the calibration of match probabilities and the threshold that accepts a match.

    The threshold is chosen on out-of-fold probabilities.

    Args:
        shops: Results of whole tracks for galleries of different sizes.
        precision: Wanted precision of accepted matches, unknown garments included.
    """
    examples = _examples(shops)
    threshold = _threshold(_out_of_fold(examples), examples, precision)
    return _fit_logistic(examples).model_copy(update={"threshold": round(threshold, 4)})


def evaluate_open_set(
    shops: Mapping[str, QueryResults], precision: float
) -> dict[str, dict[str, Any]]:
    """Evaluate the accept or reject decision by two-fold cross-validation.

    Calibration and threshold are fitted on one half of the queries and applied to the other.

    Returns:
        For each shop: `accepted`, the share of known garments that are accepted;
        `unknown_accepted`, the same of unknown ones; and `precision` of the accepted matches
        with the share `UNKNOWN_SHARE` of unknown garments.
    """
    examples = _examples(list(shops.values()))
    half = examples.query % 2
    accepted = np.zeros(len(half), bool)
    for number in (0, 1):
        fitted, tested = examples.select(half != number), half == number
        calibration = _fit_logistic(fitted)
        threshold = _threshold(_probabilities(fitted, calibration), fitted, precision)
        accepted[tested] = _probabilities(examples.select(tested), calibration) >= threshold
    return {
        name: _summarize(examples.select(examples.shop == n), accepted[examples.shop == n])
        for n, name in enumerate(shops)
    }


def _summarize(examples: _Examples, accepted: NDArray[np.bool_]) -> dict[str, Any]:
    """Summarise the decisions of one shop."""
    known, unknown = np.split(accepted, 2)
    total = float((accepted * examples.weight).sum())
    correct = float((accepted * examples.correct * examples.weight).sum())
    return {
        "accepted": round(float(known.mean()), 4),
        "unknown_accepted": round(float(unknown.mean()), 4),
        "precision": round(correct / total, 4) if total else None,
    }


def fit_lookalike(results: QueryResults, embeddings: NDArray[np.float32]) -> float | None:
    """Find the cosine of two articles from which on they are mistaken for one another.

    Args:
        results: Results of Q whole tracks in the whole gallery of N articles.
        embeddings: float32 N×D, of the articles, rows L2-normalised.

    Returns:
        The lowest cosine for which, of all pairs of a query's article and one at least so similar
        to it, the other one ranks above the true one in a third; None where there is none.
    """
    similarity = embeddings[results.truth] @ embeddings.T
    queries = np.arange(len(results.truth))
    similarity[queries, results.truth] = -1
    near = np.argpartition(-similarity, min(_NEAR, len(embeddings) - 1), 1)[:, :_NEAR]
    own = results.scores[queries, results.truth]
    mistaken = np.take_along_axis(results.scores, near, 1) >= own[:, None]
    pairs = np.take_along_axis(similarity, near, 1)
    found = lowest_score(pairs.ravel(), mistaken.ravel(), _MISTAKEN)
    return None if found is None else round(found, 3)


def out_of_fold(shops: Sequence[QueryResults]) -> tuple[Doubles, Doubles, Doubles]:
    """Compute the probability of each query's best candidate by a fit on other queries.

    Args:
        shops: Results of whole tracks for galleries of different sizes.

    Returns:
        Of M examples, with the true article in the gallery and without it: probability, correct
        (0 or 1), and weight by the share of unknown garments.
    """
    examples = _examples(shops)
    return _out_of_fold(examples), examples.correct, examples.weight


def category_accuracy(shops: Sequence[QueryResults], tracks: Sequence[Track]) -> dict[str, float]:
    """Compute the accuracy of the category in the last shop, unknown garments included.

    Args:
        shops: Results of the tracks in all shops that the calibration is fitted on.
        tracks: The queries.

    Returns:
        `by_views`, by the classifier alone, and `with_candidate`, combined with the best
        candidate as `models.matching.most_probable_category` does.
    """
    examples = _examples(shops)
    last = examples.shop == len(shops) - 1
    probabilities, selected = _out_of_fold(examples)[last], examples.select(last)
    twice = [*tracks, *tracks]

    def accuracy(probabilities: Doubles) -> float:
        rows = zip(twice, selected.category, probabilities, strict=True)
        correct = [
            most_probable_category(track.category_probabilities, str(candidate), p)
            == track.article.category
            for track, candidate, p in rows
        ]
        return round(float(np.average(correct, weights=selected.weight)), 4)

    return {"by_views": accuracy(np.zeros(len(twice))), "with_candidate": accuracy(probabilities)}
