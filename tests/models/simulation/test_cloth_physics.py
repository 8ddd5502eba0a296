"""The file of simulated sheets is what the simulation makes."""

from __future__ import annotations

import pytest

from models.simulation import cloth
from models.simulation.cloth_physics import simulate


def test_the_file_holds_what_is_simulated() -> None:
    for stored, made in zip(cloth.sheets("hanger"), simulate("hanger"), strict=True):
        assert stored.points == pytest.approx(made.points, abs=0.01)
        assert (stored.width, stored.grip) == (made.width, pytest.approx(made.grip))
