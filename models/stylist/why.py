"""Why an outfit was suggested, true to what the stylist used.

Each kind of knowledge (whom the articles were styled with, their colours, their pictures) is
taken away in turn; the one whose loss costs the outfit most is the reason, told about the two
articles it holds together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.colour import Lab, is_neutral
from models.stylist.compose import Carried
from models.stylist.outfit import Outfit
from models.stylist.shop import Encoded, Shop, score_pieces, worth
from models.stylist.wardrobe import Floats, hide_colour, hide_company, hide_picture

_HIDE: Final[dict[str, Callable[[Floats, NDArray[np.bool_]], None]]] = {
    "look": hide_company,
    "colour": hide_colour,
    "style": hide_picture,
}
_LIGHTER: Final = 35.0


@dataclass(frozen=True)
class Reason:
    """Why two articles of an outfit go together.

    Attributes:
        kind: `look` (stylists put them together), `tone` (one colour family), `contrast`
            (light and dark), `accent` (a colour beside a neutral), `colours` (other colours that
            suit) or `style` (cut and material).
        one: Row of the one that is carried, where the shop knows it; None stands for the
            unknown garment the outfit was made for.
        other: Row of the other.
        looks: In how many of the shop's looks the two are, for `look`.
    """

    kind: str
    one: int | None
    other: int
    looks: int = 0


def explain(shop: Shop, outfits: Sequence[Outfit], carried: Sequence[Carried] = ()) -> list[Reason]:
    """Give the reason of each outfit.

    Args:
        shop: What the outfits were composed from.
        outfits: Composed for `carried`.
        carried: What was carried.
    """
    full = _worths(shop, outfits, None)
    lost = {kind: full - _less(shop, outfits, hide) for kind, hide in _HIDE.items()}
    closest = _closest(shop, outfits, carried)
    return [
        _reason(
            shop, outfit, {kind: float(each[n]) for kind, each in lost.items()}, carried, closest[n]
        )
        for n, outfit in enumerate(outfits)
    ]


def _worths(shop: Shop, outfits: Sequence[Outfit], known: Encoded | None) -> Floats:
    scores = score_pieces(shop, [outfit.pieces for outfit in outfits], known)
    return np.array([worth(each) for each in scores], np.float32)


def _less(
    shop: Shop, outfits: Sequence[Outfit], hide: Callable[[Floats, NDArray[np.bool_]], None]
) -> Floats:
    """Tell what outfits are worth without one kind of knowledge."""
    used = sorted({row for outfit in outfits for row in outfit.pieces})
    rows = shop.rows[used].copy()
    hide(rows, np.ones(len(used), bool))
    tokens, answers = shop.tokens.copy(), shop.answers.copy()
    if used:
        tokens[used], answers[used] = shop.stylist.encode(rows)
    return _worths(shop, outfits, Encoded(tokens, answers, met=hide is not hide_company))


def _reason(
    shop: Shop,
    outfit: Outfit,
    lost: dict[str, float],
    carried: Sequence[Carried],
    closest: tuple[int | None, int],
) -> Reason:
    known, added = _sides(outfit, carried)
    one, other = closest
    for kind in sorted(lost, key=lambda kind: -lost[kind]):
        if kind == "look" and (met := _most_met(shop, known, added)):
            return Reason("look", *met)
        if kind == "colour" and added:
            mine = _colour(shop, one) if one is not None else carried[outfit.carried[0]].colour
            return Reason(_relation(mine, _colour(shop, other)), one, other)
        if kind == "style":
            break
    return Reason("style", one, other)


def _sides(outfit: Outfit, carried: Sequence[Carried]) -> tuple[list[int], list[int]]:
    """Part an outfit's rows into those that are carried and those that were added."""
    known = [row for n in outfit.carried if (row := carried[n].row) is not None]
    return known, [row for row in outfit.pieces if row not in known]


def _closest(
    shop: Shop, outfits: Sequence[Outfit], carried: Sequence[Carried]
) -> list[tuple[int | None, int]]:
    """Find the carried and the added article of each outfit that ask most for each other."""
    sides = [_sides(outfit, carried) for outfit in outfits]
    pairs = [(n, a, b) for n, (known, added) in enumerate(sides) for a in known for b in added]
    queries = shop.stylist.ask(
        [shop.tokens[[one]] for _, one, _ in pairs], [str(shop.parts[b]) for _, _, b in pairs]
    )
    scores = (queries * shop.answers[[other for _, _, other in pairs]]).sum(1)
    best: dict[int, tuple[float, int, int]] = {}
    for (n, one, other), score in zip(pairs, scores, strict=True):
        if n not in best or score > best[n][0]:
            best[n] = float(score), one, other
    return [
        best[n][1:] if n in best else (None, (added or outfits[n].pieces)[0])
        for n, (_, added) in enumerate(sides)
    ]


def _most_met(
    shop: Shop, known: Sequence[int], added: Sequence[int]
) -> tuple[int, int, int] | None:
    """Find the two that stylists put together most often, a carried one first."""
    pairs = [(one, other) for one in known for other in added] or list(combinations(added, 2))
    looks = {
        pair: len({*shop.looks_of.get(pair[0], ())} & {*shop.looks_of.get(pair[1], ())})
        for pair in pairs
    }
    if not looks or not max(looks.values()):
        return None
    best = max(looks, key=lambda pair: looks[pair])
    return best[0], best[1], looks[best]


def _colour(shop: Shop, row: int) -> Lab:
    """Return the colour of an article as CIE L*a*b*."""
    lightness, a, b = (float(n) for n in shop.assortment.colours[row])
    return lightness, a, b


def _relation(one: Lab, other: Lab) -> str:
    """Name how two colours go together."""
    if is_neutral(one) != is_neutral(other):
        return "accent"
    if abs(one[0] - other[0]) > _LIGHTER:
        return "contrast"
    turn = abs(math.atan2(one[2], one[1]) - math.atan2(other[2], other[1]))
    same_hue = min(turn, 2 * math.pi - turn) < math.radians(30)
    return "tone" if same_hue or is_neutral(one) else "colours"
