"""Cloth simulation: small sheets that hang, bunch and fold.

Position-based dynamics (Müller et al., "Position Based Dynamics", 2007) on grids of
particles: gravity, stretch, shear and bend constraints, and what holds the sheet up - a
hand, a hanger, a forearm. All sheets of a way of carrying are simulated together.
Units: a garment's length is 1, y points down, z towards the camera.

The result is stored next to this module, since simulating takes seconds in every process;
`python -m models.simulation.cloth_physics` simulates and writes it anew.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from models.simulation.cloth import FILE, HOLDS, VARIANTS, WIDTHS, Floats, Rng, Sheet

_ROWS, _COLUMNS = 24, 18
_STEPS: Final = 70
_SWEEPS: Final = 4
_GRAVITY: Final = 0.0022
_DRAG: Final = 0.93


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


def simulate(hold: str) -> tuple[Sheet, ...]:
    """Simulate what `sheets` reads; the last digits differ between processors."""
    rng = np.random.default_rng([HOLDS.index(hold), 20])
    widths = np.repeat(np.array(WIDTHS, np.float32), VARIANTS)
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


def _write() -> None:
    """Simulate all sheets and write the file that `sheets` reads."""
    stored = {}
    for hold in HOLDS:
        made = simulate(hold)
        stored[hold] = np.stack([sheet.points for sheet in made])
        stored[f"{hold} grip"] = np.array([sheet.grip for sheet in made])
    np.savez_compressed(FILE, allow_pickle=False, **stored)


if __name__ == "__main__":
    _write()
