"""The shop of the simulated days: a site with articles and without pictures."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from models.taxonomy import GARMENTS
from services.evaluation.day.habits import Article
from store import Site, init_site, open_site
from store.rows import Row
from store.saving import fingerprint, save_row

#: How often each category is carried into a room, relative to the others.
_SHARES: Final = {
    "top": 18, "shirt": 10, "sweater": 12, "jacket": 7, "coat": 4, "dress": 16, "jumpsuit": 2,
    "skirt": 8, "trousers": 11, "jeans": 9, "shorts": 3,
}  # fmt: skip


def draw_articles(count: int = 300) -> list[Article]:
    """Draw the articles of the shop; always the same ones."""
    rng = np.random.default_rng(0)
    weights = np.array([_SHARES[category] for category in GARMENTS], np.float64)
    drawn = rng.choice(len(GARMENTS), count, p=weights / weights.sum())
    return [Article(f"A{n:04}", GARMENTS[place]) for n, place in enumerate(drawn)]


def make_shop(folder: Path, articles: list[Article], sizes: Sequence[str] = ("",)) -> Site:
    """Make a site that sells the articles in some sizes; the first one has the article's SKU."""
    site = init_site(folder, "A simulated day")
    with site.store.write() as session:
        for line, article in enumerate(articles):
            for size in sizes:
                sku = article.sku if size == sizes[0] else f"{article.sku}-{size}"
                row = Row(
                    line, sku, article.sku, article.sku, (), True, 1990, "EUR",
                    texts={"size": size} if size else {},
                )  # fmt: skip
                save_row(session, row, article.category, (), fingerprint(row))
    return site


def copy_shop(site: Site, folder: Path) -> Site:
    """Copy a shop in which nobody has been yet, for another day."""
    site.close()
    return open_site(shutil.copytree(site.folder, folder))
