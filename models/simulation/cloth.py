"""Cloth simulation: small sheets, simulated once and rendered from any side.

Position-based dynamics (Müller et al., "Position Based Dynamics", 2007) on grids of
particles: gravity, stretch, shear and bend constraints, and what holds the sheet up - a
hand, a hanger, a forearm. All sheets of a way of carrying are simulated together.
Units: a garment's length is 1, y points down, z towards the camera.

The result is kept beside this module, since simulating takes seconds in every process;
`python -m models.simulation.cloth` simulates and writes it anew.
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
_VARIANTS: Final = 7
_ROWS, _COLUMNS = 24, 18
_STEPS: Final = 70
_SWEEPS: Final = 4
_GRAVITY: Final = 0.0022
_DRAG: Final = 0.93
_SCALE: Final = 140
#: By way of carrying: points, float32 sheets×rows×columns×3, and `NAME grip`, float64 sheets×3.
_FILE: Final = Path(__file__).with_name("sheets.npz")


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


class _Pins:
    """Attachment constraints: set particles to their positions after each sweep."""

    def __init__(self, hold: str, points: Floats, widths: Floats, rng: Rng) -> None:
        self.hold, count = hold, len(points)
        self.start = points.copy()
        self.widths = widths
        if hold == "hanger":
            self.reach = rng.uniform(0.2, 0.42, count).astype(np.float32) * widths
            self.slope = rng.uniform(0.1, 0.35, count).astype(np.float32)
        elif hold == "hand":
            self.row = np.where(rng.random(count) < 0.75, 0, rng.integers(1, 8, count))
            self.column = np.clip(rng.normal(8.5, 2.5, count), 3, 14).astype(int)
            self.bunch = rng.integers(2, 8, count)
        elif hold == "forearm":
            self.line = rng.uniform(0.25, 0.62, count).astype(np.float32)
            self.radius = rng.uniform(0.035, 0.07, count).astype(np.float32)
        else:
            self.row = rng.integers(2, 12, count)
            self.tilt = rng.normal(0, 0.35, count).astype(np.float32)

    def apply(self, points: Floats, share: float) -> None:
        """Apply the constraints; `share` is how far the grip has closed, 0 to 1."""
        for n in range(len(points)):
            getattr(self, f"_{self.hold}")(points[n], n, share)

    def _hanger(self, sheet: Floats, n: int, _share: float) -> None:
        top = self.start[n, 0]
        held = np.abs(top[:, 0]) <= self.reach[n] + 1e-6
        sheet[0, held, 0] = top[held, 0]
        sheet[0, held, 1] = np.abs(top[held, 0]) * self.slope[n]
        sheet[0, held, 2] = 0.0

    def _hand(self, sheet: Floats, n: int, share: float) -> None:
        row, middle, bunch = self.row[n], self.column[n], self.bunch[n]
        columns = np.arange(max(middle - bunch, 0), min(middle + bunch + 1, _COLUMNS))
        at = self.start[n, row, middle]
        offset = (columns - middle) / bunch
        spread = self.start[n, row, columns, 0] - at[0]
        sheet[row, columns, 0] = at[0] + spread * (1 - 0.85 * share)
        sheet[row, columns, 1] = at[1]
        sheet[row, columns, 2] = 0.03 * share * np.cos(offset * 9 + n)

    def _forearm(self, sheet: Floats, n: int, _share: float) -> None:
        # A cylinder along x at height 0: cloth inside it is pushed out to its surface.
        radius = self.radius[n]
        distance = np.hypot(sheet[..., 1], sheet[..., 2])
        inside = distance < radius
        factor = radius / np.maximum(distance[inside], 1e-4)
        sheet[inside, 1] *= factor
        sheet[inside, 2] *= factor
        line = round(float(self.line[n]) * (_ROWS - 1))
        sheet[line, :, 1], sheet[line, :, 2] = -radius, 0.0

    def _body(self, sheet: Floats, n: int, _share: float) -> None:
        # Pressed against an upright body behind it by a forearm across.
        sheet[..., 2] = np.maximum(sheet[..., 2], 0.0)
        row = self.row[n]
        x = self.start[n, row, :, 0]
        sheet[row, :, 0] = x * 0.9
        sheet[row, :, 1] = self.start[n, row, :, 1] + x * self.tilt[n]
        sheet[row, :, 2] = 0.015


def _lay_out(hold: str, pins: _Pins | None, widths: Floats, rng: Rng) -> Floats:
    """Place sheets before they fall: upright with small waves, or over the arm."""
    count = len(widths)
    v = np.linspace(0, 1, _ROWS, dtype=np.float32)
    x = np.linspace(-0.5, 0.5, _COLUMNS, dtype=np.float32)[None, None] * widths[:, None, None]
    points = np.zeros((count, _ROWS, _COLUMNS, 3), np.float32)
    points[..., 0] = x
    points[..., 1] = v[None, :, None]
    if hold == "forearm" and pins is not None:
        along = v[None, :, None] - pins.line[:, None, None]
        points[..., 1] = np.abs(along) - pins.radius[:, None, None]
        points[..., 2] = np.sign(along) * pins.radius[:, None, None] * 1.05
    knots = rng.normal(0, 0.02, (count, 6, 6)).astype(np.float32)
    for n in range(count):
        wave = cv2.resize(knots[n], (_COLUMNS, _ROWS), interpolation=cv2.INTER_CUBIC)
        points[n, ..., 2] += wave
    return points


def _pull(points: Floats, one: tuple[slice, slice], two: tuple[slice, slice], rest: Floats,
          stiffness: float) -> None:  # fmt: skip
    """Move pairs of particles towards their rest distance, in place."""
    a, b = points[:, one[0], one[1]], points[:, two[0], two[1]]
    delta = b - a
    length = np.sqrt(np.einsum("nrcd,nrcd->nrc", delta, delta)) + 1e-7
    move = delta * ((0.5 * stiffness) * (1 - rest / length))[..., None]
    a += move
    b -= move


def _links(widths: Floats) -> list[tuple[tuple[slice, slice], tuple[slice, slice], Floats, float]]:
    """List the constraints in batches in which no particle occurs twice."""
    down = np.float32(1 / (_ROWS - 1))
    across = (widths / (_COLUMNS - 1))[:, None, None].astype(np.float32)
    everything = slice(None)
    batches = []
    for step, stiffness in ((1, 1.0), (3, 0.05)):
        for first in range(max(2, step)):
            rows = (slice(first, -step, 2 * step), slice(first + step, None, 2 * step))
            columns = (slice(first, -step, 2 * step), slice(first + step, None, 2 * step))
            batches.append(((rows[0], everything), (rows[1], everything),
                            np.full_like(across, down * step), stiffness))  # fmt: skip
            batches.append(((everything, columns[0]), (everything, columns[1]),
                            across * step, stiffness))  # fmt: skip
    diagonal = np.sqrt(down**2 + across**2).astype(np.float32)
    for row in (0, 1):
        for column in (0, 1):
            low, high = slice(row, -1, 2), slice(row + 1, None, 2)
            left, right = slice(column, -1, 2), slice(column + 1, None, 2)
            batches.append(((low, left), (high, right), diagonal, 0.25))
            batches.append(((low, right), (high, left), diagonal, 0.25))
    return batches


@cache
def sheets(hold: str) -> tuple[Sheet, ...]:
    """Read all sheets of one way of carrying; the same ones on every machine.

    Args:
        hold: One of `HOLDS`.

    Returns:
        `_VARIANTS` sheets for each of `WIDTHS`.
    """
    with np.load(_FILE) as stored:
        points, grips = stored[hold], stored[f"{hold} grip"]
    widths = np.repeat(np.array(WIDTHS, np.float32), _VARIANTS)
    return tuple(
        Sheet(sheet, float(width), (float(grip[0]), float(grip[1]), float(grip[2])))
        for sheet, width, grip in zip(points, widths, grips, strict=True)
    )


def simulate(hold: str) -> tuple[Sheet, ...]:
    """Simulate what `sheets` reads; the last digits differ between processors."""
    rng = np.random.default_rng([HOLDS.index(hold), 20])
    widths = np.repeat(np.array(WIDTHS, np.float32), _VARIANTS)
    flat = _lay_out("hanger", None, widths, np.random.default_rng(0))
    pins = _Pins(hold, flat, widths, rng)
    points = _lay_out(hold, pins, widths, rng)
    before, links = points.copy(), _links(widths)
    for step in range(_STEPS):
        speed = (points - before) * _DRAG
        before = points.copy()
        points += speed
        points[..., 1] += _GRAVITY
        for _ in range(_SWEEPS):
            for one, two, rest, stiffness in links:
                _pull(points, one, two, rest, stiffness)
            pins.apply(points, min(1.0, step / 25))
    return tuple(
        Sheet(points[n], float(widths[n]), _grip(hold, points[n], pins, n))
        for n in range(len(points))
    )


def _grip(hold: str, points: Floats, pins: _Pins, n: int) -> tuple[float, float, float]:
    if hold == "hand":
        x, y, z = points[pins.row[n], pins.column[n]]
    elif hold == "forearm":
        x, y, z = 0.0, 0.0, 0.0
    elif hold == "body":
        x, y, z = points[pins.row[n], _COLUMNS // 2]
    else:
        x, y, z = 0.0, -0.03, 0.0
    return float(x), float(y), float(z)


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
    return column * _VARIANTS + int(rng.integers(_VARIANTS))


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


def _write() -> None:
    """Simulate all sheets and write the file that `sheets` reads."""
    stored = {}
    for hold in HOLDS:
        made = simulate(hold)
        stored[hold] = np.stack([sheet.points for sheet in made])
        stored[f"{hold} grip"] = np.array([sheet.grip for sheet in made])
    np.savez_compressed(_FILE, allow_pickle=False, **stored)


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


if __name__ == "__main__":
    _write()
