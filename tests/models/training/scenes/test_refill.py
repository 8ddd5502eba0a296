from __future__ import annotations

import numpy as np
import pytest

from models.simulation.cutout import Cutout
from models.training.scenes.designs import random_design
from models.training.scenes.drawn import draw_garment
from models.training.scenes.refill import fill_hands, follow

BOX = np.array([100, 40, 180, 240], np.float32)
GREY = np.full((260, 320, 3), 128, np.uint8)


def garments(count: int) -> list[Cutout]:
    rng = np.random.default_rng(3)
    return [draw_garment(random_design(rng), f"g{n}") for n in range(count)]


def test_a_gap_is_bridged_and_nobody_is_there_before_and_after() -> None:
    gone = BOX + np.array([60, 0, 60, 0], np.float32)
    boxes = follow([None, BOX, BOX, BOX, None, None, gone, gone, gone, None])
    assert np.isnan(boxes[[0, -1]]).all()
    between = boxes[1:-1, 0]
    assert (np.diff(between) >= 0).all()
    assert between[0] == pytest.approx(100)
    assert between[-1] == pytest.approx(160)


def test_nobody_found_is_nobody_followed() -> None:
    assert np.isnan(follow([None, None])).all()


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("count", [1, 2])
def test_garments_hang_beside_the_hips(count: int, soft: bool) -> None:
    person, rng = follow([BOX] * 6), np.random.default_rng(1)
    frames = list(fill_hands([GREY] * 6, person, garments(count), rng, soft))
    for frame in frames:
        changed = (frame != GREY).any(2)
        rows, columns = np.nonzero(changed)
        assert rows.min() > 40 + 0.3 * 200  # under the shoulders
        sides = {bool(side) for side in columns > 140}
        assert len(sides) == count or count == 1
    assert (GREY == 128).all()


def test_frames_without_the_person_stay_as_they_were() -> None:
    person = follow([None, BOX, BOX, BOX, None])
    frames = list(fill_hands([GREY] * 5, person, garments(1), np.random.default_rng(1), False))
    assert [frame is GREY for frame in frames] == [True, False, False, False, True]


def test_the_same_seed_fills_hands_alike() -> None:
    person = follow([BOX] * 3)
    one, two = (
        np.stack(list(fill_hands([GREY] * 3, person, garments(2), rng, True)))
        for rng in (np.random.default_rng(5), np.random.default_rng(5))
    )
    assert (one == two).all()
    rng = np.random.default_rng(6)
    other = np.stack(list(fill_hands([GREY] * 3, person, garments(2), rng, True)))
    assert (one != other).any()
