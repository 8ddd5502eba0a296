from __future__ import annotations

import cv2
import numpy as np
import pytest

from calibration import CameraError
from calibration.colour import MACBETH, difference, read_chart, solve_chart, solve_sheet

CORNERS = [(0.3, 0.25), (0.65, 0.29), (0.64, 0.73), (0.28, 0.69)]
CAST = np.array([[0.80, 0.10, 0.02], [0.06, 0.88, 0.02], [0.03, 0.12, 0.62]])


def chart() -> np.ndarray:
    """Draw a Macbeth chart hanging in a grey room."""
    cell, gap = 60, 8
    flat = np.full((4 * (cell + gap) + gap, 6 * (cell + gap) + gap, 3), 20, np.uint8)
    for n, rgb in enumerate(MACBETH):
        y, x = (gap + number * (cell + gap) for number in divmod(n, 6))
        flat[y : y + cell, x : x + cell] = rgb[::-1]
    height, width = flat.shape[:2]
    room = np.full((480, 854, 3), 110, np.uint8)
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    target = (np.array(CORNERS) * [854, 480]).astype(np.float32)
    way = cv2.getPerspectiveTransform(source, target)
    cv2.warpPerspective(flat, way, (854, 480), room, borderMode=cv2.BORDER_TRANSPARENT)
    return room


def cast(image: np.ndarray, matrix: np.ndarray = CAST) -> np.ndarray:
    """See with a camera whose colours are off, and with noise."""
    linear = (image[..., ::-1] / 255.0) ** 2.2
    seen = np.clip(linear @ matrix.T, 0, 1) ** (1 / 2.2) * 255
    noisy = seen[..., ::-1] + np.random.default_rng(0).normal(0, 1.5, image.shape)
    return np.asarray(np.clip(np.round(noisy), 0, 255), np.uint8)


@pytest.mark.parametrize("upside_down", [False, True])
def test_a_chart_mends_a_colour_cast(upside_down: bool) -> None:
    seen = cast(chart())
    if upside_down:
        seen = np.ascontiguousarray(seen[::-1, ::-1])
    colour = solve_chart(read_chart(seen), "2026-05-31")
    assert colour.error_before > 5
    assert colour.error_after < 3
    # Colours that are on no chart come out right too.
    others = np.random.default_rng(1).integers(40, 215, (1, 50, 3)).astype(np.uint8)
    mended = colour.correct(cast(others))[0, :, ::-1].astype(float)
    assert np.median(difference(mended, others[0, :, ::-1].astype(float))) < 3


def test_the_corners_can_be_marked() -> None:
    by_hand = solve_chart(read_chart(cast(chart()), CORNERS), "2026-05-31")
    assert by_hand.error_after < 3


def test_what_is_no_chart() -> None:
    with pytest.raises(CameraError, match="no colour chart"):
        read_chart(np.full((480, 854, 3), 120, np.uint8))
    with pytest.raises(CameraError, match="too small"):
        read_chart(chart(), [(0.1, 0.1), (0.13, 0.1), (0.13, 0.13), (0.1, 0.13)])
    noise = np.random.default_rng(0).uniform(0, 240, (24, 3))
    with pytest.raises(CameraError, match="no correction fits"):
        solve_chart(noise, "2026-05-31")
    burnt = read_chart(chart(), CORNERS)
    burnt[18] = 255
    with pytest.raises(CameraError, match="overexposed"):
        solve_chart(burnt, "2026-05-31")


def test_a_white_sheet_balances_white() -> None:
    room = np.full((480, 854, 3), 90, np.uint8)
    room[100:300, 200:400] = 200
    seen = cast(room, np.diag([0.9, 1.0, 0.6]))
    colour = solve_sheet(seen, (0.25, 0.25, 0.45, 0.6), "2026-05-31")
    assert colour.error_before > 5
    assert colour.error_after < 1.5
    sheet = colour.correct(seen)[150:250, 250:350].reshape(-1, 3).mean(0)
    assert np.ptp(sheet) < 3
    with pytest.raises(CameraError, match="all paper"):
        solve_sheet(seen, (0.1, 0.1, 0.6, 0.8), "2026-05-31")
    with pytest.raises(CameraError, match="too dark"):
        solve_sheet(np.zeros_like(seen), (0.25, 0.25, 0.45, 0.6), "2026-05-31")
    with pytest.raises(CameraError, match="too small"):
        solve_sheet(seen, (0.25, 0.25, 0.251, 0.26), "2026-05-31")


def test_nothing_to_correct_is_left_alone() -> None:
    colour = solve_chart(read_chart(chart(), CORNERS), "2026-05-31")
    assert colour.error_after < 1
    assert colour.correct(np.zeros((0, 5, 3), np.uint8)).shape == (0, 5, 3)
