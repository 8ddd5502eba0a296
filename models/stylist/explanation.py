"""Explain why an outfit was suggested, by ablation of the stylist's features.

Each group of features (context, colour, embedding) is masked in turn. The group whose ablation
lowers the outfit's score most is the reason; it is given for a pair of articles.
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
from models.stylist.features import Floats, mask_colour, mask_context, mask_embedding
from models.stylist.outfit import Outfit
from models.stylist.shop import Encoded, Shop, outfit_score, score_outfits

_MASKS: Final[dict[str, Callable[[Floats, NDArray[np.bool_]], None]]] = {
    "look": mask_context,
    "colour": mask_colour,
    "style": mask_embedding,
}
_LIGHTER: Final = 35.0


@dataclass(frozen=True)
class Reason:
    """Why two articles of an outfit are compatible.

    Attributes:
        kind: `look` (stylists put them together), `tone` (one colour family), `contrast`
            (light and dark), `accent` (a colour beside a neutral), `colours` (other compatible
            colours) or `style` (cut and material).
        one: Row of the carried article; None for an unknown garment.
        other: Row of the other article.
        looks: Number of the shop's looks with both, for `look`.
    """

    kind: str
    one: int | None
    other: int
    looks: int = 0


def explain(shop: Shop, outfits: Sequence[Outfit], carried: Sequence[Carried] = ()) -> list[Reason]:
    """Explain each outfit.

    Args:
        shop: The shop that the outfits were composed from.
        outfits: Composed for `carried`.
        carried: The carried garments.
    """
    full = _scores(shop, outfits, None)
    lost = {kind: full - _ablate(shop, outfits, mask) for kind, mask in _MASKS.items()}
    closest = _closest(shop, outfits, carried)
    return [
        _reason(
            shop, outfit, {kind: float(each[n]) for kind, each in lost.items()}, carried, closest[n]
        )
        for n, outfit in enumerate(outfits)
    ]


def _scores(shop: Shop, outfits: Sequence[Outfit], known: Encoded | None) -> Floats:
    scores = score_outfits(shop, [outfit.rows for outfit in outfits], known)
    return np.array([outfit_score(each) for each in scores], np.float32)


def _ablate(
    shop: Shop, outfits: Sequence[Outfit], mask: Callable[[Floats, NDArray[np.bool_]], None]
) -> Floats:
    """Score outfits with one group of features masked."""
    used = sorted({row for outfit in outfits for row in outfit.rows})
    rows = shop.rows[used].copy()
    mask(rows, np.ones(len(used), bool))
    tokens, item_embeddings = shop.tokens.copy(), shop.item_embeddings.copy()
    if used:
        tokens[used], item_embeddings[used] = shop.stylist.encode(rows)
    encoded = Encoded(tokens, item_embeddings, co_occurrence=mask is not mask_context)
    return _scores(shop, outfits, encoded)


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
        if kind == "look" and (co_occurrence := _most_co_occurring(shop, known, added)):
            return Reason("look", *co_occurrence)
        if kind == "colour" and added:
            mine = _colour(shop, one) if one is not None else carried[outfit.carried[0]].colour
            return Reason(_relation(mine, _colour(shop, other)), one, other)
        if kind == "style":
            break
    return Reason("style", one, other)


def _sides(outfit: Outfit, carried: Sequence[Carried]) -> tuple[list[int], list[int]]:
    """Split an outfit's rows into carried and added ones."""
    known = [row for n in outfit.carried if (row := carried[n].row) is not None]
    return known, [row for row in outfit.rows if row not in known]


def _closest(
    shop: Shop, outfits: Sequence[Outfit], carried: Sequence[Carried]
) -> list[tuple[int | None, int]]:
    """Find the carried and the added article of each outfit with the highest compatibility."""
    sides = [_sides(outfit, carried) for outfit in outfits]
    pairs = [(n, a, b) for n, (known, added) in enumerate(sides) for a in known for b in added]
    queries = shop.stylist.query(
        [shop.tokens[[one]] for _, one, _ in pairs], [str(shop.parts[b]) for _, _, b in pairs]
    )
    scores = (queries * shop.item_embeddings[[other for _, _, other in pairs]]).sum(1)
    best: dict[int, tuple[float, int, int]] = {}
    for (n, one, other), score in zip(pairs, scores, strict=True):
        if n not in best or score > best[n][0]:
            best[n] = float(score), one, other
    return [
        best[n][1:] if n in best else (None, (added or outfits[n].rows)[0])
        for n, (_, added) in enumerate(sides)
    ]


def _most_co_occurring(
    shop: Shop, known: Sequence[int], added: Sequence[int]
) -> tuple[int, int, int] | None:
    """Find the pair that stylists combined most often, a carried article first."""
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
    """Classify the relation of two colours."""
    if is_neutral(one) != is_neutral(other):
        return "accent"
    if abs(one[0] - other[0]) > _LIGHTER:
        return "contrast"
    turn = abs(math.atan2(one[2], one[1]) - math.atan2(other[2], other[1]))
    same_hue = min(turn, 2 * math.pi - turn) < math.radians(30)
    return "tone" if same_hue or is_neutral(one) else "colours"
