"""Views and places collected before lens and floor are solved."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import CameraError
from calibration.draft import Draft
from tests.calibration.simulated import SimulatedCamera, floor_sheet, lens_views

NOTHING = np.zeros((720, 1280, 3), np.uint8)


def test_a_view_of_the_board_counts_once(camera: SimulatedCamera) -> None:
    draft = Draft()
    first, second = lens_views(camera, 2)
    assert not any(map(any, draft.covered()))
    draft.take_view(first)
    assert any(map(any, draft.covered()))
    assert draft.sees(first)[1] is False
    with pytest.raises(CameraError, match="this view is there already"):
        draft.take_view(first)
    draft.take_view(second)
    assert len(draft.views) == 2
    assert draft.sees(NOTHING) == (None, False)
    with pytest.raises(CameraError, match="board is not seen"):
        draft.take_view(NOTHING)


def test_a_place_of_the_sheet_counts_once(camera: SimulatedCamera) -> None:
    draft = Draft()
    here, there = (camera.show([floor_sheet(x, 0.4, 0.3)]) for x in (-0.6, 0.6))
    draft.take_place(here)
    with pytest.raises(CameraError, match="has lain here already"):
        draft.take_place(here)
    draft.take_place(there)
    assert [place.shape for place in draft.places] == [(4, 2), (4, 2)]
    with pytest.raises(CameraError, match="sheet is not seen"):
        draft.take_place(NOTHING)
