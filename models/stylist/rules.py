"""Rules of outfits: parts that clash, missing parts, seasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from models.taxonomy import PARTS

Season = Literal["warm", "mild", "cold"]

#: Parts in the order they are shown: from the outside in, from the top down.
ORDER: Final = (
    "outer", "upper", "full", "lower", "shoes", "bag", "hat", "scarf", "accessory",
)  # fmt: skip
#: Categories that are out of place in a season.
_OUT_OF_SEASON: Final[dict[Season, frozenset[str]]] = {
    "warm": frozenset({"coat"}),
    "mild": frozenset(),
    "cold": frozenset({"shorts"}),
}
#: Parts that a season adds to a complete base.
_EXTRAS: Final[dict[Season, tuple[str, ...]]] = {
    "warm": ("shoes", "bag", "accessory"),
    "mild": ("shoes", "bag", "outer", "accessory"),
    "cold": ("outer", "shoes", "bag", "scarf"),
}


def clash(parts: Sequence[str]) -> bool:
    """Return whether parts cannot be worn together: two trousers, a dress with a skirt."""
    worn = [part for part in parts if part != "accessory"]
    covered = "full" in parts and ("lower" in parts or "upper" in parts)
    return len(set(worn)) < len(worn) or covered


def dresses(parts: Iterable[str]) -> bool:
    """Return whether parts form a complete base: full, or upper and lower."""
    worn = set(parts)
    return "full" in worn or {"upper", "lower"} <= worn


def is_whole(parts: Sequence[str]) -> bool:
    """Return whether parts form an outfit: a complete base and three or more articles."""
    return dresses(parts) and len(parts) >= 3


def missing(parts: Iterable[str], season: Season) -> list[tuple[str, ...]]:
    """List the ways to complete an outfit: parts to add, in the order to choose them.

    Args:
        parts: What is worn already.
        season: Decides on outerwear.
    """
    worn = set(parts)
    if dresses(worn):
        bases: list[tuple[str, ...]] = [()]
    elif "upper" in worn:
        bases = [("lower",)]
    elif "lower" in worn:
        bases = [("upper",)]
    else:
        bases = [("upper", "lower"), ("full",)]
    extras = tuple(part for part in _EXTRAS[season] if part not in worn)
    return [base + extras for base in bases]


def is_needed(part: str) -> bool:
    """Return whether an outfit needs this part, if the shop stocks it."""
    return part in ("upper", "lower", "full", "shoes")


def fits_season(category: str, season: Season) -> bool:
    """Return whether a category is worn in a season."""
    return category not in _OUT_OF_SEASON[season]


def season_of(month: int, southern: bool = False) -> Season:
    """Return the season of a month, 1 to 12; `southern` for the southern hemisphere."""
    north = (month + 5) % 12 + 1 if southern else month
    if north in (5, 6, 7, 8):
        return "warm"
    return "cold" if north in (11, 12, 1, 2) else "mild"


def in_order(categories: Sequence[str]) -> list[int]:
    """Return the indices of an outfit's articles in display order.

    `other` and categories that only another version has come last.
    """
    rank = {part: n for n, part in enumerate(ORDER)}
    places = range(len(categories))
    return sorted(places, key=lambda n: (rank.get(PARTS.get(categories[n], "other"), len(rank)), n))
