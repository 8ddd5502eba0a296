"""Masks that hide the people who cross a gate."""

from __future__ import annotations

import pytest

from calibration import parse_camera
from calibration.reach import covered_share, gate_warnings
from calibration.steps import steps_of

GATE = {"name": "gate", "from": [0.8, 0.3], "to": [0.8, 1.0], "in": "right", "rooms": ["1"]}


def box(left: float, top: float, right: float, bottom: float) -> dict[str, object]:
    return {"points": [[left, top], [right, top], [right, bottom], [left, bottom]]}


@pytest.mark.parametrize(
    ("mask", "least", "most"),
    [
        (box(0, 0, 0.2, 1), 0.0, 0.0),  # far off
        (box(0.92, 0, 1, 1), 0.0, 0.0),  # further than anybody needs to be seen
        (box(0.7, 0.2, 1, 1), 1.0, 1.0),  # all of it
        (box(0.76, 0.6, 0.84, 0.9), 0.4, 0.6),  # the floor at a part of the line
        (box(0.7, 0, 1, 0.6), 0.5, 0.8),  # the bodies of those who walk at its far end
        (box(0.84, 0, 0.9, 1), 1.0, 1.0),  # the inner side alone: nobody ever gets there
    ],
)
def test_the_share_of_a_gate_that_is_covered(mask: object, least: float, most: float) -> None:
    camera = parse_camera({"name": "c", "source": "0", "gate": [GATE], "mask": [mask]}, "test")
    share = covered_share(camera, camera.gates[0])
    assert least <= share <= most
    assert bool(gate_warnings(camera)) == (share > 0.1)


def test_masks_and_gate_both_warn_and_name_the_gate() -> None:
    other = GATE | {"name": "back", "from": [0.2, 0.3], "to": [0.2, 1.0], "in": "left"}
    data = {"name": "c", "source": "0", "gate": [GATE, other], "mask": [box(0, 0, 0.4, 1)]}
    warned = {step.name: step.warning for step in steps_of(parse_camera(data, "test"))}
    for step in ("masks", "gate"):
        assert "cross the gate 'back': they will not be counted" in warned[step]
        assert "'gate'" not in warned[step]
    assert not warned["picture"]


def test_a_tall_person_is_hidden_by_a_mask_that_a_small_one_walks_below() -> None:
    data = {"name": "c", "source": "0", "mask": [box(0.7, 0, 1, 0.55)],
            "gate": [GATE | {"from": [0.8, 0.7]}]}  # fmt: skip
    seen = {"width": 1280, "height": 720, "fps": 10.0, "sharpness": 1.0, "brightness": 120.0,
            "flicker": 0.0, "date": "2026-05-31"}  # fmt: skip
    small = parse_camera(data | {"picture": seen | {"person": 0.2}}, "test")
    tall = parse_camera(data | {"picture": seen | {"person": 0.9}}, "test")
    assert covered_share(small, small.gates[0]) == 0
    assert covered_share(tall, tall.gates[0]) > 0.2
