"""Sheets of cloth at rest, read from a file and rendered from any side.

`models.simulation.cloth_physics` simulates them. Units: a garment's length is 1, y points
down, z towards the camera.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Rng = np.random.Generator
Floats = NDArray[np.float32]

#: Ways of carrying that are simulated.
HOLDS: Final = ("hanger", "hand", "forearm", "body")
#: Widths of the simulated sheets, of their length.
WIDTHS: Final = (0.3, 0.45, 0.65, 0.85, 1.1)
#: Sheets of each width.
VARIANTS: Final = 7
_SCALE: Final = 140
#: By way of carrying: points, float32 sheets×rows×columns×3, and `NAME grip`, float64 sheets×3.
FILE: Final = Path(__file__).with_name("sheets.npz")


@dataclass(frozen=True)
class Sheet:
    """A sheet at rest.

    Attributes:
        points: float32 rows×columns×3, the first row is the garment's upper edge.
        width: Of its length.
        grip: (x, y, z) where hand or arm holds it.
    """

    points: Floats
    width: float
    grip: tuple[float, float, float]


@dataclass(frozen=True)
class Seen:
    """A rendered sheet, `scale` pixels to its length.

    Attributes:
        u: float32 H×W, place across the garment 0…1; -1 where there is no cloth.
        v: float32 H×W, place along it 0…1, upper edge first.
        shade: float32 H×W, how much light it gets, about 1.
        grip: (x, y) pixels where it is held.
        scale: Pixels.
    """

    u: Floats
    v: Floats
    shade: Floats
    grip: tuple[float, float]
    scale: float


@cache
def sheets(hold: str) -> tuple[Sheet, ...]:
    """Read all sheets of one way of carrying; the same ones on every machine.

    Args:
        hold: One of `HOLDS`.

    Returns:
        `VARIANTS` sheets for each of `WIDTHS`.
    """
    with np.load(FILE) as stored:
        points, grips = stored[hold], stored[f"{hold} grip"]
    widths = np.repeat(np.array(WIDTHS, np.float32), VARIANTS)
    return tuple(
        Sheet(sheet, float(width), (float(grip[0]), float(grip[1]), float(grip[2])))
        for sheet, width, grip in zip(points, widths, grips, strict=True)
    )


def seen(hold: str, number: int, view: int) -> Seen:
    """Render a simulated sheet from one of its fixed, random directions.

    Args:
        hold: One of `HOLDS`.
        number: Which of `sheets(hold)`.
        view: Any number; the same one is the same direction.
    """
    rng = np.random.default_rng([number, view, 21])
    sideways = {"hanger": 0.7, "hand": 1.5, "forearm": 0.5, "body": 0.5}[hold]
    sheet = sheets(hold)[number]
    return look_at(sheet, rng.normal(0, sideways), rng.uniform(-0.05, 0.9), _SCALE)


def nearest(hold: str, width: float, rng: Rng) -> int:
    """Pick one of the sheets whose width is about `width` of their length."""
    column = int(np.argmin([abs(w - width) for w in WIDTHS]))
    return column * VARIANTS + int(rng.integers(VARIANTS))


def look_at(sheet: Sheet, turn: float, pitch: float, scale: float) -> Seen:
    """Project a sheet into a camera.

    Args:
        sheet: The cloth.
        turn: Turned about the vertical, radians.
        pitch: Camera looking down by this, radians.
        scale: Pixels to the garment's length.
    """
    fine = (max(48, int(1.9 * scale * sheet.width)), max(64, int(1.7 * scale)))
    points = np.asarray(cv2.resize(sheet.points, fine, interpolation=cv2.INTER_CUBIC), np.float32)
    rotation = _rotation(turn, pitch)
    seen = points @ rotation.T
    normal_x, normal_y, normal_z = _normals(seen)
    facing = np.where(normal_z < 0, np.float32(-1), np.float32(1))
    lit = np.abs(normal_z) * 0.55 + facing * (0.3 * normal_x - 0.35 * normal_y)
    shade = np.clip((0.52 + lit) * np.where(facing > 0, 1.0, 0.9), 0.3, 1.25)
    low = np.array([seen[..., 0].min(), seen[..., 1].min()])
    x, y = (np.rint((seen[..., n] - low[n]) * scale).astype(np.int32).ravel() for n in range(2))
    width, height = int(x.max()) + 1, int(y.max()) + 1
    order = np.argsort(seen[..., 2], axis=None)
    v, u = np.mgrid[0 : 1 : fine[1] * 1j, 0 : 1 : fine[0] * 1j].astype(np.float32)
    picture = np.full((height, width, 3), -1, np.float32)
    values = cv2.merge([u, v, shade.astype(np.float32)]).reshape(-1, 3)
    picture.reshape(-1, 3)[(y * width + x)[order]] = values[order]  # the nearest comes last
    _close(picture)
    grip = (np.array(sheet.grip) @ rotation.T)[:2] - low
    return Seen(picture[..., 0], picture[..., 1], picture[..., 2],
                (float(grip[0] * scale), float(grip[1] * scale)), scale)  # fmt: skip


def _rotation(turn: float, pitch: float) -> Floats:
    c, s = np.cos(turn), np.sin(turn)
    about_y = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    c, s = np.cos(pitch), np.sin(pitch)
    about_x = np.array([[1, 0, 0], [0, c, s], [0, -s, c]])
    return np.asarray(about_x @ about_y, np.float32)


def _normals(points: Floats) -> tuple[Floats, Floats, Floats]:
    """Compute the unit normals of a surface; x, y and z, float32 H×W each."""
    ax, ay, az = np.moveaxis(np.gradient(points, axis=1), -1, 0)
    bx, by, bz = np.moveaxis(np.gradient(points, axis=0), -1, 0)
    normal = (ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx)
    length = np.sqrt(sum(part * part for part in normal)) + np.float32(1e-9)
    x, y, z = (part / length for part in normal)
    return x, y, z


def _close(picture: Floats) -> None:
    """Fill pinholes between splatted points from a neighbour, in place."""
    holes = (picture[..., 0] < 0).astype(np.uint8)
    solid = cv2.morphologyEx(1 - holes, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    fill = (solid > 0) & (holes > 0)
    if fill.any():
        grown = cv2.dilate(picture, np.ones((3, 3), np.uint8))
        picture[fill] = grown[fill]
