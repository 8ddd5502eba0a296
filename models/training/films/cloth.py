"""Simulate cloth: a sheet of particles held together by distances, pinned and pushed by bodies.

Position-based dynamics (Müller et al., "Position Based Dynamics", 2007) with the constraints of
each colour of the graph projected together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.simulation.cutout import Cutout

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_GRAVITY: Final = np.array([0, 0, -9.81])
_SUBSTEPS: Final = 10
_ROUNDS: Final = 8
#: Share of the speed that the air takes in a second.
_DRAG: Final = 0.9
#: How stiffly a sheet resists stretching, shearing and bending, per round.
_STIFF: Final = {"stretch": 1.0, "shear": 0.5, "bend": 0.08}
#: Cells of the grid with less cloth than this are left out.
_COVERED: Final = 0.12


@dataclass(frozen=True)
class Sheet:
    """A garment as a flat sheet.

    Attributes:
        rest: (N, 2) metres, x from its middle to the right, y down from its top.
        faces: (M, 4) indices of particles.
        uv: (N, 2) place in the garment's picture, 0 to 1, v upward.
    """

    rest: Floats
    faces: Ints
    uv: Floats


@dataclass(frozen=True)
class Capsule:
    """A limb that cloth lies on: a segment with a radius, metres."""

    start: Floats
    end: Floats
    radius: float


def cut_sheet(cutout: Cutout, length: float, cell: float = 0.03) -> Sheet:
    """Cut a garment of a length in metres into a grid of cells that follows its outline."""
    alpha = cutout.image[..., 3]
    height, width = alpha.shape
    rows = max(2, round(length / cell))
    columns = max(2, round(length * width / height / cell))
    cover = cv2.resize(alpha, (columns, rows), interpolation=cv2.INTER_AREA) / 255 > _COVERED
    r, c = np.nonzero(cover)
    number = np.arange((rows + 1) * (columns + 1)).reshape(rows + 1, columns + 1)
    quads = np.stack([number[r, c], number[r + 1, c], number[r + 1, c + 1], number[r, c + 1]], 1)
    used, faces = np.unique(quads, return_inverse=True)
    y, x = np.divmod(used, columns + 1)
    uv = np.stack([x / columns, 1 - y / rows], 1)
    wide = length * width / height
    rest = np.stack([(x / columns - 0.5) * wide, y / rows * length], 1)
    return Sheet(rest, faces.reshape(-1, 4).astype(np.int64), uv)


def _edges(sheet: Sheet) -> dict[str, Ints]:
    quads = sheet.faces
    sides = np.concatenate([quads[:, [0, 1]], quads[:, [1, 2]], quads[:, [3, 2]], quads[:, [0, 3]]])
    stretch = np.unique(sides, axis=0)
    shear = np.concatenate([quads[:, [0, 2]], quads[:, [1, 3]]])
    after: dict[tuple[int, bool], int] = {}
    for a, b in stretch:
        after[int(a), bool(abs(sheet.rest[a, 0] - sheet.rest[b, 0]) < 1e-9)] = int(b)
    bend = [(a, after[b, way]) for (a, way), b in after.items() if (b, way) in after]
    return {"stretch": stretch, "shear": shear, "bend": np.array(bend, np.int64).reshape(-1, 2)}


def _colours(edges: Ints) -> list[Ints]:
    """Split edges into groups in which no particle occurs twice."""
    busy: list[set[int]] = []
    groups: list[list[int]] = []
    for number, (a, b) in enumerate(edges.tolist()):
        for colour, seen in enumerate(busy):  # noqa: B007
            if a not in seen and b not in seen:
                break
        else:
            colour = len(busy)
            busy.append(set())
            groups.append([])
        busy[colour] |= {a, b}
        groups[colour].append(number)
    return [edges[group] for group in groups]


class Cloth:
    """A sheet in motion; `position` is (N, 3) metres."""

    def __init__(self, sheet: Sheet, position: Floats, pinned: Ints) -> None:
        """Lay the sheet out; what is pinned is moved by `advance`."""
        self.sheet, self.position, self.pinned = sheet, position.copy(), pinned
        self._velocity = np.zeros_like(position)
        self._groups: list[tuple[Ints, Floats, float]] = []
        for kind, edges in _edges(sheet).items():
            for group in _colours(edges):
                rest = np.linalg.norm(sheet.rest[group[:, 0]] - sheet.rest[group[:, 1]], axis=1)
                self._groups.append((group, rest, _STIFF[kind]))
        self._mobile = np.ones(len(position))
        self._mobile[pinned] = 0

    def advance(
        self,
        seconds: float,
        pins: tuple[Floats, Floats],
        limbs: tuple[Sequence[Capsule], Sequence[Capsule]],
    ) -> None:
        """Move on in time.

        Args:
            seconds: How long.
            pins: Where the pinned particles are before and after, (pinned, 3) each.
            limbs: The limbs before and after.
        """
        dt = seconds / _SUBSTEPS
        for step in range(1, _SUBSTEPS + 1):
            share = step / _SUBSTEPS
            before = self.position.copy()
            self._velocity += dt * _GRAVITY
            self._velocity *= (1 - _DRAG) ** dt
            self.position += dt * self._velocity * self._mobile[:, None]
            self.position[self.pinned] = (1 - share) * pins[0] + share * pins[1]
            now = [Capsule((1 - share) * a.start + share * b.start,
                           (1 - share) * a.end + share * b.end, b.radius)
                   for a, b in zip(*limbs, strict=True)]  # fmt: skip
            for _ in range(_ROUNDS):
                for group, rest, stiffness in self._groups:
                    self._project(group, rest, stiffness)
            touching = self._push(now)
            self._velocity = (self.position - before) / dt
            self._velocity[touching] *= 0.6  # cloth rubs on what it lies on

    def _project(self, group: Ints, rest: Floats, stiffness: float) -> None:
        a, b = group[:, 0], group[:, 1]
        line = self.position[b] - self.position[a]
        length = np.linalg.norm(line, axis=1)
        mobile = self._mobile[a] + self._mobile[b]
        pull = stiffness * (length - rest) / np.maximum(length * mobile, 1e-9)
        move = pull[:, None] * line
        self.position[a] += self._mobile[a][:, None] * move
        self.position[b] -= self._mobile[b][:, None] * move

    def _push(self, limbs: Sequence[Capsule]) -> NDArray[np.bool_]:
        touching = np.zeros(len(self.position), bool)
        for limb in limbs:
            axis = limb.end - limb.start
            along = (self.position - limb.start) @ axis / max(float(axis @ axis), 1e-9)
            nearest = limb.start + np.clip(along, 0, 1)[:, None] * axis
            away = self.position - nearest
            distance = np.linalg.norm(away, axis=1)
            inside = (distance < limb.radius) & (self._mobile > 0)
            out = away[inside] / np.maximum(distance[inside], 1e-6)[:, None]
            self.position[inside] = nearest[inside] + limb.radius * out
            touching |= inside
        return touching
