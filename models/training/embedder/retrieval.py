"""How well the embedder finds a carried garment's article, and when to say "unknown"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.matching import Evidence, Indexed, agreement, evidence, likeness, refine
from models.training.data import Article

Floats = NDArray[np.float32]

#: Gallery sizes that figures are given for; the whole gallery comes on top.
SIZES: Final = (100, 1000)
#: This share of queries is taken to be of an article the shop does not have.
UNKNOWN_SHARE: Final = 0.2


@dataclass(frozen=True)
class Track:
    """Views of one garment as one passage shows it.

    Attributes:
        article: What it is.
        vectors: V×D unit vectors, in the order seen.
        cells: V×C×W cells (`models.embedders.protocol.Described`).
        visible: V, share of the garment that nothing covers.
        kinds: How likely each category is by the embedder's second answer to all views.
    """

    article: Article
    vectors: Floats
    cells: Floats
    visible: Floats
    kinds: Mapping[str, float]


@dataclass(frozen=True)
class Answers:
    """What a gallery answers to Q queries, with the right article in it and without.

    Attributes:
        truth: Row of the right article, Q.
        scores: Agreement with every article, Q×N; -1 with those the shop does not have.
        known: What speaks for the best candidate, Q×4 (`models.matching.Evidence`).
        unknown: The same with the right article taken out of the gallery, Q×4.
        best: Row of the best candidate, Q.
        best_unknown: The same with the right article taken out.
        categories: Of the articles, N.
        styles: Of the articles, N.
    """

    truth: NDArray[np.int64]
    scores: Floats
    known: Floats
    unknown: Floats
    best: NDArray[np.int64]
    best_unknown: NDArray[np.int64]
    categories: NDArray[np.str_]
    styles: NDArray[np.str_]

    def rank(self, rows: NDArray[np.int64] | slice = slice(None)) -> NDArray[np.int64]:
        """Where the right article stands among some rows of the gallery; 0 is first."""
        hit = self.scores[np.arange(len(self.truth)), self.truth]
        return np.asarray((self.scores[:, rows] > hit[:, None]).sum(1), np.int64)


def ask(
    tracks: Sequence[Track],
    gallery: Indexed,
    articles: Sequence[Article],
    views: int | None = None,
    size: int | None = None,
) -> Answers:
    """Query a gallery.

    Args:
        tracks: The queries; their articles are in the gallery.
        gallery: Of `articles`.
        articles: The gallery's articles.
        views: How many views of a track to use, the first ones; all when not given.
        size: How many articles the shop has, others for each query; all when not given.
    """
    rows = {article.sku: n for n, article in enumerate(articles)}
    truth = np.array([rows[track.article.sku] for track in tracks])
    scores, known, unknown, best, best_unknown = [], [], [], [], []
    for number, (track, right) in enumerate(zip(tracks, truth, strict=True)):
        shop = _shop(len(articles), int(right), size, number)
        table, score = compare(track, views, gallery, shop)
        everywhere = np.full(len(articles), -1, np.float32)
        everywhere[shop] = score
        scores.append(everywhere)
        known.append(evidence(table, score))
        best.append(shop[score.argmax()])
        others = shop[shop != right]
        table, score = compare(track, views, gallery, others)
        unknown.append(evidence(table, score))
        best_unknown.append(others[score.argmax()])
    return Answers(
        truth,
        np.stack(scores),
        _rows(known),
        _rows(unknown),
        np.array(best),
        np.array(best_unknown),
        np.array([a.category for a in articles]),
        np.array([a.style for a in articles]),
    )


def compare(
    track: Track, views: int | None, gallery: Indexed, shop: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Compare a track's first views with the articles of a shop, as `Matcher` does.

    Args:
        track: The query.
        views: How many of its views, the first ones; all when None.
        gallery: Indexed articles.
        shop: Rows of the gallery that the shop has, N.

    Returns:
        V×N cosines of each view with each article, and N their agreement.
    """
    vectors, cells = track.vectors[:views], track.cells[:views]
    table = vectors @ gallery.vector[shop].T
    if cells.shape[1]:
        table = refine(table, vectors, lambda near: likeness(cells, gallery.cells[shop[near]]))
    return table, agreement(table, vectors)


def _shop(count: int, right: int, size: int | None, seed: int) -> NDArray[np.int64]:
    """Choose the rows of a shop that has the right article."""
    rows = np.arange(count)
    if size is None or size >= count:
        return rows
    others = np.random.default_rng([seed, size]).choice(rows[rows != right], size - 1, False)
    return np.sort(np.append(others, right))


def _rows(found: Sequence[Evidence]) -> Floats:
    return np.array(found, np.float32).reshape(-1, len(Evidence._fields))


def _shares(rank: NDArray[np.int64]) -> dict[str, Any]:
    return {
        "queries": len(rank),
        "top1": round(float((rank == 0).mean()), 4) if len(rank) else None,
        "top5": round(float((rank < 5).mean()), 4) if len(rank) else None,
        "top10": round(float((rank < 10).mean()), 4) if len(rank) else None,
        # With one right article a query, mean average precision is the mean reciprocal rank.
        "map": round(float((1 / (rank + 1)).mean()), 4) if len(rank) else None,
    }


def figures(answers: Answers, seed: int = 0) -> dict[str, Any]:
    """Summarise answers by size of the gallery, and how often style and colourway are right."""
    order = np.random.default_rng(seed).permutation(answers.scores.shape[1])
    report: dict[str, Any] = {
        str(size): _shares(answers.rank(order[:size]))
        for size in SIZES
        if size < answers.scores.shape[1]
    }
    rank = answers.rank()
    report[str(answers.scores.shape[1])] = _shares(rank)
    style = answers.styles[answers.best] == answers.styles[answers.truth]
    report["style_right"] = round(float(style.mean()), 4)
    report["colourway_right_when_style_is"] = (
        round(float((rank[style] == 0).mean()), 4) if style.any() else None
    )
    return report


def by_visibility(answers: Answers, visible: Floats) -> dict[str, Any]:
    """Summarise answers by how much of the garment nothing covers."""
    rank = answers.rank()
    bins = {"under half": (0, 0.5), "half to most": (0.5, 0.9), "nearly all": (0.9, 1.01)}
    return {
        name: _shares(rank[(visible >= low) & (visible < high)])
        for name, (low, high) in bins.items()
    }
