"""From several views of one garment to an article, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.manifest import Certainty

Floats = NDArray[np.float32]
_NEXT = 10


class Evidence(NamedTuple):
    """What speaks for the best candidate of a gallery.

    Attributes:
        similarity: Its agreement with the views.
        margin: Its lead on the second.
        lead: Its lead on the mean of the next ten.
        votes: Share of the views that, each alone, would have chosen it.
    """

    similarity: float
    margin: float
    lead: float
    votes: float


def agreement(table: Floats, views: Floats) -> Floats:
    """Score every article by the half of the views that speak for it most.

    A fold or an arm spoils some views for every article; the right article is the one
    that the others agree on. Over the length of the mean view, so that the scale is that
    of a cosine and one view gives its cosine.

    Args:
        table: V×N cosines of each view with each article.
        views: V×D unit vectors of one garment.

    Returns:
        float32 N.
    """
    half = (len(views) + 1) // 2
    best = np.partition(table, len(views) - half, axis=0)[len(views) - half :]
    length = max(float(np.linalg.norm(views.mean(0))), 1e-6)
    return np.asarray(np.clip(best.mean(0) / length, -1, 1), np.float32)


def evidence(table: Floats, scores: Floats) -> Evidence:
    """Weigh the best candidate.

    Args:
        table: V×N cosines of each view with each article.
        scores: N, their `agreement`.
    """
    best = int(scores.argmax())
    count = min(_NEXT + 1, len(scores))
    top = np.sort(np.partition(scores, len(scores) - count)[-count:])[::-1]
    rest = top[1:] if count > 1 else np.zeros(1, np.float32)
    return Evidence(
        float(top[0]),
        float(top[0] - rest[0]),
        float(top[0] - rest.mean()),
        float((table.argmax(1) == best).mean()),
    )


def chance(found: Evidence, category: str, certainty: Certainty) -> float:
    """Return the chance, 0 to 1, that the best candidate is the right article.

    Args:
        found: What speaks for it.
        category: The candidate's category.
        certainty: The fitted weights.
    """
    logit = certainty.intercept + certainty.categories.get(category, 0.0)
    logit += sum(weight * value for weight, value in zip(certainty.weights, found, strict=True))
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))


def likeliest_kind(shown: Mapping[str, float], candidate: str, sure: float) -> str:
    """Name the kind of a garment that may be unknown.

    It is the best candidate's with the chance that this is the right one, else what the
    views show it to be.

    Args:
        shown: How likely each kind is by the views; they sum to 1.
        candidate: Category of the best candidate.
        sure: Its `chance`.
    """
    likely = {name: (1 - sure) * share for name, share in shown.items()}
    likely[candidate] = likely.get(candidate, 0.0) + sure
    return max(likely, key=lambda name: likely[name])
