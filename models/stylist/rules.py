"""What makes an outfit: which parts clash, which are missing, what a season wants."""

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
#: What a season adds to what dresses.
_EXTRAS: Final[dict[Season, tuple[str, ...]]] = {
    "warm": ("shoes", "bag", "accessory"),
    "mild": ("shoes", "bag", "outer", "accessory"),
    "cold": ("outer", "shoes", "bag", "scarf"),
}


def clash(parts: Sequence[str]) -> bool:
    """Tell whether parts cannot be worn together: two trousers, a dress with a skirt."""
    worn = [part for part in parts if part != "accessory"]
    covered = "full" in parts and ("lower" in parts or "upper" in parts)
    return len(set(worn)) < len(worn) or covered


def dresses(parts: Iterable[str]) -> bool:
    """Tell whether somebody who wears these parts is dressed."""
    worn = set(parts)
    return "full" in worn or {"upper", "lower"} <= worn


def is_whole(parts: Sequence[str]) -> bool:
    """Tell whether parts make an outfit: they dress, and there are three or more."""
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
    """Tell whether an outfit without this part is none, where the shop has any."""
    return part in ("upper", "lower", "full", "shoes")


def fits_season(category: str, season: Season) -> bool:
    """Tell whether a category is worn in a season."""
    return category not in _OUT_OF_SEASON[season]


def season_of(month: int, southern: bool = False) -> Season:
    """Tell the season of a month, 1 to 12; `southern` south of the equator."""
    north = (month + 5) % 12 + 1 if southern else month
    if north in (5, 6, 7, 8):
        return "warm"
    return "cold" if north in (11, 12, 1, 2) else "mild"


def in_order(categories: Sequence[str]) -> list[int]:
    """Order the articles of an outfit as they are shown; returns their places.

    What is no part of an outfit comes last.
    """
    rank = {part: n for n, part in enumerate(ORDER)}
    places = range(len(categories))
    return sorted(places, key=lambda n: (rank.get(PARTS[categories[n]], len(rank)), n))
