"""Pair garments that a camera reports with garments that are there already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from common.crossing import GarmentMatch
from store.schema import VisitItem

#: How well a report agrees with a garment: the same article; one that either may be; the same
#: category, though its article is unknown on one side; the same category of different articles.
ARTICLE: Final = 3.0
CANDIDATE: Final = 2.0
CATEGORY: Final = 1.0
MISTAKEN: Final = 0.5


def pair_garments(
    garments: Sequence[GarmentMatch], items: Iterable[VisitItem], least: float = ARTICLE
) -> list[VisitItem | None]:
    """Find for each reported garment the item that it is, each item once; the best agreement first.

    Args:
        garments: What is reported.
        items: What is there; of those that agree equally well the first one is taken.
        least: The least agreement that counts.

    Returns:
        An item for each garment, None where it is none of them.
    """
    there = list(items)
    pairs = [
        (agreement, place, number)
        for place, garment in enumerate(garments)
        for number, item in enumerate(there)
        if (agreement := agree(garment, item)) >= least
    ]
    found: list[VisitItem | None] = [None] * len(garments)
    used: set[int] = set()
    for _, place, number in sorted(pairs, key=lambda pair: -pair[0]):
        if found[place] is None and number not in used:
            found[place] = there[number]
            used.add(number)
    return found


def count_pairs(garments: Sequence[GarmentMatch], items: Iterable[VisitItem], least: float) -> int:
    """Count the reported garments that are one of some items (`pair_garments`)."""
    return sum(item is not None for item in pair_garments(garments, items, least))


def agree(garment: GarmentMatch, item: VisitItem) -> float:
    """Return how well a reported garment agrees with an item: 0 is not at all."""
    sku = item.colourway.sku if item.colourway else None
    if garment.sku and sku:
        if garment.sku == sku:
            return ARTICLE
        return MISTAKEN if garment.category == item.category else 0.0
    ours = {candidate.sku for candidate in garment.candidates}
    theirs = {candidate.sku for candidate in item.candidates}
    if (sku and sku in ours) or (garment.sku and garment.sku in theirs) or ours & theirs:
        return CANDIDATE
    return CATEGORY if garment.category == item.category else 0.0
