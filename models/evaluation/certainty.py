"""Fit how sure a match must be, on articles that the gallery has and has not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from models.evaluation.floor import lowest_score
from models.evaluation.retrieval import UNKNOWN_SHARE, Answers, Track
from models.manifest import Certainty
from models.matching import Evidence, chance, likeliest_kind

Doubles = NDArray[np.float64]

_FOLDS: Final = 5
#: Pulls weights, and how a category differs from all, towards zero.
_RIDGE: Final = (1e-3, 2e-2)


def _examples(answers: Answers) -> tuple[Doubles, NDArray[np.str_], Doubles, Doubles]:
    """Return evidence, category said, right or wrong, and weight of 2Q examples."""
    count = len(answers.truth)
    said = answers.categories[np.concatenate([answers.best, answers.best_unknown])]
    right = np.concatenate([answers.best == answers.truth, np.zeros(count)])
    weight = np.repeat([1 - UNKNOWN_SHARE, UNKNOWN_SHARE], count)
    found = np.concatenate([answers.known, answers.unknown])
    return found.astype(float), said, right.astype(float), weight


def _logistic(found: Doubles, said: NDArray[np.str_], right: Doubles, weight: Doubles) -> Certainty:
    """Fit a ridge logistic regression; categories share all but their intercept."""
    middle, spread = found.mean(0), found.std(0) + 1e-9
    names = sorted(set(said.tolist()))
    x = torch.tensor((found - middle) / spread)
    one_hot = torch.tensor(said[:, None] == np.array(names)[None]).double()
    y, w = torch.tensor(right), torch.tensor(weight)
    parameters = torch.zeros(1 + x.shape[1] + len(names), dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.LBFGS([parameters], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        slopes, offsets = parameters[1 : 1 + x.shape[1]], parameters[1 + x.shape[1] :]
        logit = parameters[0] + x @ slopes + one_hot @ offsets
        fit = torch.nn.functional.binary_cross_entropy_with_logits(logit, y, w)
        total = fit + _RIDGE[0] * slopes.square().sum() + _RIDGE[1] * offsets.square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    fitted = parameters.detach().numpy()
    slopes = fitted[1 : 1 + x.shape[1]] / spread
    similarity, margin, lead, votes = (round(float(n), 5) for n in slopes)
    return Certainty(
        weights=(similarity, margin, lead, votes),
        intercept=round(float(fitted[0] - slopes @ middle), 5),
        categories={
            name: round(float(n), 5)
            for name, n in zip(names, fitted[1 + x.shape[1] :], strict=True)
        },
        floor=1.0,
    )


def _chances(found: Doubles, said: NDArray[np.str_], certainty: Certainty) -> Doubles:
    rows = zip(found, said, strict=True)
    return np.array([chance(Evidence(*row), str(name), certainty) for row, name in rows])


def _foreseen(answers: Answers) -> Doubles:
    """Return each example's chance as foretold by a fit on the other folds."""
    found, said, right, weight = _examples(answers)
    fold = np.tile(np.arange(len(answers.truth)) % _FOLDS, 2)
    chances = np.zeros(len(found))
    for number in range(_FOLDS):
        rest, mine = fold != number, fold == number
        certainty = _logistic(found[rest], said[rest], right[rest], weight[rest])
        chances[mine] = _chances(found[mine], said[mine], certainty)
    return chances


def _floor(chances: Doubles, right: Doubles, weight: Doubles, precision: float) -> float:
    """Accept nothing, from a chance of 1 on, where no chance is enough."""
    score = lowest_score(chances, right, precision, weight)
    return 1.0 if score is None else score


def fit_certainty(answers: Answers, precision: float) -> Certainty:
    """Fit the chance of being right, and the chance from which on a match is accepted.

    The floor is read off chances that fits on other folds foretold.

    Args:
        answers: Fused tracks against a gallery.
        precision: Share of accepted matches to be right, unknown garments among them.
    """
    found, said, right, weight = _examples(answers)
    floor = _floor(_foreseen(answers), right, weight, precision)
    return _logistic(found, said, right, weight).model_copy(update={"floor": round(floor, 4)})


def acceptance(answers: Answers, precision: float) -> dict[str, Any]:
    """Tell what is accepted and how much of it is right, by two-fold cross-validation.

    Each half is judged by a fit, floor included, on the other half.

    Returns:
        `accepted` of the garments the shop has, `accepted_of_unknown` of those it does not
        have, and `right_of_accepted`, one garment in five being unknown.
    """
    found, said, right, weight = _examples(answers)
    half = np.tile(np.arange(len(answers.truth)) % 2, 2)
    accepted = np.zeros(len(found), bool)
    for number in (0, 1):
        rest, mine = half != number, half == number
        certainty = _logistic(found[rest], said[rest], right[rest], weight[rest])
        floor = _floor(
            _chances(found[rest], said[rest], certainty), right[rest], weight[rest], precision
        )
        accepted[mine] = _chances(found[mine], said[mine], certainty) >= floor
    known, unknown = np.split(accepted, 2)
    total = float((accepted * weight).sum())
    return {
        "accepted": round(float(known.mean()), 4),
        "accepted_of_unknown": round(float(unknown.mean()), 4),
        "right_of_accepted": round(float((accepted * right * weight).sum()) / total, 4)
        if total
        else None,
    }


def kind_right(answers: Answers, tracks: Sequence[Track]) -> dict[str, float]:
    """Tell how often the kind of a garment is right, one in five being unknown.

    Args:
        answers: To the tracks.
        tracks: As asked.

    Returns:
        `by_views` alone, and `with_candidate`, as matches tell it.
    """
    _, said, _, weight = _examples(answers)
    twice = [*tracks, *tracks]

    def share(chances: Doubles) -> float:
        told = zip(twice, said, chances, strict=True)
        right = [likeliest_kind(t.kinds, str(c), n) == t.article.category for t, c, n in told]
        return round(float(np.average(right, weights=weight)), 4)

    return {"by_views": share(np.zeros(len(twice))), "with_candidate": share(_foreseen(answers))}
