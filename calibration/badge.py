"""Badges of staff: a printed tag by which a camera knows that a person is no shopper.

All badges carry the same tag, so that no camera can distinguish one employee from another. The
tag is one of AprilTag's family 25h9 (Olson 2011): 25 cells, of which a chance pattern on a shirt
matches one in eight million.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from calibration.base import CameraError
from calibration.board import PAPERS, Paper, draw_cells, draw_ruler, new_page, write_pages
from calibration.camera import Camera

DICTIONARY: Final = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_APRILTAG_25h9)
#: The tag of all badges.
TAG: Final = 7
#: Side of the tag's black square in a picture, pixels, at which it is read nearly always
#: (docs/explanation/experiments.md).
LEAST_PX: Final = 24
#: Height of a person in metres.
_PERSON_M: Final = 1.7
#: Cells across the black square, and of the white margin around it.
_CELLS: Final = 7
_MARGIN: Final = 1
#: Sides of black squares in metres: of a badge, and the largest that fits both papers.
USUAL_M: Final = 0.08
_SIZES_M: Final = (0.03, 0.14)
#: Metres that stay free at the edges of a page, and below for the ruler.
_EDGE_M: Final = 0.01
_RULER_M: Final = 0.02


def least_side(camera: Camera) -> float | None:
    """Compute the side of the smallest tag that a camera reads at its gates.

    Args:
        camera: With the picture step done: it says how tall people are in the picture.

    Returns:
        Metres, rounded up to a centimetre, within what can be printed; None where no one was
        measured.
    """
    picture = camera.picture
    if picture is None or not picture.person:
        return None
    pixels_per_metre = picture.person * picture.height / _PERSON_M
    side = float(np.ceil(100 * LEAST_PX / pixels_per_metre) / 100)
    return min(max(side, _SIZES_M[0]), _SIZES_M[1])


def badge_picture(cell_px: int) -> np.ndarray:
    """Draw the tag with its white margin; uint8, nine cells across."""
    side = _CELLS * cell_px
    tag = cv2.aruco.generateImageMarker(DICTIONARY, TAG, side, borderBits=1)
    margin = _MARGIN * cell_px
    return np.pad(np.asarray(tag, np.uint8), margin, constant_values=255)


def badges_pdf(paper: Paper, side: float = USUAL_M) -> bytes:
    """Make a page of badges to print, true to size, with lines to cut along.

    Args:
        paper: What it is printed on.
        side: Of each tag's black square, metres.

    Raises:
        CameraError: The size is too small to print, or does not fit the page.
    """
    if not _SIZES_M[0] <= side <= _SIZES_M[1]:
        least, most = (100 * size for size in _SIZES_M)
        raise CameraError(
            f"a badge's tag measures {least:.0f} to {most:.0f} cm, not {100 * side:g}."
        )
    wide, high = PAPERS[paper]
    badge = side * (_CELLS + 2 * _MARGIN) / _CELLS
    columns, rows = int((wide - 2 * _EDGE_M) / badge), int((high - 2 * _EDGE_M - _RULER_M) / badge)
    figure, axes = new_page(paper)
    left, bottom = (wide - columns * badge) / 2, high - _EDGE_M - rows * badge
    picture = badge_picture(1)
    for column in range(columns):
        for row in range(rows):
            x, y = left + column * badge, bottom + row * badge
            draw_cells(axes, picture, x, y, badge)
            corners = ([x, x + badge, x + badge, x, x], [y, y, y + badge, y + badge, y])
            axes.plot(*corners, color="0.6", linewidth=0.3)
    draw_ruler(axes, bottom - 0.012, "Staff: wear one in front and one behind, flat and uncovered.")
    return write_pages([figure])
