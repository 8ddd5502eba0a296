"""The lens: focal length, principal point and distortion, from views of a ChArUco board.

Everything is in shares of the picture, so it holds at any resolution of one shape. The model is
OpenCV's (Brown-Conrady): focal lengths, principal point, radial k1, k2 and tangential p1, p2.
Method: Zhang, "A flexible new technique for camera calibration", PAMI 2000, as
`cv2.calibrateCameraExtended` has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from calibration.base import CameraError, Strict
from calibration.board import BOARD, CORNERS
from common.image import Image

Floats = NDArray[np.float64]

#: Views of the board that a calibration needs.
LEAST_VIEWS: Final = 8
#: Corners of the board that a view needs.
_LEAST_CORNERS: Final = 12
#: The picture in cells; the board's corners must cover this share of them.
COVERAGE_CELLS: Final = (6, 4)
LEAST_COVERAGE: Final = 0.6
#: Largest reprojection error, in thousandths of the picture's width.
_MOST_RESIDUAL: Final = 1.5
#: Largest uncertainty of the focal length: its standard deviation as a share of it.
_MOST_DOUBT: Final = 0.01
#: So many views must be tilted by this much, degrees: flat ones give no focal length.
_TILTED: Final = (4, 12.0)
#: Two views nearer than this, as mean shift of their corners in shares of the width, are one.
_SAME_VIEW: Final = 0.03

Positive = Annotated[float, Field(gt=0)]


class Lens(Strict):
    """A camera's lens.

    Attributes:
        focal: Focal lengths as shares of the picture's width and height.
        centre: The principal point, relative.
        distortion: k1, k2, p1, p2.
        aspect: Width over height of the picture it holds for.
        residual: Root mean square reprojection error, as share of the picture's width.
        doubt: Standard deviation of the focal length, as share of it.
        views: Of the board.
        date: ISO date of the calibration.
    """

    focal: tuple[Positive, Positive]
    centre: tuple[float, float]
    distortion: tuple[float, float, float, float]
    aspect: Positive
    residual: float
    doubt: float
    views: int
    date: str

    @property
    def matrix(self) -> Floats:
        """The 3×3 camera matrix in relative coordinates."""
        (fx, fy), (cx, cy) = self.focal, self.centre
        return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]], float)

    def undistort(self, points: NDArray[np.float64]) -> Floats:
        """Undistort points.

        Args:
            points: N×2, relative.

        Returns:
            float64 N×2, relative; they may lie outside 0…1.
        """
        if not len(points):
            return np.zeros((0, 2))
        bent = np.asarray(points, np.float64).reshape(-1, 1, 2)
        straight = cv2.undistortPoints(bent, self.matrix, np.array(self.distortion), P=self.matrix)
        return np.asarray(straight, np.float64).reshape(-1, 2)

    def distort(self, points: NDArray[np.float64]) -> Floats:
        """Distort points, the inverse of `undistort`; N×2, relative."""
        rays = (np.asarray(points, float) - self.centre) / self.focal
        space = np.hstack([rays, np.ones((len(rays), 1))])
        if not len(space):
            return np.zeros((0, 2))
        bent, _ = cv2.projectPoints(
            space, np.zeros(3), np.zeros(3), self.matrix, np.array(self.distortion)
        )
        return np.asarray(bent, np.float64).reshape(-1, 2)

    def undistort_image(self, image: Image) -> Image:
        """Remove the lens distortion from a picture (uint8 H×W×3)."""
        height, width = image.shape[:2]
        matrix = np.diag([width, height, 1.0]) @ self.matrix
        return np.asarray(cv2.undistort(image, matrix, np.array(self.distortion)), np.uint8)

    def fits(self, width: int, height: int) -> bool:
        """Check whether a picture has the shape that was calibrated."""
        return abs(width / height / self.aspect - 1) < 0.01


@dataclass(frozen=True)
class BoardView:
    """The board in one picture.

    Attributes:
        ids: int N, which of the board's inner corners were found.
        corners: float64 N×2, where, relative.
        aspect: Width over height of the picture.
        width: Of the picture, pixels.
    """

    ids: NDArray[np.int64]
    corners: Floats
    aspect: float
    width: int

    def differs(self, other: BoardView) -> bool:
        """Check whether this view adds something to another."""
        both, mine, theirs = np.intersect1d(self.ids, other.ids, return_indices=True)
        if len(both) < 4:
            return True
        shift = np.linalg.norm(self.corners[mine] - other.corners[theirs], axis=1).mean()
        return bool(shift > _SAME_VIEW)


def find_board(image: Image) -> BoardView | None:
    """Detect the printed board in a picture (uint8 H×W×3 BGR); None if too little is visible."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    corners, ids, _, _ = cv2.aruco.CharucoDetector(BOARD).detectBoard(grey)
    if ids is None or len(ids) < _LEAST_CORNERS:
        return None
    height, width = grey.shape
    found = np.asarray(corners, np.float64).reshape(-1, 2)
    # A pixel's middle lies at its number in OpenCV, half a pixel from its edge here.
    relative = (found + 0.5) / [width, height]
    return BoardView(np.asarray(ids, np.int64).reshape(-1), relative, width / height, width)


def coverage(views: Sequence[BoardView]) -> NDArray[np.bool_]:
    """Find which cells of the picture the corners cover; rows × columns of `COVERAGE_CELLS`."""
    columns, rows = COVERAGE_CELLS
    seen = np.zeros((rows, columns), bool)
    for view in views:
        cells = np.clip((view.corners * [columns, rows]).astype(int), 0, [columns - 1, rows - 1])
        seen[cells[:, 1], cells[:, 0]] = True
    return seen


def solve_lens(views: Sequence[BoardView], date: str) -> Lens:
    """Calibrate the lens from views of the board.

    Raises:
        CameraError: Too few views, too little of the picture covered, or they do not agree.
    """
    if len(views) < LEAST_VIEWS:
        raise CameraError(
            f"{len(views)} views of the board; {LEAST_VIEWS} are needed, each from another side."
        )
    covered = float(coverage(views).mean())
    if covered < LEAST_COVERAGE:
        raise CameraError(
            f"the board has been in {covered:.0%} of the picture, {LEAST_COVERAGE:.0%} is needed; "
            "move it into the empty cells, corners of the picture included."
        )
    # Rows of the picture scaled to pixels that are square, so that both focal lengths compare.
    width, aspect = float(views[0].width), views[0].aspect
    size = np.array([width, width / aspect])
    objects = [CORNERS[view.ids].astype(np.float32) for view in views]
    found = [(view.corners * size).astype(np.float32)[:, None] for view in views]
    whole = (round(size[0]), round(size[1]))
    unknown = np.eye(3), np.zeros(5)
    error, matrix, bends, turns, _, doubts, _, _ = cv2.calibrateCameraExtended(
        objects, found, whole, *unknown, flags=cv2.CALIB_FIX_K3
    )
    k1, k2, p1, p2 = (float(n) for n in np.ravel(bends)[:4])
    focal = matrix[0, 0] / size[0], matrix[1, 1] / size[1]
    lens = Lens(
        focal=(float(focal[0]), float(focal[1])),
        centre=(float(matrix[0, 2] / size[0]), float(matrix[1, 2] / size[1])),
        distortion=(k1, k2, p1, p2),
        aspect=aspect,
        residual=float(error / width),
        doubt=float(max(np.ravel(doubts)[:2] / [matrix[0, 0], matrix[1, 1]])),
        views=len(views),
        date=date,
    )
    tilts = [np.degrees(np.arccos(cv2.Rodrigues(turn)[0][2, 2])) for turn in turns]
    _check(lens, sum(tilt > _TILTED[1] for tilt in tilts))
    return lens


def _check(lens: Lens, tilted: int) -> None:
    if lens.residual * 1000 > _MOST_RESIDUAL:
        raise CameraError(
            f"the views do not agree (error {lens.residual * 1000:.1f} thousandths of the width, "
            f"{_MOST_RESIDUAL} at most); glue the board to something flat, hold it still while a "
            "view is taken, and start the views anew."
        )
    if lens.doubt > _MOST_DOUBT or tilted < _TILTED[0]:
        raise CameraError(
            f"the focal length is not certain ({tilted} of {lens.views} views are tilted); add "
            "views in which the board is tilted by 30 to 45 degrees, near and far."
        )
