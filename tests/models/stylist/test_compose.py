from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from models.stylist import Carried, Outfit, OutfitQuery, Shop, compose
from models.stylist.rules import Season
from models.taxonomy import PARTS
from tests.models.stylist.conftest import FakeStylist, assortment, first

GREY = (50.0, 0.0, 0.0)


def carry(category: str, row: int | None = None) -> Carried:
    return Carried(first(category) if row is None else row, category, GREY)


def parts_of(shop: Shop, outfit: Outfit) -> list[str]:
    return [str(shop.parts[row]) for row in outfit.rows]


@pytest.mark.parametrize(
    ("carried", "season"),
    [
        (("top",), "mild"),
        (("trousers",), "cold"),
        (("dress",), "warm"),
        (("coat",), "cold"),
        (("shoes",), "mild"),  # neither a dress nor a top: both ways are tried
        (("top", "dress", "skirt"), "mild"),
        (("top", "trousers", "coat", "sweater", "skirt", "dress"), "mild"),
    ],
)
def test_outfits_are_whole_wearable_and_distinct(
    shop: Shop, carried: tuple[str, ...], season: Season
) -> None:
    garments = [carry(category) for category in carried]
    outfits = compose(shop, garments, OutfitQuery(100, season))
    assert len(outfits) == 100
    assert len({frozenset(outfit.rows) for outfit in outfits}) == 100
    for outfit in outfits:
        parts = parts_of(shop, outfit)
        assert len(parts) == len(set(parts))  # no two trousers
        assert ("full" in parts) != ("upper" in parts and "lower" in parts)
        assert not ("full" in parts and ("upper" in parts or "lower" in parts))
        assert {garments[n].row for n in outfit.carried} <= set(outfit.rows)
        assert "shoes" in parts


def test_the_first_ten_are_unlike_each_other(shop: Shop) -> None:
    row = first("top")
    outfits = compose(shop, [carry("top")], OutfitQuery(100))[:10]
    for one, other in combinations(outfits, 2):
        mine, theirs = set(one.rows) - {row}, set(other.rows) - {row}
        assert len(mine & theirs) <= min(len(mine), len(theirs)) / 2


def test_only_what_is_available(shop: Shop) -> None:
    available = np.ones(len(shop.assortment), bool)
    available[first("skirt") : first("skirt") + 12] = False
    outfits = compose(shop, [carry("top")], OutfitQuery(50, available=available))
    assert outfits
    assert all(available[row] for o in outfits for row in o.rows if row != first("top"))


def test_without_anything_for_the_legs_a_top_makes_no_outfit(shop: Shop) -> None:
    available = ~np.isin(shop.parts, ["lower"])
    assert compose(shop, [carry("top")], OutfitQuery(10, available=available)) == []


def test_a_shop_without_shoes_still_dresses(shop: Shop) -> None:
    available = ~np.isin(shop.parts, ["shoes"])
    outfits = compose(shop, [carry("dress")], OutfitQuery(10, available=available))
    assert outfits
    assert all("shoes" not in parts_of(shop, outfit) for outfit in outfits)


def test_an_unknown_garment_is_dressed_around(shop: Shop) -> None:
    outfits = compose(shop, [Carried(None, "skirt", GREY)], OutfitQuery(20, "warm"))
    assert len(outfits) == 20
    assert all("lower" not in parts_of(shop, outfit) for outfit in outfits)
    assert all("upper" in parts_of(shop, outfit) for outfit in outfits)


def test_coats_stay_in_the_shop_in_summer(shop: Shop) -> None:
    warm = compose(shop, [carry("top")], OutfitQuery(50, "warm"))
    cold = compose(shop, [carry("top")], OutfitQuery(50, "cold"))
    assert not any("outer" in parts_of(shop, outfit) for outfit in warm)
    assert all("outer" in parts_of(shop, outfit) for outfit in cold)


def test_twenty_garments_and_none() -> None:
    shop = Shop(FakeStylist(), assortment())  # type: ignore[arg-type]
    garments = [carry("top", row) for row in range(12)] + [carry("skirt")] * 8
    assert compose(shop, garments, OutfitQuery(10))
    assert compose(shop, [], OutfitQuery(10)) == []


def test_men_and_women_are_not_mixed() -> None:
    audiences = tuple("male/adult" if n % 2 else "female/adult" for n in range(108))
    shop = Shop(FakeStylist(), assortment(audiences=audiences))  # type: ignore[arg-type]
    outfits = compose(shop, [carry("top")], OutfitQuery(30))
    assert outfits
    assert {audiences[row] for outfit in outfits for row in outfit.rows} == {"female/adult"}


def test_prices_stay_within_reach() -> None:
    prices = np.where(np.arange(108) % 2, 20_000, 1_000).astype(np.float32)
    shop = Shop(FakeStylist(), assortment(prices=prices))  # type: ignore[arg-type]
    cheap = compose(shop, [carry("top")], OutfitQuery(30))
    assert {float(prices[row]) for outfit in cheap for row in outfit.rows} == {1_000.0}


def test_a_stylists_look_comes_before_composed_ones_and_a_kept_one_before_it() -> None:
    top, skirt, shoes, bag = (first(c) for c in ("top", "skirt", "shoes", "bag"))
    looks = ((top, skirt, shoes), (top, skirt + 1, shoes + 1, bag))
    plain = Shop(FakeStylist(), assortment(looks))  # type: ignore[arg-type]
    outfits = compose(plain, [carry("top")], OutfitQuery(10))
    assert "look" in {outfit.source for outfit in outfits}
    kept = Shop(FakeStylist(), assortment(looks, kept=frozenset({1})))  # type: ignore[arg-type]
    best = compose(kept, [carry("top")], OutfitQuery(10))[0]
    assert best.source == "kept"
    assert set(best.rows) == set(looks[1])


def test_a_look_loses_what_is_sold_out_and_goes_when_it_dresses_nobody() -> None:
    top, skirt, shoes, bag = (first(c) for c in ("top", "skirt", "shoes", "bag"))
    shop = Shop(FakeStylist(), assortment(((top, skirt, shoes, bag),)))  # type: ignore[arg-type]
    available = np.ones(108, bool)
    available[bag] = False
    styled = [o for o in compose(shop, [carry("top")], OutfitQuery(20, available=available))
              if o.source == "look"]  # fmt: skip
    assert [set(outfit.rows) for outfit in styled] == [{top, skirt, shoes}]
    available[skirt] = False
    again = compose(shop, [carry("top")], OutfitQuery(20, available=available))
    assert not [outfit for outfit in again if outfit.source == "look"]


def test_every_part_is_a_known_one(shop: Shop) -> None:
    assert set(shop.parts) <= set(PARTS.values())
