"""The floor from a printed sheet that lies on it in several places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from scipy.optimize import least_squares

from calibration.base import CameraError
from calibration.board import DICTIONARY, MARKER, MARKER_CORNERS
from calibration.floor import Floats, Floor, apply, make_floor, pose
from calibration.lens import Lens
from common.image import Image

#: Places of the sheet that a floor needs.
LEAST_PLACES: Final = 3
#: Largest error of the sheet's corners, metres.
_MOST_SHEET_M: Final = 0.01


def find_sheet(image: Image) -> Floats | None:
    """Detect the printed floor sheet (uint8 H×W×3 BGR).

    Returns:
        Its marker's corners in the order of `MARKER_CORNERS`, float64 4×2, relative; None if it
        is not to be seen.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    grey = cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    how = cv2.aruco.DetectorParameters()
    # Fits lines to the marker's sides; the other methods place its corners half a pixel inside.
    how.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_APRILTAG
    found, ids, _ = cv2.aruco.ArucoDetector(DICTIONARY, how).detectMarkers(grey)
    for corners, number in zip(found, [] if ids is None else np.ravel(ids), strict=True):
        if number == MARKER:
            return np.asarray(np.reshape(corners, (4, 2)) / grey.shape[::-1], np.float64)
    return None


def solve_floor_by_sheet(places: Sequence[Floats], lens: Lens | None, date: str) -> Floor:
    """Fit the floor to views of the floor sheet lying in several places.

    The floor's frame: its origin is the sheet's first corner in the first place, its axes are
    level with the picture and away from the camera.

    Args:
        places: What `find_sheet` found in each.
        lens: The camera's; it is needed.
        date: ISO date.

    Raises:
        CameraError: No lens, too few places, or the sheet did not lie on one plane.
    """
    if lens is None:
        raise CameraError("the sheet on the floor needs a calibrated lens; do that step first.")
    if len(places) < LEAST_PLACES:
        raise CameraError(
            f"the sheet has lain in {len(places)} places; {LEAST_PLACES} are needed, far apart."
        )
    rays = [(lens.undistort(corners) - lens.centre) / lens.focal for corners in places]
    plane, lies = _joint_plane(rays, [pose(MARKER_CORNERS, seen) for seen in rays])
    axes, origin = _axes(plane), _on_plane(MARKER_CORNERS[:1], plane, lies[0])[0]
    homography = np.linalg.inv(lens.matrix @ np.column_stack([axes, origin]))
    errors = [
        apply(homography, seen * lens.focal + lens.centre)
        - (_on_plane(MARKER_CORNERS, plane, place) - origin) @ axes
        for seen, place in zip(rays, lies, strict=True)
    ]
    residual = float(np.sqrt((np.concatenate(errors) ** 2).sum(1).mean()))
    if residual > _MOST_SHEET_M:
        raise CameraError(
            f"the sheet did not lie flat on one floor (error {residual * 100:.1f} cm); lay it down "
            "in every place, and take no view while it is held."
        )
    return make_floor(homography, residual, len(places), date)


def _joint_plane(
    rays: Sequence[Floats], poses: Sequence[tuple[Floats, Floats]]
) -> tuple[Floats, list[Floats]]:
    """Fit one plane to the sheet's views at once.

    Returns:
        The plane as its normal times its distance from the camera, and how each sheet lies in
        it: angle, and two shifts along the plane's axes.
    """
    # The sheet's third axis runs into the floor, away from the camera.
    normal = np.mean([cv2.Rodrigues(turn)[0][:, 2] for turn, _ in poses], axis=0)
    normal /= np.linalg.norm(normal)
    axes = _axes(normal)
    start = [normal * np.mean([normal @ shift for _, shift in poses])]
    for turn, shift in poses:
        along = axes.T @ cv2.Rodrigues(turn)[0][:, 0]
        start.append(np.array([np.arctan2(along[1], along[0]), *(axes.T @ shift)]))

    def errors(numbers: Floats) -> Floats:
        off = []
        for place, seen in zip(numbers[3:].reshape(-1, 3), rays, strict=True):
            space = _on_plane(MARKER_CORNERS, numbers[:3], place)
            off.append(space[:, :2] / space[:, 2:] - seen)
        return np.concatenate(off).ravel()

    solved = least_squares(errors, np.concatenate(start), method="lm").x
    return solved[:3], list(solved[3:].reshape(-1, 3))


def _axes(normal: Floats) -> Floats:
    """Choose two axes in a plane, 3×2; the first lies level in the picture."""
    normal = normal / np.linalg.norm(normal)
    level = np.array([1.0, 0.0, 0.0])
    first = level - (level @ normal) * normal
    first /= np.linalg.norm(first)
    return np.column_stack([first, np.cross(normal, first)])


def _on_plane(flat: Floats, plane: Floats, place: Floats) -> Floats:
    """Lay points of the sheet (N×2 metres) into the plane; N×3 in the camera's frame."""
    angle, x, y = place
    cos, sin = np.cos(angle), np.sin(angle)
    turned = flat @ np.array([[cos, sin], [-sin, cos]])
    return np.asarray((turned + [x, y]) @ _axes(plane).T + plane, float)
