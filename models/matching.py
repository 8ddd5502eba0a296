"""From several views of one garment to an article, and how sure that is.

Vectors are compared first, which takes no time however many articles a shop has. The
nearest articles are then looked at part by part: a crop's cells look for the most alike
ones of the packshot (ColBERT's likeness; Khattab and Zaharia, SIGIR 2020), which finds a
print or a seam again where the whole is folded or half hidden.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # training needs this module where the manifest's libraries are missing
    from models.manifest import Certainty

Floats = NDArray[np.float32]
_NEXT = 10
#: What the likeness of cells weighs beside the cosine of vectors.
CELL_WEIGHT = 2.0
#: What the logarithm of a category's probability weighs beside similarity where people choose
#: from candidates (`models.training.embedder.candidates`).
CATEGORY_WEIGHT = 0.03
_LEAST = 1e-3
#: From this lead on the second, the most probable category of an unknown garment is named.
CLEAR_LEAD = 0.3
#: So many articles are looked at part by part.
_NEAREST = 20


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


class Indexed(NamedTuple):
    """What a catalogue keeps of a picture, to find its article by; of N pictures, N of each.

    Attributes:
        vector: float32 D, unit length.
        cells: int8 C×W, directions of the packshot's cells (`directions`).
    """

    vector: Floats
    cells: NDArray[np.int8]


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


def directions(cells: Floats) -> NDArray[np.int8]:
    """Keep what cells show and not how much it tells, as a catalogue does; int8, 127 long."""
    lengths = np.linalg.norm(cells, axis=-1, keepdims=True)
    return np.asarray(np.rint(127 * cells / np.maximum(lengths, 1e-9)), np.int8)


def likeness(views: Floats, articles: NDArray[np.int8]) -> Floats:
    """Tell how well the cells of each view find their like in those of each article.

    Args:
        views: V×C×W cells, whose lengths sum to 1 in each view.
        articles: K×C×W directions of cells.

    Returns:
        float32 V×K, on a cosine's scale.
    """
    width = views.shape[2]
    shown = articles.reshape(-1, width).astype(np.float32) / 127
    table = views.reshape(-1, width) @ shown.T
    best = table.reshape(len(table), len(articles), -1).max(2)
    return np.asarray(best.reshape(*views.shape[:2], -1).sum(1), np.float32)


def refine(
    table: Floats, views: Floats, likeness_of: Callable[[NDArray[np.int64]], Floats]
) -> Floats:
    """Weigh in the likeness of cells for the nearest articles.

    Args:
        table: V×N cosines of each view with each article.
        views: V×D unit vectors of one garment.
        likeness_of: Gives the V×K likeness of the views with the articles of K columns.

    Returns:
        float32 V×N on a cosine's scale. The articles that were not looked at count as
        unlike as the least alike one that was.
    """
    near = np.argsort(-agreement(table, views), kind="stable")[:_NEAREST]
    told = CELL_WEIGHT * likeness_of(near)
    refined = table + told.min(1, keepdims=True)
    refined[:, near] = table[:, near] + told
    return np.asarray(refined / (1 + CELL_WEIGHT), np.float32)


def evidence(table: Floats, scores: Floats) -> Evidence:
    """Weigh the best candidate.

    Args:
        table: V×N cosines of each view with each article, or what `refine` made of them.
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


def category_probabilities(
    shown: Mapping[str, float], candidate: str, sure: float
) -> dict[str, float]:
    """Compute how probable each category is of a garment that may be unknown.

    It is the best candidate's with the chance that this is the right one, else what the
    views show it to be.

    Args:
        shown: How likely each category is by the views; they sum to 1.
        candidate: Category of the best candidate.
        sure: Its `chance`.
    """
    likely = {name: (1 - sure) * share for name, share in shown.items()}
    likely[candidate] = likely.get(candidate, 0.0) + sure
    return likely


def likeliest_kind(shown: Mapping[str, float], candidate: str, sure: float) -> str:
    """Name the most probable category; arguments as of `category_probabilities`."""
    likely = category_probabilities(shown, candidate, sure)
    return max(likely, key=lambda name: likely[name])


def leads_clearly(probabilities: Mapping[str, float]) -> bool:
    """Tell whether one category is so far ahead of the second that it can be named."""
    first, second = sorted((*probabilities.values(), 0.0, 0.0), reverse=True)[:2]
    return first - second >= CLEAR_LEAD


def rank_candidates(
    scores: Floats, categories: NDArray[np.str_], probabilities: Mapping[str, float]
) -> NDArray[np.int64]:
    """Rank articles to choose from, by similarity and the probability of their category.

    A garment that is most probably a sweater is shown as sweaters, unless another article is
    much more alike: both count as logarithms of odds do.

    Args:
        scores: N, similarity of each article (`agreement`).
        categories: N, of each article.
        probabilities: Of the garment's category (`category_probabilities`).

    Returns:
        int64 N, rows from the likeliest on.
    """
    names, where = np.unique(categories, return_inverse=True)
    likely = np.array([max(probabilities.get(str(name), 0.0), _LEAST) for name in names])
    joint = scores + CATEGORY_WEIGHT * np.log(likely)[where]
    return np.argsort(-joint, kind="stable")
