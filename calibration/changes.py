"""Changes of one part of a camera's calibration, for the page and the command.

Each function returns the changed camera and writes nothing. What depends on a changed part is
removed with it: the confirmation with the masks, the floor with the lens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from calibration.camera import Camera, change_camera
from calibration.colour import read_chart, solve_chart, solve_sheet
from calibration.draft import Draft
from calibration.floor import Measured, solve_floor
from calibration.gates import check_gate
from calibration.lens import solve_lens
from calibration.picture import Picture
from calibration.sheet import solve_floor_by_sheet
from common.image import Image

#: A point of the picture, relative: x, y.
Point = tuple[float, float]


def with_masks(camera: Camera, polygons: Sequence[Any]) -> Camera:
    """Replace the masks; they have to be confirmed again.

    Args:
        camera: The camera.
        polygons: Corners of each mask, relative x and y.

    Raises:
        CameraError: A polygon is wrong.
    """
    return change_camera(camera, mask=[{"points": each} for each in polygons], confirmed=None)


def with_picture(camera: Camera, picture: Picture) -> Camera:
    """Replace the measured values of the picture."""
    return change_camera(camera, picture=picture.model_dump())


def with_gates(camera: Camera, gates: Sequence[Mapping[str, Any]], aspect: float) -> Camera:
    """Replace the gates; a person must be able to stand on both sides of each.

    Args:
        camera: The camera.
        gates: The gates, with the keys of a camera's file.
        aspect: Width over height of the picture.

    Raises:
        CameraError: A gate is wrong, or too near to an edge of the picture.
    """
    changed = change_camera(camera, gate=list(gates))
    for gate in changed.gates:
        check_gate(gate, aspect, _person(camera))
    return changed


def with_gate(camera: Camera, gate: Mapping[str, Any], aspect: float) -> Camera:
    """Add a gate, or replace the one of its name.

    Args:
        camera: The camera.
        gate: The gate, with the keys of a camera's file.
        aspect: Width over height of the picture.

    Raises:
        CameraError: The gate is wrong, or too near to an edge of the picture.
    """
    others = [
        one.model_dump(mode="json", by_alias=True)
        for one in camera.gates
        if one.name != gate["name"]
    ]
    changed = change_camera(camera, gate=[*others, gate])
    check_gate(changed.gates[-1], aspect, _person(camera))
    return changed


def _person(camera: Camera) -> float:
    return camera.picture.person if camera.picture else 0.0


def with_lens(camera: Camera, draft: Draft, date: str) -> Camera:
    """Calibrate the lens from the collected views of the board.

    The floor is removed, as it was seen through another lens.

    Args:
        camera: The camera.
        draft: The collected views.
        date: Today's ISO date.

    Raises:
        CameraError: The views do not suffice.
    """
    return change_camera(camera, lens=solve_lens(draft.views, date).model_dump(), floor=None)


def without_lens(camera: Camera) -> Camera:
    """Remove the lens, and the floor that was seen through it."""
    return change_camera(camera, lens=None, floor=None)


def with_measured_floor(camera: Camera, points: Sequence[Measured], date: str) -> Camera:
    """Calibrate the floor by measured points.

    Args:
        camera: The camera.
        points: Four points or more.
        date: Today's ISO date.

    Raises:
        CameraError: The points do not suffice or do not agree.
    """
    solved = solve_floor(points, camera.lens, date)
    return change_camera(camera, floor=solved.model_dump(exclude_none=True))


def with_floor_by_sheet(camera: Camera, draft: Draft, date: str) -> Camera:
    """Calibrate the floor by the collected places of the printed sheet.

    Args:
        camera: The camera, with its lens.
        draft: The collected places.
        date: Today's ISO date.

    Raises:
        CameraError: The places do not suffice or do not agree.
    """
    solved = solve_floor_by_sheet(draft.places, camera.lens, date)
    return change_camera(camera, floor=solved.model_dump(exclude_none=True))


def without_floor(camera: Camera) -> Camera:
    """Remove the floor."""
    return change_camera(camera, floor=None)


def with_colour_by_sheet(
    camera: Camera, image: Image, box: tuple[float, float, float, float], date: str
) -> Camera:
    """Correct the colours by a white sheet.

    Args:
        camera: The camera.
        image: A picture of the sheet, H×W×3 BGR.
        box: Where it is: left, top, right, bottom, relative.
        date: Today's ISO date.

    Raises:
        CameraError: What lies there is no evenly lit white.
    """
    return change_camera(camera, colour=solve_sheet(image, box, date).model_dump())


def with_colour_by_chart(
    camera: Camera, image: Image, corners: Sequence[Point], date: str
) -> Camera:
    """Correct the colours by a chart of 24 patches.

    Args:
        camera: The camera.
        image: A picture of the chart, H×W×3 BGR.
        corners: Its corners, brown patch first, clockwise; empty to find it.
        date: Today's ISO date.

    Raises:
        CameraError: The chart is not found, or its patches are not as they should be.
    """
    read = read_chart(image, list(corners) or None)
    return change_camera(camera, colour=solve_chart(read, date).model_dump())


def without_colour(camera: Camera) -> Camera:
    """Remove the colour correction."""
    return change_camera(camera, colour=None)
