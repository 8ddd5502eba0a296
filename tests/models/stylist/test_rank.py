from __future__ import annotations

import numpy as np

from models.stylist import Outfit
from models.stylist.rank import rank

STYLES = np.arange(100)


def outfit(score: float, *pieces: int, carried: tuple[int, ...] = (0,)) -> Outfit:
    return Outfit(pieces, carried, score, "composed")


def test_best_first_and_the_same_articles_once() -> None:
    chosen = rank([outfit(1, 0, 1, 2), outfit(3, 0, 3, 4), outfit(2, 0, 2, 1)], STYLES, {0}, 5)
    assert [o.score for o in chosen] == [3, 2]


def test_near_duplicates_are_kept_out_of_the_first_ten() -> None:
    near = [outfit(10 - n / 10, 0, 1, 2, 50 + n) for n in range(5)]
    chosen = rank([*near, outfit(1, 0, 3, 4, 5)], STYLES, {0}, 10)
    assert [o.rows for o in chosen] == [(0, 1, 2, 50), (0, 3, 4, 5)]


def test_colourways_of_a_style_are_the_same() -> None:
    styles = STYLES.copy()
    styles[3], styles[4] = styles[1], styles[2]
    assert len(rank([outfit(2, 0, 1, 2), outfit(1, 0, 3, 4)], styles, {0}, 10)) == 1


def test_carried_garments_take_turns() -> None:
    mine = [outfit(5 - n / 100, 0, 10 + 2 * n, 11 + 2 * n) for n in range(4)]
    other = [outfit(4.8, 1, 40, 41, carried=(1,))]
    assert (1,) in [o.carried for o in rank([*mine, *other], STYLES, {0, 1}, 3)]


def test_nothing_to_rank() -> None:
    assert rank([], STYLES, set(), 10) == []
