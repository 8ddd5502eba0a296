"""Train the stylist on looks, evaluate it on held-out looks, and export it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.stylist.runtime import Stylist
from models.training.stylist.evaluation import OutfitScorer, evaluate_outfits, fit_threshold
from models.training.stylist.export import export_stylist
from models.training.stylist.looks import Collection, Look, split_looks
from models.training.stylist.trainer import StylistRecipe, train_stylist


def train_and_evaluate(
    collection: Collection, looks: Sequence[Look], recipe: StylistRecipe, run: Path
) -> dict[str, Any]:
    """Train and evaluate on a split of the looks, then train on all looks and export.

    Args:
        collection: The articles.
        looks: Rows of articles that stylists combined.
        recipe: Hyperparameters.
        run: Folder for weights, manifest, recipe and metrics.

    Returns:
        The metrics of the training on the split.
    """
    run.mkdir(parents=True, exist_ok=True)
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2))
    learned, measured = split_looks(looks, collection.skus)
    judged = train_stylist(collection, learned, recipe, "measured")
    trial = Stylist(export_stylist(judged, run, collection.model, 0.0))
    report = evaluate_outfits(trial, collection, learned, measured)
    threshold = fit_threshold(OutfitScorer(trial, collection, learned), measured)
    final = train_stylist(collection, looks, recipe, "stylist")
    export_stylist(final, run, collection.model, threshold)
    (run / "figures.json").write_text(json.dumps(report, indent=2))
    return report
