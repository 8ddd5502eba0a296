"""Rank outfits by score and diversity (maximal marginal relevance)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.stylist.outfit import Outfit

#: Among this many, no two may share more than half of what is not carried.
_FIRST: Final = 10
#: What an outfit loses for what was shown already: each of its articles by its share of the
#: outfit, and the carried garments that it is made around.
_AGAIN: Final = 0.35
_AROUND: Final = 0.25


def rank(
    outfits: Iterable[Outfit],
    styles: NDArray[np.int64],
    carried: Collection[int],
    count: int,
) -> list[Outfit]:
    """Rank outfits by maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998).

    Colourways of one style count as the same article.

    Args:
        outfits: Any number; of outfits with the same articles the best one is used.
        styles: Style number of every row.
        carried: Rows that are carried; they may be in all outfits.
        count: How many at most.

    Returns:
        Best first.
    """
    best: dict[frozenset[int], Outfit] = {}
    for outfit in sorted(outfits, key=lambda o: (-o.score, o.rows, o.carried)):
        best.setdefault(frozenset(outfit.rows), outfit)
    pool = list(best.values())
    holds = _incidence([[styles[r] for r in o.rows if r not in carried] for o in pool])
    groups = _incidence([[n] for n in _numbers([o.carried for o in pool])])
    sizes = np.maximum(holds.sum(1), 1)
    scores = np.array([outfit.score for outfit in pool])
    shown, group_shown = np.zeros(holds.shape[1]), np.zeros(groups.shape[1])
    open_ = np.ones(len(pool), bool)
    chosen: list[int] = []
    while len(chosen) < min(count, len(pool)):
        fits = open_
        if len(chosen) < _FIRST and chosen:
            shared = holds @ holds[chosen].T
            fits = open_ & (shared <= np.minimum(sizes[:, None], sizes[chosen]) / 2).all(1)
            if not fits.any():
                break
        relevance = scores - _AGAIN * (holds @ shown) / sizes - _AROUND * (groups @ group_shown)
        pick = int(np.argmax(np.where(fits, relevance, -np.inf)))
        open_[pick] = False
        shown += holds[pick]
        group_shown += groups[pick]
        chosen.append(pick)
    return [pool[n] for n in chosen]


def _numbers(things: Iterable[object]) -> list[int]:
    known: dict[object, int] = {}
    return [known.setdefault(thing, len(known)) for thing in things]


def _incidence(members: list[list[int]]) -> NDArray[np.float32]:
    """Mark which outfit (row) holds what (column)."""
    columns = {thing: n for n, thing in enumerate(sorted({t for some in members for t in some}))}
    table = np.zeros((len(members), len(columns)), np.float32)
    for row, some in enumerate(members):
        table[row, [columns[thing] for thing in some]] = 1
    return table
