"""Outfits from the shop's own catalogue, stock and looks, for pages and commands alike."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, zip_longest

import numpy as np
from numpy.typing import NDArray

from models.colour import Lab
from models.errors import ModelError
from models.manifest import WEIGHTS, load_manifest
from models.stylist import Assortment, Carried, Outfit, OutfitQuery, Reason, Shop, Stylist, rules
from models.stylist import compose as compose_outfits
from models.stylist.explanation import explain
from models.stylist.features import VECTOR
from models.stylist.rules import Season, season_of
from models.stylist.shop import score_in_context
from models.taxonomy import CATEGORIES, GARMENTS
from store import Session, Site
from store.inventory import Inventory, inventory_version, load_inventory, load_sizes

#: Similarity bonus for an article of the same product type.
_SAME_TYPE = 0.2
#: A site's own stylist, trained on its looks, lies in this folder of it.
OWN_WEIGHTS = "stylist"


@dataclass(frozen=True)
class Garment:
    """A carried garment; `key` is its colourway's id, None if it is unknown."""

    key: int | None
    category: str
    colour: Lab


@dataclass(frozen=True)
class Suggestion:
    """An outfit in the catalogue's terms.

    Attributes:
        keys: Colourway ids in the order they are worn.
        carried: Which of the carried garments it is for.
        source: `look`, `kept` or `composed`.
        score: How well it goes together.
        reason: Why; its articles are colourway ids.
    """

    keys: tuple[int, ...]
    carried: tuple[int, ...]
    source: str
    score: float
    reason: Reason


@dataclass(frozen=True)
class ShopState:
    """A shop as of one version of its inventory.

    Attributes:
        version: Id of the event that made it so.
        inventory: What the tables say.
        shop: The same, encoded; rows agree.
        on_hand: bool N, whether anything of a row is in stock.
        sizes: The sizes each row is made in and those on hand.
    """

    version: int
    inventory: Inventory
    shop: Shop
    on_hand: NDArray[np.bool_]
    sizes: list[tuple[frozenset[str], frozenset[str]]]

    def available(self, sizes: Sequence[str]) -> NDArray[np.bool_]:
        """Return which rows are in stock; garments made in one of `sizes` must have it in stock."""
        if not sizes:
            return self.on_hand
        hers = frozenset(sizes)
        fits = [
            category not in GARMENTS or not (made & hers) or bool(there & hers)
            for (made, there), category in zip(self.sizes, self.inventory.categories, strict=True)
        ]
        return np.asarray(self.on_hand & np.array(fits, bool))

    def carried(self, garment: Garment) -> Carried:
        """Find a carried garment among the shop's articles."""
        row = self.shop.row_of.get(garment.key) if garment.key is not None else None
        # The catalogue's category is more reliable than the camera's.
        category = garment.category if row is None else self.inventory.categories[row]
        return Carried(row, _listed(category), garment.colour)

    def suggestion(self, outfit: Outfit, reason: Reason) -> Suggestion:
        """Convert an outfit to colourway ids."""
        ids = self.inventory.ids
        one = None if reason.one is None else int(ids[reason.one])
        return Suggestion(
            tuple(int(ids[row]) for row in outfit.rows),
            outfit.carried,
            outfit.source,
            outfit.score,
            Reason(reason.kind, one, int(ids[reason.other]), reason.looks),
        )


class ShopStylist:
    """The stylist of one site; reloads articles when they have changed."""

    def __init__(self, site: Site) -> None:
        """Prepare; nothing is loaded before the first call."""
        self._site = site
        self._lock = threading.Lock()
        self._stylist: Stylist | None = None
        self._state: ShopState | None = None

    def _open(self) -> Stylist:
        own = self._site.folder / OWN_WEIGHTS
        folder = own if (own / "manifest.json").is_file() else WEIGHTS
        stylist = Stylist(folder)
        if stylist.entry.embedder != load_manifest().embedder.model:
            raise ModelError(
                f"{folder}: the stylist knows the vectors of another embedder; "
                "run: fittingroom train stylist"
            )
        return stylist

    def state(self, session: Session) -> ShopState:
        """Return the shop as it is now.

        Raises:
            ModelError: There are no stylist's weights that fit the embedder's.
        """
        version = inventory_version(session)
        with self._lock:
            if self._state is not None and self._state.version == version:
                return self._state
            self._stylist = self._stylist or self._open()
            self._state = _read(session, self._stylist, version)
            return self._state

    def suggest(
        self,
        session: Session,
        garments: Sequence[Garment],
        count: int,
        *,
        season: Season,
        sizes: Sequence[str] = (),
    ) -> list[Suggestion]:
        """Suggest outfits for carried garments.

        Args:
            session: A read session.
            garments: What is carried.
            count: How many at most.
            season: Decides on outerwear.
            sizes: The shopper's sizes, if known.
        """
        state = self.state(session)
        carried = [state.carried(garment) for garment in garments]
        query = OutfitQuery(count, season, state.available(sizes))
        outfits = compose_outfits(state.shop, carried, query)
        reasons = explain(state.shop, outfits, carried)
        return [
            state.suggestion(outfit, reason)
            for outfit, reason in zip(outfits, reasons, strict=True)
        ]

    def score(
        self, session: Session, context: Sequence[int], candidates: Sequence[int]
    ) -> list[float]:
        """Score colourways (ids) by compatibility with a context; without one, all are equal."""
        shop = self.state(session).shop
        worn, rows = ([shop.row_of[key] for key in keys] for keys in (context, candidates))
        return [float(score) for score in score_in_context(shop, worn, rows)]

    def fitting(self, session: Session, keys: Sequence[int], count: int) -> list[int]:
        """Find the most compatible articles in stock for every part that some articles lack.

        Returns:
            Colourway ids, the parts taking turns.
        """
        state = self.state(session)
        shop = state.shop
        rows = [shop.row_of[key] for key in keys if key in shop.row_of]
        worn = [str(shop.parts[row]) for row in rows]
        wanted = [part for part in rules.ORDER if not rules.clash([*worn, part])]
        if not rows or not wanted:
            return []
        queries = shop.stylist.query([shop.tokens[rows]] * len(wanted), wanted)
        met = shop.co_occurrence_bonus(rows)
        each = []
        for query, part in zip(queries, wanted, strict=True):
            there = shop.by_part.get(part, np.zeros(0, np.int64))
            there = there[state.on_hand[there]]
            best = there[np.argsort(-(shop.item_embeddings[there] @ query + met[there]))[:count]]
            each.append([int(state.inventory.ids[row]) for row in best])
        turns = (key for some in zip_longest(*each) for key in some if key is not None)
        return list(islice(turns, count))

    def similar(self, session: Session, key: int, count: int) -> list[int]:
        """Find similar articles in stock: same category, preferably same type, another style.

        Returns:
            Colourway ids, nearest first.
        """
        state = self.state(session)
        row = state.shop.row_of.get(key)
        if row is None:
            return []
        inventory = state.inventory
        same = np.array([c == inventory.categories[row] for c in inventory.categories])
        other = np.array([s != inventory.styles[row] for s in inventory.styles])
        rows = np.flatnonzero(same & other & state.on_hand)
        near = inventory.vectors[rows] @ inventory.vectors[row]
        near += _SAME_TYPE * np.array([inventory.types[n] == inventory.types[row] for n in rows])
        nearest = rows[np.argsort(-near, kind="stable")]
        found: dict[str, int] = {}
        for n in nearest:
            found.setdefault(inventory.styles[n], int(inventory.ids[n]))
            if len(found) == count:
                break
        return list(found.values())


def _read(session: Session, stylist: Stylist, version: int) -> ShopState:
    inventory = load_inventory(session, stylist.entry.embedder, VECTOR)
    inventory = replace(inventory, categories=tuple(map(_listed, inventory.categories)))
    numbers = {look: n for n, look in enumerate(inventory.looks)}
    shop = Shop(
        stylist,
        Assortment(
            keys=inventory.ids,
            styles=inventory.styles,
            categories=inventory.categories,
            vectors=inventory.vectors,
            colours=inventory.colours,
            prices=inventory.prices,
            audiences=inventory.audiences,
            looks=tuple(inventory.looks.values()),
            kept=frozenset(numbers[look] for look in inventory.kept if look in numbers),
        ),
    )
    sizes = load_sizes(session)
    ordered = [sizes.get(int(key)) for key in inventory.ids]
    pairs = [(s.made, s.on_hand) if s else (frozenset(), frozenset()) for s in ordered]
    on_hand = np.array([bool(there) for _, there in pairs], bool)
    return ShopState(version, inventory, shop, on_hand, pairs)


def _listed(category: str) -> str:
    """Return the category, or `other` for one that only another version's taxonomy has."""
    return category if category in CATEGORIES else "other"


def season_now(site: Site, now: float) -> Season:
    """Return the season for outfits: the setting's, or that of the month."""
    given = site.settings.outfits.season
    if given != "auto":
        return given
    return season_of(datetime.fromtimestamp(now).month, site.settings.outfits.southern)
