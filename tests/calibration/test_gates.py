from __future__ import annotations

import pytest

from calibration import CameraError, Gate
from calibration.gates import check_gate

WIDE = 16 / 9


def gate(start: tuple[float, float], end: tuple[float, float], side: str) -> Gate:
    return Gate.model_validate({"from": start, "to": end, "in": side, "rooms": ["1"]})


@pytest.mark.parametrize(
    ("start", "end", "side", "person", "complaint"),
    [
        # The filmed entrance: a line at five sixths of the width, people half the height.
        ((0.83, 0.35), (0.83, 1.0), "right", 0.5, ""),
        ((0.97, 0.35), (0.97, 1.0), "right", 0.5, "right edge"),
        ((0.03, 0.35), (0.03, 1.0), "right", 0.5, "left edge"),
        # A door at the far wall, seen from the front.
        ((0.3, 0.6), (0.7, 0.6), "up", 0.4, ""),
        ((0.3, 0.3), (0.7, 0.3), "up", 0.4, "top"),
        ((0.3, 0.99), (0.7, 0.99), "up", 0.4, "bottom"),
        # Who is small fits where somebody tall does not.
        ((0.3, 0.3), (0.7, 0.3), "up", 0.2, ""),
        # Not measured: the usual height.
        ((0.3, 0.5), (0.7, 0.5), "down", 0.0, ""),
    ],
)
def test_a_person_must_be_able_to_stand_on_both_sides(
    start: tuple[float, float], end: tuple[float, float], side: str, person: float, complaint: str
) -> None:
    if not complaint:
        check_gate(gate(start, end, side), WIDE, person)
        return
    with pytest.raises(CameraError, match=complaint):
        check_gate(gate(start, end, side), WIDE, person)
