from __future__ import annotations

import numpy as np
import pytest

from models.simulation.cutout import Cutout
from models.training.films.room import GATE_X, GATE_Y, box, build_room, linear, matt, tube


def test_colours_become_linear_rgb() -> None:
    assert linear((0, 0, 255)) == [1.0, 0.0, 0.0]
    assert linear((128, 128, 128)) == pytest.approx([0.216] * 3, abs=0.001)


def test_a_box_faces_outward() -> None:
    thing = box("box", (0, 0, 0), (1, 2, 3), matt((9, 9, 9)))
    middle = np.array([0.5, 1, 1.5])
    for face in thing.faces:
        a, b, c, d = thing.points[face]
        assert np.cross(c - a, d - b) @ (a - middle) > 0


def test_a_tube_keeps_its_radius_along_its_line() -> None:
    line = np.array([[0, 0, 0], [0, 0, 1], [0, 0, 2.0]])
    thing = tube("rod", line, 0.1, matt((9, 9, 9)))
    assert np.hypot(thing.points[:, 0], thing.points[:, 1]) == pytest.approx(0.1)
    assert len(thing.faces) == 8


def test_nothing_stands_in_the_gate_and_names_are_unique() -> None:
    garment = Cutout(np.full((40, 30, 4), 255, np.uint8), "a", "top")
    poster = np.zeros((8, 8, 3), np.uint8)
    things, lights = build_room(np.random.default_rng(0), [garment] * 4, poster)
    names = [thing.name for thing in things]
    assert len(set(names)) == len(names)
    assert len(lights) == sum(name.startswith("panel") for name in names)
    for thing in things:
        points = thing.points
        inside = (np.abs(points[:, 0] - GATE_X) < 0.1) & (points[:, 2] > 0.05)
        inside &= (points[:, 1] > GATE_Y[0] + 0.01) & (points[:, 1] < GATE_Y[1] - 0.01)
        assert not (inside & (points[:, 2] < 2.2)).any(), thing.name


def test_the_same_seed_builds_the_same_room() -> None:
    poster = np.zeros((8, 8, 3), np.uint8)
    rooms = [build_room(np.random.default_rng(5), [], poster) for _ in range(2)]
    for one, other in zip(*(things for things, _ in rooms), strict=True):
        assert np.array_equal(one.points, other.points)
    assert rooms[0][1] == rooms[1][1]
