from __future__ import annotations

import numpy as np
import pytest

from models.colour import Lab
from models.stylist import Carried, Outfit, OutfitQuery, Shop, compose, explain
from tests.models.stylist.conftest import FakeStylist, assortment, first

BLACK, WHITE, RED, PINK, GREEN, BLUE = (
    (15.0, 0.0, 0.0), (95.0, 0.0, 0.0), (45.0, 60.0, 40.0), (70.0, 40.0, 25.0), (50.0, -40.0, 30.0),
    (45.0, 10.0, -50.0),
)  # fmt: skip


class ColourStylist(FakeStylist):
    """Likes whatever has a colour; knows nothing else."""

    def encode(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        told = np.zeros((len(rows), 8), np.float32)
        told[:, 0] = np.any(rows[:, 257:260] != 0, axis=1)
        return told, told


def dressed(colours: tuple[Lab, Lab]) -> tuple[Shop, list[Outfit], list[Carried]]:
    top, skirt = first("top"), first("skirt")
    table = np.zeros((108, 3), np.float32)
    table[top], table[skirt] = colours
    shop = Shop(ColourStylist(), assortment(colours=table))  # type: ignore[arg-type]
    outfit = Outfit((top, skirt), (0,), 1.0, "composed")
    return shop, [outfit], [Carried(top, "top", colours[0])]


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (BLACK, WHITE, "contrast"),
        (RED, PINK, "tone"),
        (RED, BLACK, "accent"),
        (GREEN, BLUE, "colours"),
    ],
)
def test_colours_are_named_as_they_are(one: Lab, other: Lab, kind: str) -> None:
    (reason,) = explain(*dressed((one, other)))
    assert (reason.one, reason.other) == (first("top"), first("skirt"))
    assert reason.kind == kind


def test_a_look_is_a_reason_only_where_there_is_one() -> None:
    top, skirt = first("top"), first("skirt")
    looks = ((top, skirt, first("shoes")), (top, skirt))
    shop = Shop(FakeStylist(), assortment(looks))  # type: ignore[arg-type]
    carried = [Carried(top, "top", BLACK)]
    styled = Outfit((top, skirt), (0,), 1.0, "composed")
    (reason,) = explain(shop, [styled], carried)
    assert (reason.kind, reason.one, reason.other, reason.looks) == ("look", top, skirt, 2)
    alone = Outfit((top, skirt + 1), (0,), 1.0, "composed")
    assert explain(shop, [alone], carried)[0].kind != "look"


def test_an_unknown_garment_has_reasons_too() -> None:
    shop = Shop(FakeStylist(), assortment())  # type: ignore[arg-type]
    carried = [Carried(None, "skirt", RED)]
    outfits = compose(shop, carried, OutfitQuery(3))
    for reason, outfit in zip(explain(shop, outfits, carried), outfits, strict=True):
        assert reason.one is None
        assert reason.other in outfit.rows


def test_nothing_to_explain() -> None:
    assert explain(Shop(FakeStylist(), assortment()), []) == []  # type: ignore[arg-type]
