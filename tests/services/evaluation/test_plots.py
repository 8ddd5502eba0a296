"""The plots of a report show the values that they were given."""

from __future__ import annotations

import base64
from xml.etree import ElementTree

import numpy as np
import pytest

from services.evaluation.plots import (
    Plot,
    plot_confusions,
    plot_gallery_sizes,
    plot_precision_recall,
    plot_reliability,
    wilson,
)


def texts(plot: Plot) -> list[str]:
    """Return all texts of a plot, which must be a whole SVG."""
    start, _, data = plot.address.partition(",")
    assert start == "data:image/svg+xml;base64"
    found = ElementTree.fromstring(base64.b64decode(data)).iter("{http://www.w3.org/2000/svg}text")
    return ["".join(element.itertext()).strip() for element in found]


def test_intervals_are_wilsons() -> None:
    low, high = wilson(np.array([0.0, 0.9]), np.array([10.0, 100.0]))
    assert low == pytest.approx([0.0, 0.8256], abs=1e-4)
    assert high == pytest.approx([0.2775, 0.9448], abs=1e-4)


def test_confusions_are_per_cent_of_each_category() -> None:
    truth = ["top"] * 4 + ["skirt"]
    shown = texts(plot_confusions(truth, ["top", "top", "top", "skirt", "skirt"], ["skirt", "top"]))
    assert "top (4)" in shown
    assert {"75", "25", "100"} <= set(shown)


def test_categories_that_never_occur_are_left_out() -> None:
    shown = texts(plot_confusions(["top"], ["top"], ["skirt", "top", "hat"]))
    assert not {"skirt", "hat", "hat (0)"} & set(shown)


def test_reliability_counts_matches_and_leaves_out_thin_bins() -> None:
    probability = np.array([0.95] * 20 + [0.35] * 7 + [0.55] * 2)
    shown = texts(plot_reliability(probability, np.ones(29), np.ones(29)))
    assert {"20", "7"} <= set(shown)
    assert "2" not in shown


def test_sizes_are_named() -> None:
    plot = plot_gallery_sizes([100, 8422], {"first": [0.9, 0.7]}, 620)
    assert {"100", "8,422", "first"} <= set(texts(plot))
    assert "620" in plot.text


def test_the_threshold_stands_in_the_curve() -> None:
    scores, right = np.array([0.9, 0.8, 0.3]), np.array([True, True, False])
    assert "threshold 0.40" in texts(plot_precision_recall(scores, right, 4, 0.4))


def test_a_detector_that_finds_nothing_has_a_plot() -> None:
    nothing = plot_precision_recall(np.array([0.2]), np.array([False]), 3, 0.4)
    assert "threshold 0.40" not in texts(nothing)
    assert "recall" in texts(nothing)


def test_an_equal_plot_is_an_equal_file() -> None:
    def plot() -> Plot:
        return plot_gallery_sizes([100, 300], {"first": [0.9, 0.8]}, 50)

    assert plot() == plot()
