"""Pose a body: transfer a walk's rotations to its skeleton, bend legs and arms, skin the mesh.

Rotations are (3, 3) against the world in the body's own frame: facing -y, z up, metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from models.training.films.makehuman import Human
from models.training.films.motion import Cycle

Floats = NDArray[np.float64]

#: Joints of the motion by the bone that follows them; other bones follow their parent.
_FOLLOWS: Final = {
    "root": "Root", "spine05": "Spine1", "spine03": "Spine2", "spine02": "Spine3",
    "neck01": "Neck", "head": "Head", "pelvis.L": "Hips", "pelvis.R": "Hips",
    **{f"{bone}.{side}": f"{joint}_{side}" for side in "LR" for bone, joint in (
        ("clavicle", "Clavicle"), ("upperarm01", "UpArm"), ("lowerarm01", "LoArm"),
        ("wrist", "Hand"), ("upperleg01", "UpLeg"), ("lowerleg01", "LoLeg"), ("foot", "Foot"),
    )},
}  # fmt: skip
#: Bones whose direction at rest differs between the files, and where each ends.
_ALIGNED: Final = {
    f"{bone}.{side}": f"{end}.{side}" for side in "LR" for bone, end in (
        ("upperarm01", "lowerarm01"), ("lowerarm01", "wrist"), ("wrist", "finger3-1"),
        ("upperleg01", "lowerleg01"), ("lowerleg01", "foot"),
    )
}  # fmt: skip
_LEGS: Final = ("upperleg01", "lowerleg01", "foot")
#: A leg is never stretched further than this share of its length.
_STRETCH: Final = 0.998


def between(a: Floats, b: Floats) -> Floats:
    """Return the smallest rotation (3, 3) that turns direction `a` into direction `b`."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    axis, cosine = np.cross(a, b), float(a @ b)
    if cosine < -1 + 1e-9:
        other = np.cross(a, [1.0, 0, 0] if abs(a[0]) < 0.9 else [0, 1.0, 0])
        return np.asarray(Rotation.from_rotvec(np.pi * other / np.linalg.norm(other)).as_matrix())
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.asarray(np.eye(3) + cross + cross @ cross / (1 + cosine))


def yaw(angle: float) -> Floats:
    """Return the rotation (3, 3) about the vertical."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])


def blend(a: Floats, b: Floats, share: float) -> Floats:
    """Return the rotation between `a` (share 0) and `b` (share 1)."""
    u, _, v = np.linalg.svd((1 - share) * a + share * b)
    return np.asarray(u @ np.diag([1, 1, np.linalg.det(u @ v)]) @ v)


@dataclass
class Pose:
    """Rotation and head of every bone, (bones, 3, 3) and (bones, 3)."""

    human: Human
    rotations: Floats
    heads: Floats

    def place(self) -> None:
        """Compute the heads from the rotations; the root stays where it is."""
        rest = self.human.heads
        for n, parent in enumerate(self.human.parents):
            if parent >= 0:
                offset = self.rotations[parent] @ (rest[n] - rest[parent])
                self.heads[n] = self.heads[parent] + offset

    def turn(self, bone: int, rotation: Floats) -> None:
        """Turn a bone and all below it, about its head."""
        below = {bone}
        for n, parent in enumerate(self.human.parents):
            if n == bone or parent in below:
                below.add(n)
                self.rotations[n] = rotation @ self.rotations[n]
        self.place()

    def point(self, bone: str, end: str, direction: Floats) -> None:
        """Turn a bone so that its end lies in a direction."""
        index = self.human.index(bone)
        now = self.heads[self.human.index(end)] - self.heads[index]
        self.turn(index, between(now, direction))

    def reach(self, chain: tuple[str, str, str], goal: Floats) -> None:
        """Bend a leg or an arm so that its end comes to a goal (analytic two-bone IK)."""
        top, middle, end = (self.human.index(name) for name in chain)
        upper = float(np.linalg.norm(self.human.heads[middle] - self.human.heads[top]))
        lower = float(np.linalg.norm(self.human.heads[end] - self.human.heads[middle]))
        line = goal - self.heads[top]
        span = float(np.clip(np.linalg.norm(line), abs(upper - lower) + 1e-6,
                             _STRETCH * (upper + lower)))  # fmt: skip
        axis = line / np.linalg.norm(line)
        bend = self.heads[middle] - self.heads[top]
        side = bend - (bend @ axis) * axis
        if np.linalg.norm(side) < 0.02:  # nearly straight: knees bend to the front
            side = side + 0.05 * (self.rotations[top] @ np.array([0, -1.0, 0]))
            side -= (side @ axis) * axis
        along = (upper**2 - lower**2 + span**2) / (2 * span)
        out = np.sqrt(max(upper**2 - along**2, 0.0))
        knee = along * axis + out * side / np.linalg.norm(side)
        self.turn(top, between(bend, knee))
        self.turn(middle, between(self.heads[end] - self.heads[middle], span * axis - knee))

    def skin(self) -> Floats:
        """Return the posed vertices by linear blend skinning, (vertices, 3)."""
        human = self.human
        moved = self.heads - np.einsum("bij,bj->bi", self.rotations, human.heads)
        blended = human.weights @ self.rotations.reshape(-1, 9)
        turned = np.einsum("vij,vj->vi", blended.reshape(-1, 3, 3), human.mesh.vertices)
        return np.asarray(turned + human.weights @ moved)


class Rig:
    """A body with a walk: poses of it by phase and amplitude, standing on no ground yet."""

    def __init__(self, human: Human, cycle: Cycle) -> None:
        """Align the motion's directions at rest with the body's."""
        self.human, self._cycle = human, cycle
        self._mean = cycle.mean()
        self._align = {}
        for bone, end in _ALIGNED.items():
            ours = human.heads[human.index(end)] - human.heads[human.index(bone)]
            self._align[bone] = between(ours, cycle.motion.direction(_FOLLOWS[bone]))

    def pose(self, phase: float, amplitude: float) -> Pose:
        """Pose the body in the middle of a step; amplitude 0 stands at ease, 1 walks."""
        human, walk = self.human, self._cycle.at(phase)
        rotations = np.empty((len(human.bones), 3, 3))
        for n, bone in enumerate(human.bones):
            joint = _FOLLOWS.get(bone.name)
            if joint is None:
                rotations[n] = rotations[human.parents[n]]
                continue
            align = self._align.get(bone.name, np.eye(3))
            leg = bone.name.split(".")[0] in _LEGS
            ease = np.eye(3) if leg else self._mean[joint] @ align
            rotations[n] = blend(ease, walk[joint] @ align, amplitude)
        pose = Pose(human, rotations, human.heads.copy())
        pose.place()
        return pose
