"""Fit how sure a match must be, on articles that the gallery has and has not.

Shops of several sizes are fitted together: the fewer articles a shop has, the further ahead
of the others the best candidate is, also where it is wrong. A fit on a large shop alone is
too sure in a small one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from models.manifest import Certainty
from models.matching import Evidence, chance, likeliest_kind
from models.training.embedder.retrieval import UNKNOWN_SHARE, Answers, Track
from models.training.threshold import lowest_score

Doubles = NDArray[np.float64]

_FOLDS: Final = 5
#: Pulls weights, and how a category differs from all, towards zero.
_RIDGE: Final = (1e-3, 2e-2)


@dataclass(frozen=True)
class _Examples:
    """Evidence M×4, and M each of: category said, right or wrong, weight, query, shop."""

    found: Doubles
    said: NDArray[np.str_]
    right: Doubles
    weight: Doubles
    query: NDArray[np.int64]
    shop: NDArray[np.int64]

    def of(self, chosen: NDArray[np.bool_]) -> _Examples:
        """Choose some of them."""
        return _Examples(*(getattr(self, one.name)[chosen] for one in fields(self)))


def _examples(shops: Sequence[Answers]) -> _Examples:
    """List the answers of every shop, with the right article in it and then without."""
    parts = []
    for number, answers in enumerate(shops):
        count = len(answers.truth)
        parts.append(
            (
                np.concatenate([answers.known, answers.unknown]).astype(float),
                answers.categories[np.concatenate([answers.best, answers.best_unknown])],
                np.concatenate([answers.best == answers.truth, np.zeros(count)]).astype(float),
                np.repeat([1 - UNKNOWN_SHARE, UNKNOWN_SHARE], count),
                np.tile(np.arange(count), 2),
                np.full(2 * count, number),
            )
        )
    return _Examples(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _logistic(examples: _Examples) -> Certainty:
    """Fit a ridge logistic regression; categories share all but their intercept."""
    middle, spread = examples.found.mean(0), examples.found.std(0) + 1e-9
    names = sorted(set(examples.said.tolist()))
    x = torch.tensor((examples.found - middle) / spread)
    one_hot = torch.tensor(examples.said[:, None] == np.array(names)[None]).double()
    y, w = torch.tensor(examples.right), torch.tensor(examples.weight)
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


def _chances(examples: _Examples, certainty: Certainty) -> Doubles:
    rows = zip(examples.found, examples.said, strict=True)
    return np.array([chance(Evidence(*row), str(name), certainty) for row, name in rows])


def _foreseen(examples: _Examples) -> Doubles:
    """Return each example's chance as foretold by a fit on the other folds."""
    fold = examples.query % _FOLDS
    chances = np.zeros(len(fold))
    for number in range(_FOLDS):
        certainty = _logistic(examples.of(fold != number))
        chances[fold == number] = _chances(examples.of(fold == number), certainty)
    return chances


def _floor(chances: Doubles, examples: _Examples, precision: float) -> float:
    """Accept nothing, from a chance of 1 on, where no chance is enough."""
    score = lowest_score(chances, examples.right, precision, examples.weight)
    return 1.0 if score is None else score


def fit_certainty(shops: Sequence[Answers], precision: float) -> Certainty:
    """Fit the chance of being right, and the chance from which on a match is accepted.

    The floor is read off chances that fits on other folds foretold.

    Args:
        shops: Fused tracks against galleries of different sizes.
        precision: Share of accepted matches to be right, unknown garments among them.
    """
    examples = _examples(shops)
    floor = _floor(_foreseen(examples), examples, precision)
    return _logistic(examples).model_copy(update={"floor": round(floor, 4)})


def acceptance(shops: Mapping[str, Answers], precision: float) -> dict[str, dict[str, Any]]:
    """Tell what is accepted and how much of it is right, by two-fold cross-validation.

    Each half of the queries is judged by a fit, floor included, on the other half.

    Returns:
        For each shop: `accepted` of the garments it has, `accepted_of_unknown` of those it
        does not have, and `right_of_accepted`, one garment in five being unknown.
    """
    examples = _examples(list(shops.values()))
    half = examples.query % 2
    accepted = np.zeros(len(half), bool)
    for number in (0, 1):
        rest, mine = examples.of(half != number), half == number
        certainty = _logistic(rest)
        floor = _floor(_chances(rest, certainty), rest, precision)
        accepted[mine] = _chances(examples.of(mine), certainty) >= floor
    return {
        name: _told(examples.of(examples.shop == number), accepted[examples.shop == number])
        for number, name in enumerate(shops)
    }


def _told(examples: _Examples, accepted: NDArray[np.bool_]) -> dict[str, Any]:
    """Summarise one shop."""
    known, unknown = np.split(accepted, 2)
    total = float((accepted * examples.weight).sum())
    right = float((accepted * examples.right * examples.weight).sum())
    return {
        "accepted": round(float(known.mean()), 4),
        "accepted_of_unknown": round(float(unknown.mean()), 4),
        "right_of_accepted": round(right / total, 4) if total else None,
    }


def kind_right(shops: Sequence[Answers], tracks: Sequence[Track]) -> dict[str, float]:
    """Tell how often the kind of a garment is right in the last shop, one in five being unknown.

    Args:
        shops: Answers to the tracks in all shops that certainty is fitted in.
        tracks: As asked.

    Returns:
        `by_views` alone, and `with_candidate`, as matches tell it.
    """
    examples = _examples(shops)
    last = examples.shop == len(shops) - 1
    chances, asked = _foreseen(examples)[last], examples.of(last)
    twice = [*tracks, *tracks]

    def share(chances: Doubles) -> float:
        told = zip(twice, asked.said, chances, strict=True)
        right = [likeliest_kind(t.kinds, str(c), n) == t.article.category for t, c, n in told]
        return round(float(np.average(right, weights=asked.weight)), 4)

    return {"by_views": share(np.zeros(len(twice))), "with_candidate": share(chances)}
