from __future__ import annotations

import numpy as np
import pytest

from calibration import CameraError
from calibration.floor import Floor, Measured, solve_floor
from calibration.lens import Lens
from calibration.sheet import find_sheet, solve_floor_by_sheet
from tests.calibration.simulated import SimulatedCamera, floor_sheet

RECTANGLE = [(-1.0, -0.5), (1.0, -0.5), (1.0, 1.5), (-1.0, 1.5)]
GATE_AREA = np.array([[x, y] for x in np.linspace(-1, 1, 5) for y in np.linspace(-0.5, 1.5, 5)])


def shown(camera: SimulatedCamera, floor: np.ndarray) -> np.ndarray:
    return camera.project(np.hstack([floor, np.zeros((len(floor), 1))]))


def measured(camera: SimulatedCamera, metres: list[tuple[float, float]]) -> list[Measured]:
    at = shown(camera, np.array(metres))
    return [Measured((a[0], a[1]), m) for a, m in zip(at, metres, strict=True)]


def worst(floor: Floor, camera: SimulatedCamera, lens: Lens | None) -> float:
    found = floor.to_metres(shown(camera, GATE_AREA), lens)
    return float(np.linalg.norm(found - GATE_AREA, axis=1).max())


def test_four_measured_points_place_the_floor(camera: SimulatedCamera, lens: Lens) -> None:
    floor = solve_floor(measured(camera, RECTANGLE), lens, "2026-05-31")
    assert worst(floor, camera, lens) < 0.005
    assert floor.residual_m is not None
    assert floor.residual_m < 0.005
    back = floor.to_picture(GATE_AREA, lens)
    assert back == pytest.approx(shown(camera, GATE_AREA), abs=0.002)


def test_without_a_lens_it_is_less_exact_and_four_points_prove_nothing() -> None:
    straight = SimulatedCamera(distortion=(0.0, 0.0, 0.0, 0.0))
    floor = solve_floor(measured(straight, RECTANGLE), None, "2026-05-31")
    assert worst(floor, straight, None) < 0.001
    assert floor.residual_m is None
    more = solve_floor(measured(straight, [*RECTANGLE, (0.0, 0.5)]), None, "2026-05-31")
    assert more.residual_m == pytest.approx(0, abs=1e-3)


def test_what_lies_behind_the_camera_is_not_in_the_picture(
    camera: SimulatedCamera, lens: Lens
) -> None:
    floor = solve_floor(measured(camera, RECTANGLE), lens, "2026-05-31")
    assert np.isnan(floor.to_picture(np.array([[0.0, -9.0]]), lens)).all()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda points: points[:3], "3 points"),
        (lambda points: [points[0]] * 4, "too close together"),
        (
            lambda points: [
                Measured(points[0].at, points[1].metres),
                Measured(points[1].at, points[0].metres),
                *points[2:],
            ],
            "contradict each other",
        ),
        (
            lambda points: [*points[:3], Measured(points[3].at, (-1.0, 1.0))],
            "contradict each other by .* cm",
        ),
    ],
)
def test_bad_measures_are_named(
    camera: SimulatedCamera, lens: Lens, change: object, complaint: str
) -> None:
    points = measured(camera, RECTANGLE)
    with pytest.raises(CameraError, match=complaint):
        solve_floor(change(points), lens, "2026-05-31")  # type: ignore[operator]


def test_three_points_in_a_line(camera: SimulatedCamera, lens: Lens) -> None:
    with pytest.raises(CameraError, match="one line"):
        solve_floor(measured(camera, [(-1, 0), (0, 0), (1, 0), (0, 1.5)]), lens, "2026-05-31")


def test_the_sheet_on_the_floor_places_it(camera: SimulatedCamera, lens: Lens) -> None:
    places = []
    for x, y, angle in ((-0.8, -0.3, 0.3), (0.8, -0.2, 1.2), (0.0, 0.6, -0.5), (-0.6, 1.2, 2.0)):
        found = find_sheet(camera.show([floor_sheet(x, y, angle)]))
        assert found is not None
        places.append(found)
    floor = solve_floor_by_sheet(places, lens, "2026-05-31")
    found = floor.to_metres(shown(camera, GATE_AREA), lens)
    # Its frame is its own: compare after the best turn and shift.
    a, b = found - found.mean(0), GATE_AREA - GATE_AREA.mean(0)
    u, _, vt = np.linalg.svd(a.T @ b)
    assert np.linalg.norm(a @ (u @ vt) - b, axis=1).max() < 0.03
    with pytest.raises(CameraError, match="needs a calibrated lens"):
        solve_floor_by_sheet(places, None, "2026-05-31")
    with pytest.raises(CameraError, match="2 places"):
        solve_floor_by_sheet(places[:2], lens, "2026-05-31")
    lifted = floor_sheet(0.0, 0.6, -0.5)
    lifted.origin = lifted.origin + [0.0, 0.0, 0.6]
    seen_lifted = find_sheet(camera.show([lifted]))
    assert seen_lifted is not None
    held = [*places[:2], seen_lifted, places[3]]
    with pytest.raises(CameraError, match="flat on one floor"):
        solve_floor_by_sheet(held, lens, "2026-05-31")


def test_no_sheet_no_place() -> None:
    assert find_sheet(np.full((360, 640, 3), 200, np.uint8)) is None
