"""Targets to print for a calibration: a ChArUco board for the lens, a marker for the floor.

Both have one size that fits A4 and Letter. Held near the camera the board has many corners; on
the floor, metres away, its squares would be a few pixels, so the sheet is one large marker.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal

import cv2
import numpy as np

if TYPE_CHECKING:  # only printing needs it, and it takes longer to import than most commands run
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Squares across and down, and their sides in metres.
SQUARES: Final = (7, 10)
SQUARE_M: Final = 0.025
_MARKER_M: Final = 0.018
DICTIONARY: Final = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
BOARD: Final = cv2.aruco.CharucoBoard(SQUARES, SQUARE_M, _MARKER_M, DICTIONARY)
#: float64 N×3, the board's inner corners in metres, z 0.
CORNERS: Final = np.asarray(BOARD.getChessboardCorners(), np.float64)

#: The floor sheet's marker, none of the board's, and its side in metres.
MARKER: Final = 49
MARKER_M: Final = 0.168
#: float64 4×2, the marker's corners in metres, clockwise from the top left, y down.
MARKER_CORNERS: Final = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float) * MARKER_M

Paper = Literal["a4", "letter"]
#: Width and height of the papers in metres.
PAPERS: Final[dict[str, tuple[float, float]]] = {"a4": (0.210, 0.297), "letter": (0.2159, 0.2794)}
_INCH: Final = 0.0254
#: Pixels a square; vector squares of the PDF are cut out of this.
_CELL_PX: Final = 25


def board_picture(pixels_per_square: int) -> np.ndarray:
    """Draw the board without a margin; uint8 H×W."""
    size = (SQUARES[0] * pixels_per_square, SQUARES[1] * pixels_per_square)
    return np.asarray(BOARD.generateImage(size, marginSize=0, borderBits=1), np.uint8)


def marker_picture(pixels: int) -> np.ndarray:
    """Draw the floor sheet's marker without a margin; uint8 pixels×pixels."""
    picture = cv2.aruco.generateImageMarker(DICTIONARY, MARKER, pixels, borderBits=1)
    return np.asarray(picture, np.uint8)


def board_pdf(paper: Paper) -> bytes:
    """Make the two pages to print, true to size, each with a ruler to check the print by."""
    pages = (
        (board_picture(_CELL_PX), SQUARES[0] * SQUARE_M, "Glue the board to something flat."),
        (marker_picture(6 * _CELL_PX), MARKER_M, "Floor sheet: lay it on the floor, face up."),
    )
    drawn = []
    for picture, width, hint in pages:
        figure, axes = new_page(paper)
        height = width * picture.shape[0] / picture.shape[1]
        left, bottom = (
            (whole - part) / 2 for whole, part in zip(PAPERS[paper], (width, height), strict=True)
        )
        bottom += 0.004
        draw_cells(axes, picture, left, bottom, width)
        draw_ruler(axes, bottom - 0.007, hint)
        drawn.append(figure)
    return write_pages(drawn)


def write_pages(pages: Sequence[Figure]) -> bytes:
    """Write pages as one PDF, the same bytes at any time."""
    from matplotlib.backends.backend_pdf import PdfPages

    out = io.BytesIO()
    with PdfPages(out, metadata={"CreationDate": None, "Producer": None}) as pdf:
        for page in pages:
            pdf.savefig(page)
    return out.getvalue()


def new_page(paper: Paper) -> tuple[Figure, Axes]:
    """Start an empty page whose axes are metres from its lower left corner."""
    from matplotlib.figure import Figure

    wide, high = PAPERS[paper]
    figure = Figure(figsize=(wide / _INCH, high / _INCH))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, wide)
    axes.set_ylim(0, high)
    axes.axis("off")
    return figure, axes


def draw_cells(axes: Axes, picture: np.ndarray, left: float, bottom: float, wide: float) -> None:
    """Draw a picture of black and white cells (uint8 H×W); sizes in metres."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    runs = _black_runs(picture) * (wide / picture.shape[1]) + [left, bottom]
    black = Path.make_compound_path_from_polys(runs)
    axes.add_patch(PathPatch(black, color="black", linewidth=0))


def draw_ruler(axes: Axes, y: float, hint: str) -> None:
    """Draw a ruler of 10 cm in the middle of a page at `y` metres, with a hint below it."""
    middle = sum(axes.get_xlim()) / 2
    for step in range(11):
        tick = 0.003 if step % 5 == 0 else 0.002
        axes.plot([middle - 0.05 + step / 100] * 2, [y, y + tick], color="black", linewidth=0.5)
    said = f"fittingroom · print at 100%; this ruler is 10 cm long. {hint}"
    axes.text(middle, y - 0.004, said, ha="center", va="center", fontsize=7)


def _black_runs(picture: np.ndarray) -> np.ndarray:
    """Find the black runs of a picture's rows as rectangles; N×4×2 corners, pixels, y up.

    As vectors: a scaled bitmap would be smoothed by some viewers.
    """
    padded = np.pad(picture.astype(int), ((0, 0), (1, 1)), constant_values=255)
    rows, edges = np.nonzero(np.diff(padded, axis=1))
    start, end = edges.reshape(-1, 2).T
    top = picture.shape[0] - rows[::2]
    low = top - 1
    corners = [(start, low), (end, low), (end, top), (start, top)]
    return np.stack([np.stack(corner, 1) for corner in corners], 1).astype(float)
