"""List what the embedder's training renders: articles, people and snapshots of the shops."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from models.taxonomy import GARMENTS
from models.training.data import Article, load_articles, people_paths
from models.training.embedder.recipe import EmbedderRecipe, Shop
from models.training.embedder.rendering import RenderPlan
from models.training.embedder.views import usable
from models.training.scenes.snapshots import load_snapshots

#: Views of each validation garment.
_QUERY_VIEWS: Final = 3


def collect(shops: Sequence[Shop], recipe: EmbedderRecipe) -> tuple[RenderPlan, dict[str, range]]:
    """List what to render: articles of all shops; people and snapshots of the first one.

    Args:
        shops: The data folders.
        recipe: Sets how many validation garments of each shop are queries.

    Returns:
        The render plan, and the rows of each shop's articles.

    Raises:
        ModelError: Data is missing.
    """
    articles, train_rows, query_rows = list[Article](), list[int](), list[int]()
    rows: dict[str, range] = {}
    for number, shop in enumerate(shops, 1):
        in_shop, first = load_articles(shop.root), len(articles)
        articles += usable(in_shop, False, shop.one_in)
        train_rows += range(first, len(articles))
        held_out = usable(in_shop, True, shop.one_in)
        garments = [n for n, a in enumerate(held_out, len(articles)) if a.category in GARMENTS]
        random.Random(7).shuffle(garments)  # independent of the seed of the training
        query_rows += garments[: recipe.queries] * _QUERY_VIEWS
        articles += held_out
        rows[f"shop {number}"] = range(first, len(articles))
    root = shops[0].root
    plan = RenderPlan(
        articles,
        train_rows,
        query_rows,
        people_paths(root, validation=False),
        people_paths(root, validation=True),
        load_snapshots(root, validation=False),
        recipe.seed,
    )
    return plan, rows
