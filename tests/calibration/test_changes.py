"""A changed part of a calibration takes along what depends on it."""

from __future__ import annotations

from typing import Any

import pytest

from calibration import Camera, CameraError, changes, parse_camera
from calibration.draft import Draft
from calibration.floor import Measured
from calibration.lens import Lens, find_board
from tests.calibration.simulated import SimulatedCamera, lens_views
from tests.calibration.test_colour import CORNERS, cast, chart

DATE = "2026-05-31"
CORNER = [[0.0, 0.0], [0.2, 0.0], [0.2, 0.3]]
#: Corners of a square metre of the floor, as a camera could see them.
SQUARE = [
    Measured((0.3, 0.9), (0.0, 0.0)),
    Measured((0.7, 0.9), (1.0, 0.0)),
    Measured((0.62, 0.6), (1.0, 1.0)),
    Measured((0.38, 0.6), (0.0, 1.0)),
]


def gate(name: str, x: float = 0.6, **parts: Any) -> dict[str, Any]:
    line = {"from": [x, 0.4], "to": [x, 1.0], "in": "right", "rooms": ["1"]}
    return {"name": name, **line, **parts}


@pytest.fixture
def door(lens: Lens) -> Camera:
    known = {"name": "door", "source": "none.mp4", "gate": [gate("a")], "lens": lens.model_dump()}
    confirmed = parse_camera(known, "test").confirm_masks("Anna", DATE, 1280, 720)
    return changes.with_measured_floor(confirmed, SQUARE, DATE)


def test_new_masks_have_to_be_confirmed(door: Camera) -> None:
    assert door.masks_confirmed
    masked = changes.with_masks(door, [CORNER])
    assert [list(map(list, mask.points)) for mask in masked.masks] == [CORNER]
    assert not masked.masks_confirmed
    assert masked.gates == door.gates
    with pytest.raises(CameraError, match="mask"):
        changes.with_masks(door, [CORNER[:2]])


def test_a_gate_is_added_or_replaced_by_its_name(door: Camera) -> None:
    both = changes.with_gate(door, gate("b", 0.4), 16 / 9)
    assert [one.name for one in both.gates] == ["a", "b"]
    moved = changes.with_gate(both, gate("a", 0.5), 16 / 9)
    assert {one.name: one.start[0] for one in moved.gates} == {"a": 0.5, "b": 0.4}
    alone = changes.with_gates(moved, [gate("c")], 16 / 9)
    assert [one.name for one in alone.gates] == ["c"]


def test_a_gate_at_the_edge_is_refused_however_it_is_set(door: Camera) -> None:
    for change in (
        lambda: changes.with_gate(door, gate("b", 0.99), 16 / 9),
        lambda: changes.with_gates(door, [gate("a"), gate("b", 0.99)], 16 / 9),
    ):
        with pytest.raises(CameraError, match="right edge"):
            change()


def test_the_floor_goes_with_its_lens(door: Camera, camera: SimulatedCamera) -> None:
    draft = Draft([view for shown in lens_views(camera, 12) if (view := find_board(shown))])
    solved = changes.with_lens(door, draft, "2026-06-01")
    assert solved.lens
    assert solved.lens.date == "2026-06-01"
    assert door.floor
    assert solved.floor is None
    bare = changes.without_lens(door)
    assert (bare.lens, bare.floor) == (None, None)
    assert changes.without_floor(door).lens == door.lens


def test_a_draft_that_does_not_suffice_changes_nothing(door: Camera) -> None:
    for change in (changes.with_lens, changes.with_floor_by_sheet):
        with pytest.raises(CameraError, match="needed"):
            change(door, Draft(), DATE)


def test_colours_are_corrected_and_left_alone_again(door: Camera) -> None:
    shown = cast(chart())
    corrected = changes.with_colour_by_chart(door, shown, CORNERS, DATE)
    assert corrected.colour
    assert corrected.colour.error_after < corrected.colour.error_before
    assert corrected.floor == door.floor
    assert changes.without_colour(corrected) == door
