"""The floor: the homography between the picture and metres.

Floor coordinates are metres in a plane; where the measured points came from, the frame is the
measurer's own. With a calibrated lens the camera's pose is solved (six unknowns instead of a
homography's eight), so that four points already check each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from calibration.base import CameraError, Strict
from calibration.lens import Lens

Floats = NDArray[np.float64]

#: Measured points that a floor needs.
LEAST_POINTS: Final = 4
#: Largest error of the measured points, metres.
_MOST_RESIDUAL_M: Final = 0.05
#: A homography worse conditioned than this maps the floor to a line.
_MOST_TURNED: Final = 1e9
_NO_FLOOR: Final = "these points fit no flat floor; check their order and the measures."
#: Lines of the grid on either side of the frame's origin, at most.
_GRID_STEPS: Final = 24
#: Points that span less than this share of the picture say little about the rest of it.
_LEAST_SPAN: Final = 0.02


class Floor(Strict):
    """A camera's floor.

    Attributes:
        homography: 3×3, row by row, from undistorted relative points to metres.
        residual_m: Root mean square error of the measured points; None where they cannot
            check each other (four points, no lens).
        points: How many were measured.
        date: ISO date.
    """

    homography: Annotated[tuple[float, ...], Field(min_length=9, max_length=9)]
    residual_m: float | None = None
    points: int
    date: str

    @property
    def matrix(self) -> Floats:
        """The homography as float64 3×3."""
        return np.array(self.homography, float).reshape(3, 3)

    def to_metres(self, points: NDArray[np.float64], lens: Lens | None) -> Floats:
        """Place points of the picture on the floor.

        Args:
            points: N×2, relative.
            lens: The camera's, if it is known.

        Returns:
            float64 N×2 metres.
        """
        straight = lens.undistort(points) if lens else np.asarray(points, float)
        return apply(self.matrix, straight)

    def to_picture(self, metres: NDArray[np.float64], lens: Lens | None) -> Floats:
        """Undo `to_metres`; NaN for points behind the camera."""
        rows = np.hstack([np.asarray(metres, float), np.ones((len(metres), 1))])
        mapped = rows @ np.linalg.inv(self.matrix).T
        # The sign that points in the picture have is that of what lies before the camera.
        middle = np.linalg.inv(self.matrix) @ np.append(apply(self.matrix, np.full((1, 2), 0.5)), 1)
        ahead = np.sign(mapped[:, 2]) == np.sign(middle[2])
        with np.errstate(divide="ignore", invalid="ignore"):
            straight = mapped[:, :2] / mapped[:, 2:]
        picture = lens.distort(straight) if lens else straight
        return np.where(ahead[:, None], picture, np.nan)


def grid_lines(floor: Floor, lens: Lens | None, step_m: float = 0.5) -> list[list[list[float]]]:
    """Lay a grid over the floor that the picture shows.

    Args:
        floor: The floor.
        lens: The camera's, if it is known.
        step_m: Between two lines.

    Returns:
        Lines, each a list of relative points [x, y] within the picture.
    """
    ticks = np.linspace(0.02, 0.98, 9)
    edge = np.array([[x, y] for x in ticks for y in (0.55, 0.75, 0.98)])
    seen = floor.to_metres(edge, lens)
    seen = seen[np.isfinite(seen).all(1)]
    if not len(seen):
        return []
    low, high = np.floor(seen.min(0) / step_m), np.ceil(seen.max(0) / step_m)
    # The floor near the horizon is kilometres away.
    low, high = np.maximum(low, -_GRID_STEPS), np.minimum(high, _GRID_STEPS)
    lines = []
    for axis in (0, 1):
        along = np.linspace(low[1 - axis], high[1 - axis], 41) * step_m
        for n in np.arange(low[axis], high[axis] + 1):
            metres = np.zeros((len(along), 2))
            metres[:, axis], metres[:, 1 - axis] = n * step_m, along
            shown = floor.to_picture(metres, lens)
            inside = np.isfinite(shown).all(1) & (shown >= 0).all(1) & (shown <= 1).all(1)
            if inside.sum() > 1:
                lines.append(np.round(shown[inside], 4).tolist())
    return lines


@dataclass(frozen=True)
class Measured:
    """A point of the floor: where the picture shows it (relative), and where it is (metres)."""

    at: tuple[float, float]
    metres: tuple[float, float]


def solve_floor(points: Sequence[Measured], lens: Lens | None, date: str) -> Floor:
    """Fit the floor's homography to measured points.

    Raises:
        CameraError: Too few, in a line, too close together, or they contradict each other.
    """
    if len(points) < LEAST_POINTS:
        raise CameraError(f"{len(points)} points measured; {LEAST_POINTS} are needed.")
    seen = np.array([point.at for point in points], float)
    metres = np.array([point.metres for point in points], float)
    _check_spread(seen, metres)
    straight = lens.undistort(seen) if lens else seen
    try:
        homography = (
            _by_pose(straight, metres, lens)
            if lens
            else np.asarray(cv2.findHomography(straight, metres)[0], float)
        )
        turned = np.linalg.cond(homography) if homography.shape == (3, 3) else np.inf
    except np.linalg.LinAlgError:
        turned = np.inf
    if not turned < _MOST_TURNED:
        raise CameraError(_NO_FLOOR)
    errors = np.linalg.norm(apply(homography, straight) - metres, axis=1)
    checked = lens is not None or len(points) > LEAST_POINTS
    residual = float(np.sqrt((errors**2).mean())) if checked else None
    if residual is not None and residual > _MOST_RESIDUAL_M:
        worst = int(errors.argmax()) + 1
        raise CameraError(
            f"the points contradict each other by {residual * 100:.0f} cm; the worst is point "
            f"{worst}. Check where it is in the picture and what was measured."
        )
    return make_floor(homography, residual, len(points), date)


def make_floor(homography: Floats, residual: float | None, points: int, date: str) -> Floor:
    """Make a floor of its homography, scaled."""
    scaled = homography / np.linalg.norm(homography)
    numbers = tuple(float(n) for n in scaled.ravel())
    return Floor(homography=numbers, residual_m=residual, points=points, date=date)


def apply(homography: Floats, points: Floats) -> Floats:
    """Map points, N×2, by a homography."""
    rows = np.hstack([points, np.ones((len(points), 1))]) @ homography.T
    with np.errstate(divide="ignore", invalid="ignore"):  # a point at the horizon
        return np.asarray(rows[:, :2] / rows[:, 2:], float)


def _check_spread(seen: Floats, metres: Floats) -> None:
    span = cv2.contourArea(cv2.convexHull(seen.astype(np.float32)))
    if span < _LEAST_SPAN:
        raise CameraError(
            "the points lie too close together in the picture; spread them over the floor "
            "around the gate."
        )
    for plane, where in ((seen, "in the picture"), (metres, "as measured")):
        extent = float(np.ptp(plane, axis=0).max())
        trios = combinations(plane, 3)
        fits = sum(_twice_area(*trio) > 0.01 * extent**2 for trio in trios)
        if fits < (4 if len(plane) == LEAST_POINTS else 1):
            raise CameraError(
                f"three of the points lie in one line {where}; choose corners of a rectangle."
            )


def _twice_area(a: Floats, b: Floats, c: Floats) -> float:
    return abs(float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])))


def pose(flat: Floats, rays: Floats) -> tuple[Floats, Floats]:
    """Solve a planar target's pose: rotation vector and translation, from points and rays."""
    space = np.hstack([flat[:, :2], np.zeros((len(flat), 1))])
    try:
        _, turn, shift = cv2.solvePnP(space, rays, np.eye(3), None, flags=cv2.SOLVEPNP_IPPE)
        turn, shift = cv2.solvePnPRefineLM(space, rays, np.eye(3), None, turn, shift)
    except cv2.error as error:
        raise CameraError(_NO_FLOOR) from error
    return np.ravel(turn), np.ravel(shift)


def _by_pose(straight: Floats, metres: Floats, lens: Lens) -> Floats:
    rays = (straight - lens.centre) / lens.focal
    # Measured as on a plan seen from below, right and left would be swapped: both are tried.
    answers = []
    for mirrored in (1.0, -1.0):
        turn, shift = pose(metres * [1.0, mirrored], rays)
        axes = cv2.Rodrigues(turn)[0] @ np.diag([1.0, mirrored, 1.0])
        to_picture = lens.matrix @ np.column_stack([axes[:, 0], axes[:, 1], shift])
        homography = np.asarray(np.linalg.inv(to_picture), np.float64)
        errors = np.linalg.norm(apply(homography, straight) - metres, axis=1)
        answers.append((float(errors.max()), homography))
    return min(answers, key=lambda answer: answer[0])[1]
