"""The plots of an evaluation's report."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve

from common.image import Image

Doubles = NDArray[np.float64]

_DARK: Final = "#1f4d3f"
_PALE: Final = "#c9a27a"
#: Of the standard normal distribution: a confidence interval of 95%.
_Z: Final = 1.96
_BINS: Final = 10
#: Least weight of a bin of a reliability diagram, in queries.
_LEAST: Final = 5


@dataclass(frozen=True)
class Plot:
    """A plot of one part of a report.

    Attributes:
        part: Of the evaluation.
        title: What it shows.
        text: How to read it.
        address: The picture as a data URL, for `src` of an image.
        wide: Whether it takes the whole width of the page.
    """

    part: str
    title: str
    text: str
    address: str
    wide: bool = False


def inline(image: Image) -> str:
    """Return a picture in BGR as a data URL."""
    data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 82])[1].tobytes()
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


def wilson(share: Doubles, count: Doubles) -> tuple[Doubles, Doubles]:
    """Compute the 95% confidence interval of shares of so many trials.

    Source: Wilson, Journal of the American Statistical Association 22 (1927), 209.
    """
    centre = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    spread = np.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    spread *= _Z / (1 + _Z**2 / count)
    return centre - spread, centre + spread


def plot_precision_recall(
    scores: NDArray[Any], right: NDArray[np.bool_], garments: int, threshold: float
) -> Plot:
    """Plot precision over recall of garments, with the point of the shipped threshold.

    Args:
        scores: N, of all detections.
        right: N, which are true positives.
        garments: Number of ground-truth garments.
        threshold: Of the detector.
    """

    def draw(axes: Axes) -> None:
        if right.any():
            precision, recall, _ = precision_recall_curve(right, scores)
            recall = recall * right.sum() / garments  # garments that no detection hits count too
            axes.plot(recall[:-1], precision[:-1], color=_DARK)
        kept = scores >= threshold
        if kept.any():
            point = right[kept].sum() / max(garments, 1), right[kept].mean()
            axes.plot(*point, "o", color=_PALE, markersize=9)
            axes.annotate(f"  threshold {threshold:.2f}", point, va="bottom")
        axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))

    text = "Garments of any category, IoU 0.5. A threshold chooses a point of the curve."
    return _plot("detection", "Precision and recall", text, draw)


def plot_reliability(probability: Doubles, correct: Doubles, weight: Doubles) -> Plot:
    """Plot how often matches of a probability are correct.

    Args:
        probability: M, of the best candidates, out of fold.
        correct: M, 1 where the candidate is the true article.
        weight: M, in queries.
    """
    edges = np.linspace(0, 1, _BINS + 1)
    which = np.clip(np.digitize(probability, edges) - 1, 0, _BINS - 1)
    total = np.asarray(np.bincount(which, weight, _BINS), np.float64)
    shown = total >= _LEAST
    mean = np.bincount(which, weight * probability, _BINS)[shown] / total[shown]
    share = np.bincount(which, weight * correct, _BINS)[shown] / total[shown]

    def draw(axes: Axes) -> None:
        low, high = wilson(share, total[shown])
        axes.plot([0, 1], [0, 1], "--", color=_PALE)
        axes.vlines(mean, low, high, color=_DARK)
        axes.plot(mean, share, "o", color=_DARK)
        for x, y, count in zip(mean, share, total[shown], strict=True):
            axes.annotate(f"{count:.0f}", (x, y), (6, -9), textcoords="offset points", fontsize=8)
        axes.set(xlabel="probability of the match", ylabel="share that is correct")
        axes.set(xlim=(0, 1), ylim=(0, 1.02))

    text = "On the dashed line a probability means what it says. Numbers are matches in a bin."
    return _plot("retrieval", "Reliability of the match probability", text, draw)


def plot_gallery_sizes(
    sizes: Sequence[int], curves: Mapping[str, Sequence[float]], queries: int
) -> Plot:
    """Plot accuracy over the number of articles, with confidence intervals.

    Args:
        sizes: Numbers of articles, ascending.
        curves: Accuracy at each size, by name.
        queries: Number of queries behind each value.
    """

    def draw(axes: Axes) -> None:
        colours = (_DARK, "#4f8f78", _PALE, "#8c8c92")
        for n, (name, values) in enumerate(curves.items()):
            colour = colours[n % len(colours)]
            low, high = wilson(np.array(values, float), np.full(len(values), float(queries)))
            axes.fill_between(sizes, low, high, color=colour, alpha=0.15, linewidth=0)
            axes.plot(sizes, values, "o-", color=colour, label=name)
        axes.set(xlabel="articles in the shop", ylabel="accuracy", xscale="log", ylim=(0, 1.02))
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.minorticks_off()
        axes.legend(frameon=False, loc="lower left")

    text = f"{queries} carried garments of unseen styles; bands are 95% confidence intervals."
    return _plot("retrieval", "Retrieval by the size of the gallery", text, draw)


def plot_confusions(truth: Sequence[str], predicted: Sequence[str], names: Sequence[str]) -> Plot:
    """Plot which category garments of each category are taken for, in per cent.

    Args:
        truth: The category of each garment.
        predicted: Its most probable category.
        names: Categories in the order of the taxonomy.
    """
    shown = [name for name in names if name in {*truth, *predicted}]
    counts = np.zeros((len(shown), len(shown)), int)
    for true, likely in zip(truth, predicted, strict=True):
        counts[shown.index(true), shown.index(likely)] += 1
    per_cent = 100 * counts / np.maximum(counts.sum(1, keepdims=True), 1)

    def draw(axes: Axes) -> None:
        axes.imshow(per_cent, cmap="Greens", vmin=0, vmax=100)
        for row, column in np.argwhere(per_cent >= 1):
            value = per_cent[row, column]
            colour = "white" if value > 60 else "#1d1b18"
            axes.text(column, row, f"{value:.0f}", ha="center", va="center", color=colour,
                      fontsize=8)  # fmt: skip
        axes.set_xticks(range(len(shown)), shown, rotation=60, ha="right")
        totals = zip(shown, counts.sum(1), strict=True)
        axes.set_yticks(range(len(shown)), [f"{name} ({total})" for name, total in totals])
        axes.set(xlabel="taken for", ylabel="category (garments)")

    text = "Rows are per cent of the garments of a category, by the classifier alone."
    return _plot("retrieval", "Confusion of categories", text, draw, size=(6.2, 5.4))


def _plot(
    part: str,
    title: str,
    text: str,
    draw: Callable[[Axes], None],
    size: tuple[float, float] = (5.2, 3.8),
) -> Plot:
    # Text stays text, to be searched; the seed of names makes equal plots equal files.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": title}):
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots()
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        file = io.BytesIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    data = base64.b64encode(file.getvalue()).decode()
    return Plot(part, title, text, f"data:image/svg+xml;base64,{data}")
