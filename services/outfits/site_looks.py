"""A site's articles and looks, for training a stylist of its own."""

from __future__ import annotations

from pathlib import Path

from models.manifest import load_manifest
from models.stylist.features import VECTOR
from models.training.stylist.looks import Collection
from store import open_site
from store.catalogue import require_articles, require_vectors
from store.inventory import load_inventory


def collect_site(folder: Path) -> tuple[Collection, list[tuple[int, ...]]]:
    """Collect a site's articles for training a stylist, and its looks as rows of them.

    The looks are those of its stylists and those that staff kept or made.

    Raises:
        StoreError: There is no such site, or its pictures are not embedded.
    """
    model = load_manifest().embedder.model
    with open_site(folder) as site, site.store.read() as session:
        require_articles(session)
        require_vectors(session, model)
        inventory = load_inventory(session, model, VECTOR)
    collection = Collection(
        inventory.skus,
        inventory.styles,
        inventory.categories,
        inventory.types,
        inventory.vectors,
        inventory.colours,
        model,
    )
    return collection, list(inventory.looks.values())
