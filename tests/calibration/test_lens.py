from __future__ import annotations

import re
import zlib

import numpy as np
import pytest

from calibration import CameraError
from calibration.board import (
    CORNERS,
    SQUARE_M,
    SQUARES,
    Paper,
    _black_runs,
    board_pdf,
    board_picture,
    marker_picture,
)
from calibration.lens import BoardView, Lens, coverage, find_board, solve_lens
from tests.calibration.simulated import SimulatedCamera, held_board


def test_the_lens_is_found(camera: SimulatedCamera, lens: Lens) -> None:
    assert lens.focal[0] * camera.width == pytest.approx(camera.focal_px, rel=0.01)
    assert lens.focal[1] * camera.height == pytest.approx(camera.focal_px, rel=0.01)
    middle = np.array(lens.centre) * [camera.width, camera.height] - 0.5
    assert np.abs(middle - camera.centre_px).max() < 0.01 * camera.width / 2
    assert lens.residual * camera.width < 0.3
    assert lens.doubt < 0.003


def test_points_go_to_the_straight_picture_and_back(camera: SimulatedCamera, lens: Lens) -> None:
    seen = np.array([[0.05, 0.08], [0.5, 0.5], [0.95, 0.9]])
    straight = lens.undistort(seen)
    assert np.abs(straight[0] - seen[0]).max() > 0.01
    assert lens.distort(straight) == pytest.approx(seen, abs=1e-4)
    assert lens.undistort(np.zeros((0, 2))).shape == (0, 2)
    # A line of the world is a line again.
    world = np.stack([np.linspace(-1.6, 1.6, 9), np.full(9, -0.6), np.zeros(9)], 1)
    line = lens.undistort(camera.project(world)) * [camera.width, camera.height]
    assert np.polyfit(line[:, 0], line[:, 1], 1, full=True)[1][0] < 0.5
    bent = camera.project(world) * [camera.width, camera.height]
    assert np.polyfit(bent[:, 0], bent[:, 1], 1, full=True)[1][0] > 20


def test_it_holds_at_any_resolution_of_its_shape(lens: Lens) -> None:
    assert lens.fits(1920, 1080)
    assert lens.fits(640, 360)
    assert not lens.fits(640, 480)
    assert lens.undistort_image(np.zeros((360, 640, 3), np.uint8)).shape == (360, 640, 3)


def views_of(
    camera: SimulatedCamera, places: list[tuple[float, float]], tilt: float
) -> list[BoardView]:
    """Where the corners are, without drawing."""
    views = []
    for n, (x, y) in enumerate(places):
        turn = np.array([tilt * (-1) ** n, tilt * (n % 3 - 1), 0.2])
        sheet = held_board(camera, x, y, 0.5, turn)
        world = sheet.origin + (CORNERS[:, :1] + SQUARE_M) * sheet.right
        world = world + (CORNERS[:, 1:2] + SQUARE_M) * sheet.down
        at = camera.project(world)
        inside = np.flatnonzero(((at > 0) & (at < 1)).all(1))
        views.append(BoardView(inside, at[inside], camera.width / camera.height, camera.width))
    return views


GRID = [(x, y) for x in (0.2, 0.5, 0.8) for y in (0.25, 0.5, 0.75)]


def test_exact_corners_give_the_exact_lens(camera: SimulatedCamera) -> None:
    lens = solve_lens(views_of(camera, GRID, 0.5), "2026-05-31")
    assert lens.focal[0] * camera.width == pytest.approx(camera.focal_px, rel=1e-4)
    assert lens.distortion == pytest.approx(camera.distortion, abs=1e-3)


@pytest.mark.parametrize(
    ("places", "tilt", "complaint"),
    [
        (GRID[:4], 0.5, "4 views"),
        ([(0.3, 0.4)] * 9, 0.5, "empty cells"),
    ],
)
def test_what_is_not_enough(
    camera: SimulatedCamera, places: list[tuple[float, float]], tilt: float, complaint: str
) -> None:
    with pytest.raises(CameraError, match=complaint):
        solve_lens(views_of(camera, places, tilt), "2026-05-31")


def test_views_that_disagree(camera: SimulatedCamera) -> None:
    rng = np.random.default_rng(0)
    views = [
        BoardView(v.ids, v.corners + rng.normal(0, 0.01, v.corners.shape), v.aspect, v.width)
        for v in views_of(camera, GRID, 0.5)
    ]
    with pytest.raises(CameraError, match="do not agree"):
        solve_lens(views, "2026-05-31")


def test_a_board_held_flat_says_little_of_the_focal_length(camera: SimulatedCamera) -> None:
    rng = np.random.default_rng(0)
    views = [
        BoardView(v.ids, v.corners + rng.normal(0, 0.0008, v.corners.shape), v.aspect, v.width)
        for v in views_of(camera, GRID, 0.0)
    ]
    with pytest.raises(CameraError, match="tilted"):
        solve_lens(views, "2026-05-31")


def test_the_same_view_twice_adds_nothing(camera: SimulatedCamera) -> None:
    one, other = views_of(camera, [(0.3, 0.4), (0.5, 0.4)], 0.3)
    assert not one.differs(one)
    assert one.differs(other)
    assert coverage([one]).sum() < coverage([one, other]).sum()


def test_no_board_no_view() -> None:
    assert find_board(np.full((360, 640, 3), 200, np.uint8)) is None


@pytest.mark.parametrize(("paper", "points"), [("a4", (595.276, 841.89)), ("letter", (612, 792))])
def test_the_board_is_printed_true_to_size(paper: Paper, points: tuple[float, float]) -> None:
    pdf = board_pdf(paper)
    size = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", pdf)
    assert size is not None
    assert tuple(map(float, size.groups())) == pytest.approx(points, abs=0.1)
    pages = [
        zlib.decompress(raw)
        for raw in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S)
        if raw[:1] == b"x"
    ]
    drawn = max(pages, key=len).decode("latin-1")
    # Rectangles: x y m, x y l, ... of the board's black runs, in points.
    marks = [tuple(map(float, at)) for at in re.findall(r"([\d.]+) ([\d.]+) [ml]\n", drawn)]
    black = np.array(
        [
            at
            for at in marks
            if at[1] > points[1] / 2 - 5 * 72 * SQUARE_M / 0.0254 and 0 < at[0] < int(points[0])
        ]
    )
    assert np.ptp(black[:, 0]) == pytest.approx(SQUARES[0] * SQUARE_M / 0.0254 * 72, abs=0.1)


@pytest.mark.parametrize(
    "picture", [board_picture(25), marker_picture(150)], ids=["board", "marker"]
)
def test_the_printed_runs_are_the_pictures_black(picture: np.ndarray) -> None:
    filled = np.full_like(picture, 255)
    for (left, low), _, (right, top), _ in _black_runs(picture).astype(int):
        filled[picture.shape[0] - top : picture.shape[0] - low, left:right] = 0
    assert (filled == picture).all()
