from __future__ import annotations

import pytest

from models.colour import harmony, is_neutral
from models.outfits import Anchor, Piece, by_colour, from_looks

BLACK, WHITE, RED, GREEN, NAVY = (
    (15.0, 0.0, 0.0), (95.0, 0.0, 0.0), (45.0, 60.0, 40.0), (50.0, -40.0, 30.0), (20.0, 4.0, -18.0),
)  # fmt: skip


def stock(*pieces: Piece) -> dict[int, Piece]:
    return {piece.key: piece for piece in pieces}


SHOP = stock(
    Piece(1, "top", WHITE), Piece(2, "jeans", NAVY), Piece(3, "shoes", BLACK),
    Piece(4, "jacket", BLACK), Piece(5, "bag", BLACK), Piece(6, "dress", RED),
    Piece(7, "skirt", GREEN), Piece(8, "shoes", WHITE), Piece(9, "trousers", BLACK),
)  # fmt: skip


@pytest.mark.parametrize("colour", [BLACK, WHITE, NAVY, (75.0, 5.0, 15.0)])
def test_neutrals(colour: tuple[float, float, float]) -> None:
    assert is_neutral(colour)


def test_red_with_green_is_no_match_but_black_goes_with_both() -> None:
    assert harmony(RED, GREEN) < harmony(RED, BLACK)
    assert harmony(RED, GREEN) < 0.5 < harmony(GREEN, BLACK)


def test_a_look_is_shown_for_what_is_carried_and_in_stock() -> None:
    looks = [[1, 2, 3, 99], [6, 3, 5], [7, 8]]
    (outfit,) = from_looks([Anchor(1, "top", WHITE)], looks, SHOP)
    assert outfit.pieces == (1, 2, 3)  # 99 is sold out and falls out of the look
    assert outfit.source == "look"


def test_a_look_that_lost_too_much_is_dropped() -> None:
    assert not from_looks([Anchor(1, "top", WHITE)], [[1, 99, 98, 3]], SHOP)


def test_a_dress_needs_no_skirt() -> None:
    (outfit,) = from_looks([Anchor(6, "dress", RED)], [[6, 7, 3, 5]], SHOP)
    assert 7 not in outfit.pieces


def test_looks_with_more_of_what_is_carried_come_first() -> None:
    anchors = [Anchor(1, "top", WHITE), Anchor(9, "trousers", BLACK)]
    first, *_ = from_looks(anchors, [[1, 2, 3, 5], [1, 9, 8]], SHOP)
    assert first.pieces == (1, 9, 8)


@pytest.mark.parametrize("category", ["top", "skirt", "dress", "jacket", "shoes", "bag"])
def test_composed_outfits_are_complete_and_wearable(category: str) -> None:
    key = next(piece.key for piece in SHOP.values() if piece.category == category)
    outfits = by_colour([Anchor(key, category, SHOP[key].colour)], SHOP, 3)
    assert outfits
    for outfit in outfits:
        parts = [SHOP[k].part for k in outfit.pieces]
        assert key in outfit.pieces
        assert len(set(parts)) == len(parts)
        assert "full" in parts or {"upper", "lower"} <= set(parts)
        assert not ("full" in parts and {"upper", "lower"} & set(parts))


def test_an_unknown_garment_still_gets_outfits_without_itself() -> None:
    (outfit, *_) = by_colour([Anchor(None, "top", RED)], SHOP, 2)
    parts = {SHOP[k].part for k in outfit.pieces}
    assert "upper" not in parts
    assert "lower" in parts


def test_an_empty_shop_suggests_nothing() -> None:
    assert not by_colour([Anchor(None, "top", RED)], {}, 5)
    assert not by_colour([], SHOP, 5)
