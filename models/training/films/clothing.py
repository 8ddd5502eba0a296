"""Dress a body: skin, hair, shoes and worn clothes as parts of MakeHuman's mesh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.simulation.fabric import Colour, Fabric
from models.training.films.makehuman import Human

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: Metres of cloth that a picture of a fabric shows.
FABRIC_M: Final = 0.7


@dataclass(frozen=True)
class Outfit:
    """What somebody wears.

    Attributes:
        upper: Fabric of the upper part.
        lower: Fabric of trousers or skirt.
        sleeves: Share of the arm that sleeves cover.
        legs: Share of the leg that trousers or skirt cover.
        skirt: A skirt instead of trousers.
        loose: Distance of the cloth from the body, metres.
        hem: How far the upper part reaches below the waist, metres.
    """

    upper: Fabric
    lower: Fabric
    sleeves: float = 0.95
    legs: float = 0.95
    skirt: bool = False
    loose: float = 0.016
    hem: float = 0.1


@dataclass(frozen=True)
class Looks:
    """How somebody looks: skin, hair and shoes are BGR; long hair falls over the shoulders."""

    skin: Colour
    hair: Colour
    shoes: Colour
    long_hair: bool
    outfit: Outfit


@dataclass(frozen=True)
class Part:
    """A part of the body's mesh, moved outward.

    Attributes:
        name: `skin`, `hair`, `shoes`, `upper`, `lower` or `eyes`.
        vertices: Indices of the body's vertices.
        faces: (M, 4) indices into `vertices`.
        offset: Metres outward, one for each of `vertices`.
        uv: Place in the fabric's picture, one for each of `vertices`.
    """

    name: str
    vertices: Ints
    faces: Ints
    offset: Floats
    uv: Floats

    def posed(self, skinned: Floats) -> Floats:
        """Return the part's vertices in a pose of the body, (N, 3)."""
        points = skinned[self.vertices]
        return np.asarray(points + self.offset[:, None] * normals(points, self.faces))


def normals(points: Floats, faces: Ints) -> Floats:
    """Return each vertex's unit normal, (N, 3)."""
    a, b, c, d = (points[faces[:, k]] for k in range(4))
    across = np.cross(c - a, d - b)
    found = np.zeros_like(points)
    for k in range(4):
        np.add.at(found, faces[:, k], across)
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12))


class _Body:
    """Where each vertex of a body is: how far down an arm or a leg, and how high."""

    def __init__(self, human: Human) -> None:
        self.human = human
        self.rest = human.mesh.vertices
        names = np.array([bone.name.split(".")[0] for bone in human.bones])
        self.main = names[human.weights.argmax(1)]
        self.waist = float(human.heads[human.index("spine05"), 2]) + 0.06
        self.arm = self._along("upperarm01", "wrist")
        self.leg = self._along("upperleg01", "foot")
        hands = ("wrist", "metacarpal", "finger")
        feet = ("foot", "toe")
        self.hand = np.char.startswith(self.main.astype(str), hands[0])
        for start in hands[1:]:
            self.hand |= np.char.startswith(self.main.astype(str), start)
        self.foot = np.zeros(len(self.rest), bool)
        for start in feet:
            self.foot |= np.char.startswith(self.main.astype(str), start)
        self.is_arm = np.isin(self.main, ["upperarm01", "upperarm02", "lowerarm01", "lowerarm02"])
        self.is_arm |= self.hand
        self.is_leg = np.isin(self.main, ["upperleg01", "upperleg02", "lowerleg01", "lowerleg02"])
        self.is_leg |= self.foot

    def _along(self, top: str, end: str) -> Floats:
        human, side = self.human, np.where(self.rest[:, 0] > 0, "L", "R")
        found = np.zeros(len(self.rest))
        for s in "LR":
            a, b = human.heads[human.index(f"{top}.{s}")], human.heads[human.index(f"{end}.{s}")]
            found[side == s] = ((self.rest - a) @ (b - a) / ((b - a) @ (b - a)))[side == s]
        return found

    def part(self, name: str, faces: Ints, offset: Floats) -> Part:
        """Cut out faces; `offset` has one value for each vertex of the body."""
        used, inner = np.unique(faces, return_inverse=True)
        uv = self.rest[used][:, [0, 2]] / FABRIC_M
        return Part(name, used, inner.reshape(-1, 4).astype(np.int64), offset[used], uv)


def _faces(human: Human, group: str, wanted: Mask) -> Ints:
    faces = human.mesh.faces[human.mesh.groups[group]]
    return np.asarray(faces[wanted[faces].all(1)])


def dress(human: Human, looks: Looks) -> tuple[Part, ...]:
    """Cut a body's mesh into skin, hair, shoes, eyes and clothes."""
    body, outfit = _Body(human), looks.outfit
    z, rest = body.rest[:, 2], body.rest
    neck = float(human.heads[human.index("neck01"), 2])
    upper = (~body.is_arm & (z > body.waist - outfit.hem) & (z < neck + 0.05)) | (
        body.is_arm & ~body.hand & (body.arm < outfit.sleeves))  # fmt: skip
    lower = (z < body.waist) & ~body.is_arm & (~body.is_leg | (body.leg < outfit.legs))
    parts = [
        body.part("upper", _faces(human, "helper-tights", upper),
                  _ease(body, outfit) + 0.006),
        body.part("skin", _skin(body, outfit, neck), np.zeros(len(z))),
        body.part("shoes", _faces(human, "body", body.foot & (body.leg > 0.9)),
                  np.full(len(z), 0.007)),
    ]  # fmt: skip
    if outfit.skirt:
        hem = float(human.heads[human.index("upperleg01.L"), 2]) * (1 - outfit.legs)
        parts.append(body.part("lower", _faces(human, "helper-skirt", z > hem),
                               np.full(len(z), 0.004)))  # fmt: skip
    else:
        parts.append(body.part("lower", _faces(human, "helper-tights", lower),
                               _ease(body, outfit) - 0.004))  # fmt: skip
    eyes = [human.mesh.faces[human.mesh.groups[f"helper-{s}-eye"]] for s in "lr"]
    parts.append(body.part("eyes", np.concatenate(eyes), np.zeros(len(z))))
    parts.append(_hair(body, looks, rest))
    return tuple(part for part in parts if len(part.faces))


def _ease(body: _Body, outfit: Outfit) -> Floats:
    """Let cloth hang away from the body: more at the hems of sleeves, trousers and shirt."""
    z = body.rest[:, 2]
    loose = np.full(len(z), outfit.loose)
    loose[body.is_leg] *= 0.7 + 0.9 * np.clip(body.leg[body.is_leg], 0, 1)
    loose[body.is_arm] *= 0.8 + 0.5 * np.clip(body.arm[body.is_arm], 0, 1)
    wave = np.sin(31 * z + 9 * body.rest[:, 0]) * np.sin(23 * body.rest[:, 0] + 14 * z)
    return loose * (1 + 0.3 * wave)


def _skin(body: _Body, outfit: Outfit, neck: float) -> Ints:
    """Leave out what clothes and shoes cover, so that it cannot come through."""
    z = body.rest[:, 2]
    seen = (z > neck - 0.06) & ~body.is_arm
    seen |= body.is_arm & ((body.arm > outfit.sleeves - 0.08) | body.hand)
    seen |= body.is_leg & (body.leg > outfit.legs - 0.1)
    if outfit.skirt:
        seen |= body.is_leg
    return _faces(body.human, "body", seen)


def _hair(body: _Body, looks: Looks, rest: Floats) -> Part:
    human = body.human
    if looks.long_hair:
        low = float(human.heads[human.index("neck01"), 2]) - 0.1
        faces = _faces(human, "helper-hair", rest[:, 2] > low)
        return body.part("hair", faces, np.full(len(rest), 0.004))
    top = float(rest[np.unique(human.mesh.faces[human.mesh.groups["body"]]), 2].max())
    eyes = human.mesh.faces[human.mesh.groups["helper-l-eye"]]
    brow = float(rest[eyes, 2].mean()) + 0.045
    face = float(rest[eyes, 1].mean())
    # The scalp: above the brow in front, down to the nape behind.
    line = brow - np.clip((rest[:, 1] - face - 0.03) / 0.09, 0, 1) * 0.11
    scalp = (rest[:, 2] > line) & (rest[:, 2] <= top) & (body.main == "head")
    rough = 0.011 + 0.004 * np.sin(140 * rest[:, 0]) * np.sin(120 * rest[:, 1] + 60 * rest[:, 2])
    return body.part("hair", _faces(human, "body", scalp), rough)
