from __future__ import annotations

import pytest

from calibration.lens import Lens, find_board, solve_lens
from tests.calibration.simulated import SimulatedCamera, lens_views


@pytest.fixture(scope="session")
def camera() -> SimulatedCamera:
    return SimulatedCamera()


@pytest.fixture(scope="session")
def lens(camera: SimulatedCamera) -> Lens:
    """The simulated camera's lens, calibrated from filmed views of the board."""
    views = [view for shown in lens_views(camera, 12) if (view := find_board(shown))]
    return solve_lens(views, "2026-05-31")
