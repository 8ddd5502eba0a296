"""What the figures of a day say about screens that are written here by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.crossing import Crossing
from services.evaluation.day.errors import Report
from services.evaluation.day.play import Card, Origin, Played, Prompt
from services.evaluation.day.score import score_day
from services.evaluation.day.world import Day, Garment, TrueCrossing

#: Party 1 has the room for 100 s with two garments and leaves one; party 2 has it from 200 s on.
DAY = Day(
    0.0, 400.0, ("1",),
    {n: Garment(n, f"A{n}", "top", 1 if n < 3 else 2) for n in (1, 2, 3)},
    [
        TrueCrossing(0.0, "entry", "1", 1, 1, (1, 2)),
        TrueCrossing(100.0, "exit", "1", 1, 1, (1,), last=True),
        TrueCrossing(200.0, "entry", "1", 2, 2, (3,)),
        TrueCrossing(300.0, "exit", "1", 2, 2, (3,), last=True),
    ],
)  # fmt: skip
ONE, TWO, THREE = (Card(n, f"A{n}") for n in (1, 2, 3))


def reports(*left_out: int) -> list[Report]:
    seen = [p for n, p in enumerate(DAY.true_crossings) if n not in left_out]
    return [Report(p.time, Crossing(p.time, p.event, "c", "g", "1"), p) for p in seen]


def played(*screens: tuple[float, tuple[Card, ...]], **more: object) -> Played:
    return Played({"1": list(screens)}, **more)  # type: ignore[arg-type]


RIGHT = ((0.0, (ONE, TWO)), (100.0, ()), (200.0, (THREE,)), (300.0, ()))


def test_a_right_screen_has_full_marks() -> None:
    figures = score_day(DAY, reports(), played(*RIGHT))
    assert figures["exact"] == figures["exact_always"] == figures["article"] == 1.0
    assert figures["missing"] == figures["extra"] == figures["earlier_s"] == 0.0


def test_a_screen_that_keeps_the_earlier_visitors_garments() -> None:
    screens = played((0.0, (ONE, TWO)), (200.0, (ONE, TWO, THREE)), (250.0, (THREE,)), (300.0, ()))
    figures = score_day(DAY, reports(), screens)
    # 50 s without the two in which nobody can read it yet; two parties.
    assert figures["earlier_s"] == pytest.approx(48 * 500)
    assert figures["earlier_seen_s"] == figures["earlier_s"]
    assert figures["earlier_visits"] == 500
    assert figures["exact"] == pytest.approx(150 / 200)
    assert figures["extra"] == pytest.approx(2 * 50 / 200)
    assert score_day(DAY, reports(1), screens)["earlier_seen_s"] == 0.0


def test_missing_doubled_and_wrong_garments() -> None:
    wrong = replace(TWO, sku="A9")
    screens = played((0.0, (ONE, ONE)), (50.0, (ONE, wrong)), (100.0, ()), (250.0, (THREE,)))
    figures = score_day(DAY, reports(), screens)
    assert figures["missing"] == pytest.approx((50 + 50) / 200)
    assert figures["extra"] == pytest.approx(50 / 200)
    assert figures["exact"] == pytest.approx(100 / 200)
    assert figures["article"] == pytest.approx((100 + 50 + 50) / (100 + 100 + 50))


def test_prompts_are_right_while_the_garment_is_there_and_its_shopper_is_not() -> None:
    prompts = [
        Prompt(101, "1", 2),
        Prompt(101, "1", 1),
        Prompt(250, "1", 3),
        Prompt(101, "1", None),
    ]
    figures = score_day(DAY, reports(), played(*RIGHT, prompts=prompts))
    assert figures["prompts"] == pytest.approx(1 / 4)
    assert figures["prompts_found"] == 1.0


def test_shoppers_who_come_back_or_change_rooms() -> None:
    crossings = [
        TrueCrossing(0.0, "entry", "1", 1, 1),
        TrueCrossing(50.0, "exit", "1", 1, 1),
        back := TrueCrossing(100.0, "entry", "1", 1, 1),
        TrueCrossing(200.0, "exit", "1", 1, 1),
        moved := TrueCrossing(220.0, "entry", "2", 1, 1),
        new := TrueCrossing(250.0, "entry", "1", 2, 2),
    ]
    day = Day(0.0, 400.0, ("1", "2"), {}, crossings)
    origins = [Origin("returned", back), Origin("returned", new)]
    screens = Played({"1": [(0.0, ())], "2": [(0.0, ())]}, origins=origins)
    figures = score_day(day, [], screens)
    assert (figures["returned"], figures["returned_found"]) == (0.5, 1.0)
    assert (figures["moved"], figures["moved_found"]) == (None, 0.0)
    screens.origins.append(Origin("moved", moved))
    assert score_day(day, [], screens)["moved_found"] == 1.0
