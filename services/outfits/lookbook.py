"""A shop's look book: imported from its stylists, and composed from its stock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from models.stylist import Carried, Outfit, OutfitQuery, Shop, compose
from models.taxonomy import GARMENTS, PARTS
from services.outfits.stylist import ShopState, ShopStylist, season_now
from store import Site, looks
from store.lookfile import LooksReport

#: Default number of looks in a book.
LOOKS: Final = 60
#: Outfits to choose from around each article.
_CHOICE: Final = 24
#: Score bonus of a look for each article that is in no look yet.
_NEW: Final = 0.6


@dataclass(frozen=True)
class Book:
    """A look book: outfits as colourway ids with scores, and what they use.

    Attributes:
        outfits: Best first.
        used: Colourways in it.
        usable: Colourways in stock that can be part of an outfit.
    """

    outfits: tuple[tuple[tuple[int, ...], float], ...]
    used: int
    usable: int

    @property
    def coverage(self) -> float:
        """Share of the usable articles that are used."""
        return self.used / self.usable if self.usable else 0.0


def import_look_book(site: Site, path: Path, now: float) -> LooksReport:
    """Import the looks of a shop's stylists.

    Args:
        site: The site.
        path: CSV with the columns `outfit` and `sku`; see `store.looks.import_looks`.
        now: Seconds since the epoch, for the journal.

    Raises:
        StoreError: The file cannot be read or its header is wrong.
    """
    with site.store.write() as session:
        return looks.import_looks(session, path, now, PARTS)


def compose_book(
    site: Site,
    stylist: ShopStylist,
    now: float,
    count: int = LOOKS,
    progress: Callable[[Iterable[int]], Iterable[int]] = lambda numbers: numbers,
) -> Book:
    """Compose looks that score well and together cover much of the assortment, and save them.

    Looks are chosen greedily, each around an article that is in none yet, by score plus a bonus
    for new articles.

    Args:
        site: The site.
        stylist: The site's stylist.
        now: Seconds since the epoch; determines the season.
        count: How many looks at most.
        progress: Wraps the numbers of the looks.

    Returns:
        The book as it is now in the database.
    """
    with site.store.read() as session:
        state = stylist.state(session)
    season = season_now(site, now)
    usable = _usable(state)
    chosen = _choose(state, OutfitQuery(_CHOICE, season, state.on_hand), usable, count, progress)
    ids = state.inventory.ids
    outfits = tuple((tuple(int(ids[row]) for row in o.rows), o.score) for o in chosen)
    with site.store.write() as session:
        looks.replace_composed(session, outfits, now)
    used = {row for outfit in chosen for row in outfit.rows}
    return Book(outfits, len(used), int(usable.sum()))


def _usable(state: ShopState) -> np.ndarray:
    wearable = np.array([category != "other" for category in state.inventory.categories], bool)
    return np.asarray(state.on_hand & wearable)


def _choose(
    state: ShopState,
    query: OutfitQuery,
    usable: np.ndarray,
    count: int,
    progress: Callable[[Iterable[int]], Iterable[int]],
) -> list[Outfit]:
    shop, categories = state.shop, state.inventory.categories
    garments = np.array([category in GARMENTS for category in categories], bool) & usable
    used = np.zeros(len(categories), bool)
    tried = ~garments
    chosen: list[Outfit] = []
    for _ in progress(range(count)):
        while (left := np.flatnonzero(~tried & ~used)).size:
            row = int(left[_spread(shop, left, chosen)])
            tried[row] = True
            if (outfit := _best(shop, row, query, used)) is not None:
                chosen.append(outfit)
                used[list(outfit.rows)] = True
                break
        else:
            break
    return sorted(chosen, key=lambda outfit: -outfit.score)


def _spread(shop: Shop, rows: np.ndarray, chosen: list[Outfit]) -> int:
    """Pick the row least similar to the last looks, for variety."""
    shown = [row for outfit in chosen[-24:] for row in outfit.rows]
    if not shown:
        return 0
    vectors = shop.assortment.vectors
    return int(np.argmin((vectors[rows] @ vectors[shown].T).max(1)))


def _best(shop: Shop, row: int, query: OutfitQuery, used: np.ndarray) -> Outfit | None:
    lightness, a, b = (float(n) for n in shop.assortment.colours[row])
    carried = [Carried(row, shop.assortment.categories[row], (lightness, a, b))]
    outfits = [o for o in compose(shop, carried, query) if o.source == "composed"]
    return max(
        outfits, key=lambda o: o.score + _NEW * sum(not used[r] for r in o.rows), default=None
    )
