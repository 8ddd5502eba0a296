from __future__ import annotations

import numpy as np
import pytest

from models.training.films.camera import CAMERAS, FilmCamera
from models.training.films.room import GATE_X, GATE_Y


def test_without_distortion_it_is_a_pinhole() -> None:
    camera = FilmCamera((0, -4, 1), (0, 0, 1), 90, 0.0, "right", (400, 200))
    pixels, depth = camera.project(np.array([[0, 0, 1], [4, 0, 1], [0, 0, 3], [0, -9, 1.0]]))
    assert pixels[:3] == pytest.approx(np.array([[200, 100], [400, 100], [200, 0]]))
    assert depth == pytest.approx([4, 4, 4, -5])
    assert camera.render_view == pytest.approx(90)


@pytest.mark.parametrize("name", CAMERAS)
def test_the_lens_maps_lead_from_the_picture_to_the_render(name: str) -> None:
    camera = CAMERAS[name]
    points = np.array([[GATE_X, y, z] for y in GATE_Y for z in (0.0, 2.0)])
    seen, _ = camera.project(points)
    rendered, _ = camera.project(points, distorted=False)
    x, y = camera.lens_maps()
    for (column, row), (across, down) in zip(seen.astype(int), rendered, strict=True):
        assert x[row, column] == pytest.approx(across - 0.5, abs=2)
        assert y[row, column] == pytest.approx(down - 0.5, abs=2)


@pytest.mark.parametrize("name", CAMERAS)
def test_every_camera_sees_the_gate_and_both_sides_of_it(name: str) -> None:
    camera = CAMERAS[name]
    feet = np.array([[GATE_X + d, 0.1, 0.0] for d in (-0.7, 0.0, 0.7)])
    pixels, depth = camera.project(feet)
    assert (depth > 0).all()
    assert (pixels > 0).all()
    assert (pixels < camera.size).all()


def test_a_barrel_draws_corners_inward_and_needs_a_wider_render() -> None:
    straight = FilmCamera((0, -4, 1), (0, 0, 1), 60, 0.0, "right")
    barrel = FilmCamera((0, -4, 1), (0, 0, 1), 60, 0.2, "right")
    corner = np.array([[1.9, 0, 2.0]])
    middle = np.array(straight.size) / 2
    reach = [np.linalg.norm(c.project(corner)[0][0] - middle) for c in (straight, barrel)]
    assert reach[1] < 0.95 * reach[0]
    assert barrel.widening > 1.1
