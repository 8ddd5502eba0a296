"""Read MakeHuman's base mesh, skeleton, skin weights and shape targets.

Everything is converted on reading from MakeHuman's axes (y up, decimetres) to Blender's
(z up, metres); people face -y. The formats are MakeHuman's own, see its developer notes; the
mesh is a Wavefront OBJ of quads whose groups name the body and its helper geometry.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_METRES: Final = 0.1


@dataclass(frozen=True)
class BaseMesh:
    """A mesh of quads.

    Attributes:
        vertices: (N, 3) metres.
        faces: (M, 4) indices of vertices.
        groups: Index of the faces of each group.
    """

    vertices: Floats
    faces: Ints
    groups: dict[str, Ints]


@dataclass(frozen=True)
class Bone:
    """A bone by the vertices whose mean is its head and its tail; the parents come first."""

    name: str
    parent: str | None
    head: Ints
    tail: Ints


@dataclass(frozen=True)
class Target:
    """A body shape: how far each of some vertices moves, in metres."""

    indices: Ints
    offsets: Floats


def to_blender(points: Floats) -> Floats:
    """Turn (N, 3) decimetres with y up into metres with z up."""
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], 1) * _METRES


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: cannot be read ({error}). Give MakeHuman's folder.") from error


def read_mesh(path: Path) -> BaseMesh:
    """Read an OBJ file of quads with groups.

    Raises:
        ModelError: The file is missing, or a line is not what OBJ has there.
    """
    vertices: list[list[float]] = []
    faces: list[list[int]] = []
    groups: dict[str, list[int]] = {}
    group = groups.setdefault("", [])
    for number, line in enumerate(_text(path).splitlines(), 1):
        key, *values = line.split() or [""]
        try:
            if key == "v":
                vertices.append([float(value) for value in values[:3]])
            elif key == "g":
                group = groups.setdefault(values[0], [])
            elif key == "f":
                group.append(len(faces))
                corners = [int(value.split("/")[0]) - 1 for value in values]
                faces.append(corners if len(corners) == 4 else [*corners[:3], corners[2]])
        except (ValueError, IndexError) as error:
            raise ModelError(f"{path}, line {number}: not a line of an OBJ mesh.") from error
    if not vertices or not faces or max(map(max, faces)) >= len(vertices):
        raise ModelError(f"{path}: no mesh, or faces of vertices that it does not have.")
    named = {name: np.array(index, np.int64) for name, index in groups.items() if index}
    return BaseMesh(to_blender(np.array(vertices)), np.array(faces, np.int64), named)


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_text(path))
    except ValueError as error:
        raise ModelError(f"{path}: not JSON ({error}).") from error
    if not isinstance(found, dict):
        raise ModelError(f"{path}: a JSON object is expected.")
    return found


def read_skeleton(path: Path) -> tuple[Bone, ...]:
    """Read a `.mhskel` file; every bone comes after its parent.

    Raises:
        ModelError: The file is missing or not a skeleton, or its bones form a circle.
    """
    content = _json(path)
    try:
        joints = {name: np.array(v, np.int64) for name, v in content["joints"].items()}
        found = {
            name: Bone(name, bone["parent"], joints[bone["head"]], joints[bone["tail"]])
            for name, bone in content["bones"].items()
        }
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ModelError(f"{path}: not a MakeHuman skeleton ({error!r}).") from error
    ordered: dict[str, Bone] = {}
    while len(ordered) < len(found):
        ready = [b for b in found.values() if b.name not in ordered
                 and (b.parent is None or b.parent in ordered)]  # fmt: skip
        if not ready:
            raise ModelError(f"{path}: bones without a root, or in a circle.")
        ordered |= {bone.name: bone for bone in ready}
    return tuple(ordered.values())


def read_weights(path: Path, bones: tuple[Bone, ...], count: int) -> Floats:
    """Read a `.mhw` file as a dense matrix.

    Args:
        path: The file.
        bones: The skeleton.
        count: Number of vertices.

    Returns:
        (count, bones); rows sum to 1, and vertices without a weight follow the first bone.

    Raises:
        ModelError: The file is missing, or names other bones or vertices.
    """
    weights = np.zeros((count, len(bones)))
    columns = {bone.name: number for number, bone in enumerate(bones)}
    try:
        for name, pairs in _json(path)["weights"].items():
            for index, value in pairs:
                weights[int(index), columns[name]] += float(value)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ModelError(f"{path}: not the weights of this skeleton ({error!r}).") from error
    free = weights.sum(1) < 1e-6
    weights[free, 0] = 1.0
    return np.asarray(weights / weights.sum(1, keepdims=True))


def read_target(path: Path) -> Target:
    """Read a `.target` file.

    Raises:
        ModelError: The file is missing, or a line does not have a vertex and three offsets.
    """
    indices: list[int] = []
    offsets: list[list[float]] = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        values = line.split()
        if not values or values[0].startswith("#"):
            continue
        try:
            index, x, y, z = int(values[0]), *(float(v) for v in values[1:4])
        except ValueError as error:
            raise ModelError(f"{path}, line {number}: vertex and x, y, z expected.") from error
        indices.append(index)
        offsets.append([x, y, z])
    moved = to_blender(np.array(offsets).reshape(-1, 3))
    return Target(np.array(indices, np.int64), moved)


@dataclass(frozen=True)
class Human:
    """A body in its rest pose: vertices, bones with head and tail, and weights.

    Attributes:
        mesh: The mesh in the body's shape, feet on z = 0.
        bones: The skeleton, parents first.
        heads: (bones, 3) metres.
        tails: (bones, 3) metres.
        parents: (bones,) index of the parent, -1 for the root.
        weights: (vertices, bones).
    """

    mesh: BaseMesh
    bones: tuple[Bone, ...]
    heads: Floats
    tails: Floats
    parents: Ints
    weights: Floats

    def index(self, name: str) -> int:
        """Return the index of a bone."""
        return next(n for n, bone in enumerate(self.bones) if bone.name == name)


@dataclass(frozen=True)
class Assets:
    """MakeHuman's files, read once."""

    mesh: BaseMesh
    bones: tuple[Bone, ...]
    weights: Floats
    targets: dict[str, Target]

    def human(self, shape: dict[str, float], height: float) -> Human:
        """Shape a body by targets and scale it to a height in metres.

        Raises:
            ModelError: A target is not there.
        """
        vertices = self.mesh.vertices.copy()
        for name, share in shape.items():
            if name not in self.targets:
                raise ModelError(f"{name}: no such body shape; there are {sorted(self.targets)}.")
            target = self.targets[name]
            vertices[target.indices] += share * target.offsets
        body = vertices[np.unique(self.mesh.faces[self.mesh.groups["body"]])]
        low, high = body[:, 2].min(), body[:, 2].max()
        vertices = (vertices - [0, 0, low]) * (height / (high - low))
        heads = np.array([vertices[bone.head].mean(0) for bone in self.bones])
        tails = np.array([vertices[bone.tail].mean(0) for bone in self.bones])
        names = [bone.name for bone in self.bones]
        parents = np.array([names.index(b.parent) if b.parent else -1 for b in self.bones])
        mesh = BaseMesh(vertices, self.mesh.faces, self.mesh.groups)
        return Human(mesh, self.bones, heads, tails, parents, self.weights)


def read_assets(folder: Path) -> Assets:
    """Read MakeHuman's folder: mesh, skeleton, weights and all targets.

    Raises:
        ModelError: A file is missing or broken.
    """
    mesh = read_mesh(folder / "base.obj")
    bones = read_skeleton(folder / "default.mhskel")
    weights = read_weights(folder / "default_weights.mhw", bones, len(mesh.vertices))
    paths = sorted((folder / "targets").glob("*.target"))
    return Assets(mesh, bones, weights, {path.stem: read_target(path) for path in paths})
