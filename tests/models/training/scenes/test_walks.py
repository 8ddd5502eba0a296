from __future__ import annotations

import numpy as np
import pytest

from models.simulation.cutout import Cutout
from models.simulation.figure import random_look
from models.training.scenes.designs import random_design
from models.training.scenes.drawn import draw_garment
from models.training.scenes.situations import SITUATIONS, Cast
from models.training.scenes.walks import GATE_X, Carried, Walk, crossings, hold, straight, truth_of

LOOK = random_look(np.random.default_rng(0))


def garment(sku: str) -> Cutout:
    return Cutout(np.zeros((1, 1, 4), np.uint8), sku, "top")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (((0, 0.0), (10, 1.0)), [(6.6, "entry")]),
        (((0, 1.0), (10, 0.0)), [(3.4, "exit")]),
        # up to the gate and back
        (((0, 0.0), (5, 0.65), (10, 0.0)), []),
        # through for a moment only: nobody could say they went in
        (((0, 0.0), (5, 0.68), (10, 0.0)), []),
        # in, and out again later
        (((0, 0.0), (5, 1.0), (10, 0.0)), [(3.3, "entry"), (6.7, "exit")]),
        # stands before the gate, then goes in
        (((0, 0.0), (3, 0.5), (8, 0.5), (10, 1.0)), [(8.64, "entry")]),
    ],
)
def test_crossings_follow_from_the_path(
    path: tuple[tuple[float, float], ...], expected: list[tuple[float, str]]
) -> None:
    found = crossings(Walk(path, LOOK))
    assert [event for _, event in found] == [event for _, event in expected]
    assert [time for time, _ in found] == pytest.approx([time for time, _ in expected], abs=0.01)


def test_truth_names_what_is_carried_at_the_gate() -> None:
    handed = garment("A")
    giver = Walk(((0, 0.0), (4, 0.4), (9, 0.0)), LOOK, (Carried(handed, until=4),))
    taker = Walk(((0, 0.1), (4, 0.5), (8, 1.0)), LOOK, (Carried(handed, since=4),))
    truth = truth_of((giver, taker, straight(0, LOOK, hold(garment("B"), garment("C")))))
    carried = {e["person"]: [g["sku"] for g in e["garments"]] for e in truth["events"]}
    assert carried == {1: ["A"], 2: ["B", "C"]}
    assert truth["gate"]["from"][0] == GATE_X


def test_people_face_where_they_go() -> None:
    walk = Walk(((0, 0.0), (4, 0.5), (5, 0.5), (9, 0.0)), LOOK)
    assert [walk.inward(t) for t in (1, 4.5, 6)] == [True, True, False]
    assert walk.x(4.5) == 0.5
    assert walk.x(9.5) is None
    assert walk.travelled(9) == pytest.approx(1.0)


@pytest.mark.parametrize("make", SITUATIONS)
def test_every_situation_fits_its_film(make: object) -> None:
    cast = Cast(random_look, lambda rng: draw_garment(random_design(rng), "drawn"))
    situation = make(cast, np.random.default_rng(2))  # type: ignore[operator]
    truth = truth_of(situation.walks)
    assert all(0.5 < event["time"] < situation.seconds - 0.5 for event in truth["events"])
    expected = {"turns back in the gate": 0, "two together": 2, "fewer come out": 2}
    assert len(truth["events"]) == expected.get(situation.name, 1)
