"""Read a motion (BVH) and make a walk of it that repeats without a seam.

BVH as in Meredith and Maddock, "Motion Capture File Formats Explained" (2001): a hierarchy of
joints with offsets and channels, then one line of numbers per frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from models.errors import ModelError

Floats = NDArray[np.float64]

#: Harmonics of the walk that are kept: enough for the heel strike, too few for noise.
_HARMONICS: Final = 4


@dataclass(frozen=True)
class Joint:
    """A joint: its parent's index (-1 for the root), its offset, its channels."""

    name: str
    parent: int
    offset: Floats
    channels: tuple[str, ...]


@dataclass(frozen=True)
class Motion:
    """Joints and their (frames, channels) values."""

    joints: tuple[Joint, ...]
    values: Floats
    frame_time: float

    def rotations(self) -> Floats:
        """Return each joint's rotation against the world, (frames, joints, 3, 3)."""
        found = np.empty((len(self.values), len(self.joints), 3, 3))
        column = 0
        for number, joint in enumerate(self.joints):
            axes = [(n, c[0]) for n, c in enumerate(joint.channels) if c.endswith("rotation")]
            order = "".join(axis for _, axis in axes)
            angles = self.values[:, [column + n for n, _ in axes]]
            turned = Rotation.from_euler(order, angles, degrees=True).as_matrix() if axes else None
            local = np.eye(3) if turned is None else turned
            above = found[:, joint.parent] if joint.parent >= 0 else np.eye(3)
            found[:, number] = above @ local
            column += len(joint.channels)
        return found

    def direction(self, name: str) -> Floats:
        """Return the unit vector from a joint to its first child with an offset, at rest."""
        index = next(n for n, joint in enumerate(self.joints) if joint.name == name)
        child = next(j for j in self.joints if j.parent == index and np.any(j.offset))
        return np.asarray(child.offset / np.linalg.norm(child.offset))


def read_motion(path: Path) -> Motion:
    """Read a BVH file.

    Raises:
        ModelError: The file is missing or not BVH.
    """
    try:
        head, _, tail = path.read_text(encoding="utf-8").partition("MOTION")
        joints = _hierarchy(head.split())
        lines = tail.strip().splitlines()
        frame_time = float(lines[1].split(":")[1])
        values = np.array([[float(v) for v in line.split()] for line in lines[2:] if line.strip()])
        if values.shape != (int(lines[0].split(":")[1]), sum(len(j.channels) for j in joints)):
            raise ValueError("frames and channels do not fit the numbers")
    except (OSError, ValueError, IndexError) as error:
        raise ModelError(f"{path}: not a BVH motion ({error}).") from error
    return Motion(joints, values, frame_time)


def _hierarchy(words: list[str]) -> tuple[Joint, ...]:
    joints: list[Joint] = []
    open_joints: list[int] = []
    n, name = 0, ""
    offset: Floats | None = None
    while n < len(words):
        word = words[n]
        if word in ("ROOT", "JOINT", "End"):
            name, offset = "" if word == "End" else words[n + 1], None
        elif word == "OFFSET":
            offset = np.array([float(v) for v in words[n + 1 : n + 4]])
            if not name:  # an end site: a joint without channels keeps the last bone's direction
                joints.append(Joint("", open_joints[-2], offset, ()))
        elif word == "CHANNELS":
            if offset is None:
                raise ValueError(f"joint {name} has no offset")
            count = int(words[n + 1])
            parent = open_joints[-2] if len(open_joints) > 1 else -1
            joints.append(Joint(name, parent, offset, tuple(words[n + 2 : n + 2 + count])))
            open_joints[-1] = len(joints) - 1
        elif word == "{":
            open_joints.append(-1)
        elif word == "}":
            open_joints.pop()
        n += 1
    return tuple(joints)


class Cycle:
    """A walk as periodic functions of its phase (0 to 1), one per joint.

    The few frames of the file are smoothed by a Fourier series over rotation matrices, projected
    back to rotations.
    """

    def __init__(self, motion: Motion) -> None:
        """Fit the series; the first frame of the file follows its last."""
        self.motion = motion
        self.names = tuple(joint.name for joint in motion.joints)
        rotations = motion.rotations()
        self._count = len(rotations)
        self._series = np.fft.rfft(rotations, axis=0)[: _HARMONICS + 1]

    def at(self, phase: float) -> dict[str, Floats]:
        """Return each joint's rotation against the world (3, 3) at a phase."""
        k = np.arange(len(self._series))
        wave = np.exp(2j * np.pi * k * phase) * np.where(k == 0, 1, 2) / self._count
        blurred = np.real(np.tensordot(wave, self._series, (0, 0)))
        u, _, v = np.linalg.svd(blurred)
        u[..., -1] *= np.linalg.det(u @ v)[:, None]
        return dict(zip(self.names, u @ v, strict=True))

    def mean(self) -> dict[str, Floats]:
        """Return the mean rotation of each joint: somebody who stands at ease."""
        u, _, v = np.linalg.svd(np.real(self._series[0]))
        u[..., -1] *= np.linalg.det(u @ v)[:, None]
        return dict(zip(self.names, u @ v, strict=True))
