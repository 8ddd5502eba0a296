"""Figures of trained models, and thresholds fitted on what they were not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from models.data import Article
from models.manifest import MatchThreshold
from models.runtime import Detector
from models.scenes.cutout import read_image

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class DetectionScores:
    """All garment detections on labelled scenes, classes ignored.

    Attributes:
        scores: Score of each detection.
        right: Whether it hit a garment (IoU of 0.5) that no better one had hit.
        of_empty: Whether it lies in a scene in which nobody carries anything.
        same_class: Whether a hit also named the right category.
        garments: Number of garments.
        empty_scenes: Number of scenes in which nobody carries anything.
    """

    scores: Floats
    right: NDArray[np.bool_]
    of_empty: NDArray[np.bool_]
    same_class: NDArray[np.bool_]
    garments: int
    empty_scenes: int

    def figures(self, floor: float) -> dict[str, Any]:
        """Summarise at a threshold."""
        kept = self.scores >= floor
        hits = int((kept & self.right).sum())
        order = np.argsort(-self.scores)
        gained = np.cumsum(self.right[order])
        precision = gained / np.arange(1, len(order) + 1)
        best = np.maximum.accumulate(precision[::-1])[::-1]
        return {
            "garments": self.garments,
            "threshold": floor,
            "ap50_any_class": round(float((best * self.right[order]).sum() / self.garments), 4),
            "recall": round(hits / self.garments, 4),
            "precision": round(hits / max(int(kept.sum()), 1), 4),
            "right_category_of_hits": round(
                int((kept & self.right & self.same_class).sum()) / max(hits, 1), 4
            ),
            "scenes_without_garments": self.empty_scenes,
            "false_per_100_such_scenes": round(
                100 * int((kept & self.of_empty).sum()) / max(self.empty_scenes, 1), 2
            ),
        }


def _truth(image: Path, size: tuple[int, int]) -> tuple[Floats, NDArray[np.int64]]:
    lines = (image.parent.parent / "labels" / f"{image.stem}.txt").read_text().split()
    rows = np.array(lines, np.float32).reshape(-1, 5)
    height, width = size
    middle, half = rows[:, 1:3] * [width, height], rows[:, 3:5] * [width, height] / 2
    boxes = np.hstack([middle - half, middle + half]).astype(np.float32)
    return boxes, rows[:, 0].astype(np.int64)


def _overlaps(one: Floats, many: Floats) -> Floats:
    low, high = np.maximum(one[:2], many[:, :2]), np.minimum(one[2:], many[:, 2:])
    inter = np.prod(np.clip(high - low, 0, None), 1)
    areas = np.prod(many[:, 2:] - many[:, :2], 1) + np.prod(one[2:] - one[:2])
    return np.asarray(inter / np.maximum(areas - inter, 1e-6), np.float32)


def detection_scores(detector: Detector, scenes: Sequence[Path]) -> DetectionScores:
    """Run the detector over labelled scenes (YOLO layout) at its lowest thresholds."""
    rows: list[tuple[float, bool, bool, bool]] = []
    garments = empty = 0
    for path in tqdm(scenes, desc="validation", unit="scene"):
        image = read_image(path)
        boxes, kinds = _truth(path, (image.shape[0], image.shape[1]))
        boxes, kinds = boxes[kinds > 0], kinds[kinds > 0]
        garments += len(boxes)
        empty += not len(boxes)
        found = detector.detect(image)
        free = np.ones(len(boxes), bool)
        for n in np.argsort(-found.scores):
            if found.classes[n] == 0:
                continue
            overlap = _overlaps(found.boxes[n], boxes) * free if len(boxes) else np.zeros(1)
            hit = bool(overlap.max() >= 0.5)
            same = hit and bool(kinds[int(overlap.argmax())] == found.classes[n])
            if hit:
                free[int(overlap.argmax())] = False
            rows.append((float(found.scores[n]), hit, not len(boxes), same))
    table = np.array(rows, np.float32).reshape(-1, 4)
    flags = table[:, 1:] > 0
    return DetectionScores(table[:, 0], flags[:, 0], flags[:, 1], flags[:, 2], garments, empty)


def fit_floor(scores: DetectionScores, precision: float) -> float:
    """Find the lowest score from which on detections are right this often."""
    order = np.argsort(-scores.scores)
    share = np.cumsum(scores.right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= precision)
    return round(float(scores.scores[order[enough[-1]]]), 3) if enough.size else 0.5


@dataclass(frozen=True)
class RetrievalScores:
    """Queries against a gallery; arrays are Q×2, single view and fused views.

    Attributes:
        rank: Where the right article stands, 0 is first.
        similarity: Of the best candidate.
        margin: Its lead on the next one.
        style_right: Whether the best candidate is of the right style.
        similarity_without: Of the best candidate when the right article is not there.
        margin_without: Its lead then.
        categories: The category of the best candidate of the fused query.
        gallery: Number of articles.
    """

    rank: NDArray[np.int64]
    similarity: Floats
    margin: Floats
    style_right: NDArray[np.bool_]
    similarity_without: Floats
    margin_without: Floats
    categories: NDArray[np.str_]
    categories_without: NDArray[np.str_]
    gallery: int

    def figures(self) -> dict[str, Any]:
        """Summarise."""
        report: dict[str, Any] = {"gallery": self.gallery, "queries": len(self.rank)}
        for column, name in enumerate(("single_view", "fused_views")):
            rank = self.rank[:, column]
            style = self.style_right[:, column]
            report[name] = {
                "top1": round(float((rank == 0).mean()), 4),
                "top5": round(float((rank < 5).mean()), 4),
                "top10": round(float((rank < 10).mean()), 4),
                "mean_reciprocal_rank": round(float((1 / (rank + 1)).mean()), 4),
                "style_top1": round(float(style.mean()), 4),
                "colourway_right_when_style_is": round(
                    float((rank[style] == 0).mean()) if style.any() else 0.0, 4
                ),
            }
        return report


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)


def retrieval(
    gallery: Floats, articles: Sequence[Article], queries: Floats, truth: Sequence[Article]
) -> RetrievalScores:
    """Query a gallery.

    Args:
        gallery: N×D unit vectors of `articles`.
        articles: The gallery's articles.
        queries: Q×V×D unit vectors, V views of each query.
        truth: The article of each query, in the gallery.
    """
    rows = {article.sku: n for n, article in enumerate(articles)}
    right = np.array([rows[article.sku] for article in truth])
    styles = np.array([a.style for a in articles])
    categories = np.array([a.category for a in articles])
    wanted = np.array([a.style for a in truth])
    pick = np.arange(len(right))
    columns: list[tuple[Any, ...]] = []
    for vectors in (queries[:, 0], _unit(queries.sum(1))):
        table = vectors @ gallery.T
        hit = table[pick, right]
        rank = (table > hit[:, None]).sum(1)
        best = table.argmax(1)
        top = -np.partition(-table, 1, axis=1)[:, :2]
        without = table.copy()
        without[pick, right] = -1
        rest = -np.partition(-without, 1, axis=1)[:, :2]
        columns.append(
            (
                rank,
                top[:, 0],
                top[:, 0] - top[:, 1],
                styles[best] == wanted,
                rest[:, 0],
                rest[:, 0] - rest[:, 1],
                categories[best],
                categories[without.argmax(1)],
            )
        )
    rank, sim, margin, style, sim_without, margin_without = (
        np.stack([columns[0][n], columns[1][n]], 1) for n in range(6)
    )
    return RetrievalScores(
        rank,
        sim,
        margin,
        style,
        sim_without,
        margin_without,
        columns[1][6],
        columns[1][7],
        len(articles),
    )


def _best_threshold(
    known: NDArray[np.float64], unknown: NDArray[np.float64], precision: float
) -> MatchThreshold | None:
    """Search similarity and margin for the most accepted at a precision; None if too few.

    Rows of `known` are (similarity, margin, right), of `unknown` (similarity, margin).
    One query in five is of an article the shop does not have.
    """
    if len(known) < 40:
        return None
    chosen, most = MatchThreshold(similarity=0.99, margin=0.0), 0.0
    for margin in np.arange(0, 0.2, 0.01):
        for similarity in np.arange(0.2, 0.96, 0.02):
            accepted = (known[:, 0] >= similarity) & (known[:, 1] >= margin)
            wrongly = ((unknown[:, 0] >= similarity) & (unknown[:, 1] >= margin)).mean() * 0.2
            right = (accepted & (known[:, 2] > 0)).mean() * 0.8
            total = accepted.mean() * 0.8 + wrongly
            if total > most and right / total >= precision:
                most = float(total)
                chosen = MatchThreshold(
                    similarity=round(float(similarity), 2), margin=round(float(margin), 2)
                )
    return chosen


def fit_matching(scores: RetrievalScores, precision: float) -> dict[str, MatchThreshold]:
    """Fit the match thresholds per category, on fused queries, known and unknown."""
    known = np.stack(
        [scores.similarity[:, 1], scores.margin[:, 1], scores.rank[:, 1] == 0], 1
    ).astype(float)
    unknown = np.stack([scores.similarity_without[:, 1], scores.margin_without[:, 1]], 1)
    overall = _best_threshold(known, unknown.astype(float), precision)
    fitted = {"default": overall or MatchThreshold(similarity=0.6, margin=0.02)}
    for category in sorted(set(scores.categories.tolist())):
        mine = _best_threshold(
            known[scores.categories == category],
            unknown[scores.categories_without == category].astype(float),
            precision,
        )
        if mine is not None:
            fitted[str(category)] = mine
    return fitted
