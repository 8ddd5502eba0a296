from __future__ import annotations

import pytest

from models.stylist.rules import Season, in_order, season_of


def test_articles_are_ordered_as_they_are_worn() -> None:
    assert in_order(["bag", "trousers", "top", "coat"]) == [3, 2, 1, 0]


def test_other_and_categories_of_another_version_come_last() -> None:
    assert in_order(["gloves", "other", "shoes", "top"]) == [3, 2, 0, 1]


@pytest.mark.parametrize(
    ("month", "southern", "season"),
    [(7, False, "warm"), (7, True, "cold"), (1, False, "cold"), (1, True, "warm"),
     (4, False, "mild"), (10, True, "mild")],
)  # fmt: skip
def test_seasons_of_both_hemispheres(month: int, southern: bool, season: Season) -> None:
    assert season_of(month, southern) == season
