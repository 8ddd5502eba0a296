"""Complete outfits for what somebody carries: from stylists' looks, then by colour.

Pure functions over plain records; whoever calls has left out what is not in stock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from models.colour import Lab, harmony
from models.taxonomy import PARTS

#: Parts an outfit is completed with, besides what carries it.
_COMPLETE: Final = {
    "upper": ("lower", "shoes", "outer", "bag"),
    "lower": ("upper", "shoes", "outer", "bag"),
    "full": ("shoes", "outer", "bag"),
    "outer": ("upper", "lower", "shoes", "bag"),
    "shoes": ("upper", "lower", "bag"),
    "bag": ("full", "shoes", "outer"),
    "hat": ("upper", "lower", "shoes"),
    "scarf": ("upper", "lower", "outer"),
    "accessory": ("full", "shoes", "bag"),
}
_ORDER: Final = ("outer", "upper", "full", "lower", "shoes", "bag", "hat", "scarf", "accessory")


@dataclass(frozen=True)
class Piece:
    """An article in stock; `key` is the colourway's id."""

    key: int
    category: str
    colour: Lab

    @property
    def part(self) -> str:
        """The part of an outfit it fills."""
        return PARTS[self.category]


@dataclass(frozen=True)
class Anchor:
    """A garment somebody carries; `key` is None for one the shop does not know."""

    key: int | None
    category: str
    colour: Lab


@dataclass(frozen=True)
class Outfit:
    """A complete outfit.

    Attributes:
        pieces: Keys of the colourways, in the order they are worn.
        source: `look` or `colour`.
        anchor: The carried garment it was made for, as an index into the anchors.
    """

    pieces: tuple[int, ...]
    source: str
    anchor: int


def _clashes(parts: Sequence[str]) -> bool:
    """Tell whether parts cannot be worn together: two trousers, a dress with a skirt."""
    worn = [part for part in parts if part != "accessory"]
    covered = "full" in parts and ("lower" in parts or "upper" in parts)
    return len(set(worn)) < len(worn) or covered


def _complete(parts: Sequence[str]) -> bool:
    dressed = "full" in parts or ("upper" in parts and "lower" in parts)
    return dressed and len(parts) >= 3


def from_looks(
    anchors: Sequence[Anchor], looks: Iterable[Sequence[int]], stock: Mapping[int, Piece]
) -> list[Outfit]:
    """Take the looks that hold a carried article.

    What is out of stock falls out of a look; a look that is no outfit any more is
    dropped. Looks that hold more of what is carried come first.

    Args:
        anchors: What is carried.
        looks: Keys of each look's articles.
        stock: Everything on hand, and what is carried.

    Returns:
        Distinct outfits, best first.
    """
    keys = {anchor.key: n for n, anchor in reversed(list(enumerate(anchors))) if anchor.key}
    found: dict[frozenset[int], tuple[float, Outfit]] = {}
    for look in looks:
        carried = [key for key in look if key in keys]
        left = _wearable([stock[key] for key in look if key in stock], set(carried))
        if not carried or not _complete([piece.part for piece in left]):
            continue
        pieces = tuple(piece.key for piece in left)
        rank = len(carried) * 10 + len(left) + 3 * len(left) / len(look)
        held = found.get(frozenset(pieces))
        if held is None or rank > held[0]:
            found[frozenset(pieces)] = (rank, Outfit(pieces, "look", keys[carried[0]]))
    ranked = sorted(found.values(), key=lambda pair: (-pair[0], pair[1].pieces))
    return [outfit for _, outfit in ranked]


def _wearable(pieces: Sequence[Piece], carried: set[int]) -> list[Piece]:
    """Keep one article a part, carried ones first, in the order they are worn."""
    kept: list[Piece] = []
    for piece in sorted(pieces, key=lambda p: p.key not in carried):
        if not _clashes([p.part for p in [*kept, piece]]):
            kept.append(piece)
    return sorted(kept, key=lambda p: (_ORDER.index(p.part), p.key))


def by_colour(anchors: Sequence[Anchor], stock: Mapping[int, Piece], count: int) -> list[Outfit]:
    """Compose outfits by category and colour, in turn for each carried garment.

    Args:
        anchors: What is carried, also garments the shop does not know.
        stock: Everything on hand.
        count: How many at the most.

    Returns:
        Outfits that share no article but the carried one, best colours first.
    """
    used: set[int] = {anchor.key for anchor in anchors if anchor.key is not None}
    by_part: dict[str, list[Piece]] = {}
    for piece in stock.values():
        by_part.setdefault(piece.part, []).append(piece)
    outfits: list[Outfit] = []
    rounds = -(-count // max(len(anchors), 1))
    for _ in range(rounds):
        for number, anchor in enumerate(anchors):
            if len(outfits) == count:
                return outfits
            pieces = _around(anchor, by_part, used)
            if pieces:
                used.update(piece.key for piece in pieces if piece.key != anchor.key)
                outfits.append(Outfit(tuple(p.key for p in pieces), "colour", number))
    return outfits


def _around(anchor: Anchor, by_part: Mapping[str, list[Piece]], used: set[int]) -> list[Piece]:
    """Choose the best-matching free piece of every part that goes with an anchor."""
    part = PARTS[anchor.category]
    chosen = [] if anchor.key is None else [Piece(anchor.key, anchor.category, anchor.colour)]
    colours = [anchor.colour]
    for wanted in _COMPLETE[part]:
        free = [piece for piece in by_part.get(wanted, ()) if piece.key not in used]
        if not free:
            continue
        best = max(free, key=lambda p: (min(harmony(p.colour, c) for c in colours), -p.key))
        if min(harmony(best.colour, c) for c in colours) < 0.5:
            continue
        chosen.append(best)
        colours.append(best.colour)
    parts = [piece.part for piece in chosen]
    whole = [*parts, part] if anchor.key is None else parts
    if not _complete(whole) or len(chosen) < 2:
        return []
    return sorted(chosen, key=lambda p: (_ORDER.index(p.part), p.key))
