from __future__ import annotations

import pytest

from models.colour import is_neutral


@pytest.mark.parametrize(
    ("colour", "neutral"),
    [
        ((15.0, 0.0, 0.0), True),  # black
        ((95.0, 0.0, 0.0), True),  # white
        ((20.0, 4.0, -18.0), True),  # navy
        ((75.0, 5.0, 15.0), True),  # beige
        ((45.0, 60.0, 40.0), False),  # red
        ((50.0, -40.0, 30.0), False),  # green
    ],
)
def test_neutrals(colour: tuple[float, float, float], neutral: bool) -> None:
    assert is_neutral(colour) is neutral
