"""Train the stylist on looks, measure it on others, and export it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.stylist.runtime import Stylist
from models.training.stylist.evaluation import Judge, fit_threshold, report_outfits
from models.training.stylist.export import export_stylist
from models.training.stylist.looks import Collection, Look, split_looks
from models.training.stylist.trainer import StylistRecipe, train_stylist


def learn_looks(
    collection: Collection, looks: Sequence[Look], recipe: StylistRecipe, run: Path
) -> dict[str, Any]:
    """Train on some looks and measure on the others, then train on all and export that.

    Args:
        collection: The articles.
        looks: Rows of them that stylists put together.
        recipe: How.
        run: Folder for weights, manifest, recipe and figures.

    Returns:
        The figures, of the training that did not see the looks it was measured on.
    """
    run.mkdir(parents=True, exist_ok=True)
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2))
    learned, measured = split_looks(looks, collection.skus)
    judged = train_stylist(collection, learned, recipe, "measured")
    trial = Stylist(export_stylist(judged, run, collection.model, 0.0))
    report = report_outfits(trial, collection, learned, measured)
    threshold = fit_threshold(Judge(trial, collection, learned), measured)
    final = train_stylist(collection, looks, recipe, "stylist")
    export_stylist(final, run, collection.model, threshold)
    (run / "figures.json").write_text(json.dumps(report, indent=2))
    return report
