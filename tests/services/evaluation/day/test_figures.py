"""True figures of a day that is written here by hand."""

from __future__ import annotations

from typing import Any

import pytest

from services.evaluation.day.figures import true_figures, true_visits
from services.evaluation.day.habits import Article
from services.evaluation.day.trade import TrueSale
from services.evaluation.day.world import Action, Day, Garment, TrueCrossing

ARTICLES = [Article("A1", "top"), Article("A2", "skirt")]
#: Party 1 has the room for 100 s and goes out once between; party 2 has it for 200 s.
DAY = Day(
    0.0, 900.0, ("1",),
    {
        1: Garment(1, "A1", "top", 1),
        2: Garment(2, None, "jacket", 1),
        3: Garment(3, "A2", "skirt", 2),
    },
    [
        TrueCrossing(0.0, "entry", "1", 1, 1, (1, 2)),
        TrueCrossing(60.0, "exit", "1", 1, 1, (1,)),
        TrueCrossing(90.0, "entry", "1", 1, 1),
        TrueCrossing(130.0, "exit", "1", 1, 1, (2,), last=True),
        TrueCrossing(200.0, "entry", "1", 2, 2, (3,)),
        TrueCrossing(400.0, "exit", "1", 2, 2, (3,), last=True),
    ],
    [
        Action(210.0, "show", "1", 2, "A1 A2"),
        Action(220.0, "open", "1", 2, "A1 A2"),
        Action(230.0, "request", "1", 2, "A1-S"),
        Action(240.0, "take", "1", 2, "A1-S"),
        Action(300.0, "deliver", "1", 2, "A1-S"),
        Action(310.0, "request", "1", 2, "A2-L"),
        Action(330.0, "decline", "1", 2, "A2-L"),
        Action(395.0, "finish", "1", 2),
    ],
)  # fmt: skip
ACCEPTED = {(a.kind, a.party, a.sku) for a in DAY.actions}
SALES = [TrueSale(500.0, "A1-S", "1", 2), TrueSale(600.0, "A2", "2", None)]


@pytest.fixture
def truths() -> dict[str, Any]:
    return true_figures(DAY, ARTICLES, SALES, ACCEPTED)


def test_a_visit_is_the_time_in_which_somebody_is_in_the_room() -> None:
    spans = [(visit.party, visit.start, visit.end) for visit in true_visits(DAY, ACCEPTED)]
    assert spans == [(1, 0, 60), (1, 90, 130), (2, 200, 395)]


def test_what_was_tried_and_bought(truths: dict[str, Any]) -> None:
    assert (truths["visits"], truths["garments"]) == (3, 3)
    assert truths["unknown"] == pytest.approx(1 / 3)
    # A1 by the first party, A2 and the delivered A1 by the second; a walk-in bought A2.
    assert (truths["tried"], truths["bought"]) == (3, 1)
    assert truths["by_category"] == {"top": 2, "skirt": 1}


def test_what_was_asked_for(truths: dict[str, Any]) -> None:
    assert [truths[k] for k in ("requests", "delivered", "declined", "unanswered")] == [2, 1, 1, 0]
    assert (truths["response_s"], truths["delivery_s"]) == (15.0, 70.0)
    assert truths["by_size"] == {
        "S": {"asked": 1, "delivered": 1},
        "L": {"asked": 1, "declined": 1, "lost": 1},
    }
    kinds = ("outfits_shown", "outfits_opened", "outfits_asked", "outfits_bought")
    assert [truths[kind] for kind in kinds] == [1, 1, 1, 1]


def test_a_request_that_no_screen_took_is_none() -> None:
    truths = true_figures(DAY, ARTICLES, SALES, ())
    assert truths["requests"] == truths["outfits_shown"] == 0
