"""Carry garments: pose an arm for a garment, hold the cloth, and let it hang."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from models.simulation.cutout import Cutout
from models.taxonomy import LENGTHS
from models.training.films.cloth import Capsule, Cloth, Sheet, cut_sheet
from models.training.films.pose import Pose

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Ways to carry: on a hanger, over the forearm, grasped in the hand.
WAYS: Final = ("hanger", "forearm", "hand")
#: Directions of upper arm and forearm in the body's frame (facing -y); x is to the outside.
_ARMS: Final = {
    "hanger": ((0.32, -0.12, -1.0), (0.12, -0.9, 0.12)),
    "forearm": ((0.18, -0.05, -1.0), (-0.12, -1.0, 0.08)),
    "hand": ((0.3, 0.05, -1.0), (0.1, -0.35, -0.6)),
}
#: Radius of limbs, metres, by the bones at their ends.
_LIMBS: Final = (
    ("spine05", "spine01", 0.125), ("root", "spine05", 0.14),
    *((f"{a}.{s}", f"{b}.{s}", r) for s in "LR" for a, b, r in (
        ("upperleg01", "lowerleg01", 0.085), ("lowerleg01", "foot", 0.06),
        ("upperarm01", "lowerarm01", 0.052), ("lowerarm01", "wrist", 0.042),
    )),
)  # fmt: skip
_HANGER_HALF_M: Final = 0.2
_HOOK_M: Final = 0.13
#: Time for the cloth to come to rest before the film begins, seconds.
_SETTLE_S: Final = 1.2
_BODY_HEIGHT_M: Final = 1.7


@dataclass(frozen=True)
class Load:
    """A garment that somebody carries.

    Attributes:
        garment: The garment.
        way: One of `WAYS`.
        side: `L` or `R`, the arm.
        place: 0 for the first garment in a hand; the others hang beside it.
    """

    garment: Cutout
    way: str
    side: str = "L"
    place: int = 0


def pose_arm(pose: Pose, way: str, side: str, sway: float = 0.0) -> None:
    """Bring an arm into the position for a garment; `sway` (radians) follows the steps."""
    outward = 1 if side == "L" else -1
    frame = pose.rotations[pose.human.index("spine01")]
    flat = frame[:, 1] * [1, 1, 0]
    back = flat / np.linalg.norm(flat)
    body = np.stack([np.cross(back, [0, 0, 1.0]), back, [0, 0, 1.0]], 1)
    for (bone, end), direction in zip(
        (("upperarm01", "lowerarm01"), ("lowerarm01", "wrist")), _ARMS[way], strict=True
    ):
        local = np.array(direction) * [outward, 1, 1] + [0, 0, sway]
        pose.point(f"{bone}.{side}", f"{end}.{side}", body @ local)


def curl_fingers(pose: Pose, side: str, angle: float = 0.8) -> None:
    """Close a hand around what it holds: each joint of the four fingers by an angle, radians."""
    human = pose.human
    first, last = (human.index(f"finger{n}-1.{side}") for n in "25")
    thumb = pose.heads[human.index(f"finger1-3.{side}")]
    axis = pose.heads[first] - pose.heads[last]
    axis /= np.linalg.norm(axis)
    middle = human.index(f"finger3-1.{side}")
    finger = pose.heads[human.index(f"finger3-2.{side}")] - pose.heads[middle]
    if np.cross(axis, finger) @ (thumb - pose.heads[middle]) < 0:
        axis = -axis  # towards the thumb, not away from it
    rotation = Rotation.from_rotvec(angle * axis).as_matrix()
    for number in "2345":
        for part in "123":
            pose.turn(human.index(f"finger{number}-{part}.{side}"), rotation)


def limbs(pose: Pose) -> list[Capsule]:
    """Return the limbs that cloth lies on."""
    at = {bone.name: pose.heads[n] for n, bone in enumerate(pose.human.bones)}
    return [Capsule(at[a], at[b], radius) for a, b, radius in _LIMBS]


@dataclass(frozen=True)
class Grip:
    """Where a garment is held: an origin, its across and its outward direction (unit)."""

    origin: Floats
    across: Floats
    outward: Floats
    span: float


def grip(pose: Pose, load: Load) -> Grip:
    """Find where a garment is held in a pose."""
    human, side = pose.human, load.side
    elbow, wrist = (pose.heads[human.index(f"{b}.{side}")] for b in ("lowerarm01", "wrist"))
    hand = pose.heads[human.index(f"finger3-1.{side}")]
    along = (wrist - elbow) * [1, 1, 0]
    along /= max(float(np.linalg.norm(along)), 1e-6)
    outward = np.cross(along, [0, 0, 1.0])
    beside = 0.035 * load.place
    if load.way == "forearm":
        middle = 0.45 * elbow + 0.55 * wrist + [0, 0, 0.05 + 0.012 * load.place]
        return Grip(middle, (wrist - elbow) / np.linalg.norm(wrist - elbow), outward, 0.24)
    fist = 0.45 * wrist + 0.55 * hand
    return Grip(fist + beside * outward + [0, 0, -0.02], along, outward, 0.0)


class Carried:
    """A garment as cloth, held by a hand or an arm."""

    def __init__(self, load: Load, pose: Pose, cell: float = 0.03) -> None:
        """Hang the garment on its first pose and let it come to rest."""
        self.load = load
        length = LENGTHS[load.garment.category] * _BODY_HEIGHT_M * 0.95
        self.sheet = cut_sheet(load.garment, length, cell)
        self._pinned = _pins(self.sheet, load.way, length)
        start = self._laid(pose, np.arange(len(self.sheet.rest)), length)
        self._length = length
        self._cloth = Cloth(self.sheet, start, self._pinned)
        self._pins, self._limbs = self._held(pose), limbs(pose)
        self.advance(_SETTLE_S / 2, pose)
        self.advance(_SETTLE_S / 2, pose)

    @property
    def position(self) -> Floats:
        """(N, 3) metres."""
        return self._cloth.position

    def _held(self, pose: Pose) -> Floats:
        return self._laid(pose, self._pinned, self._length)

    def _laid(self, pose: Pose, which: Ints, length: float) -> Floats:
        """Where particles would lie on the hand or arm if nothing moved them."""
        held, rest = grip(pose, self.load), self.sheet.rest[which]
        x, y = rest[:, :1], rest[:, 1:]
        if self.load.way == "forearm":
            wide = max(float(np.ptp(self.sheet.rest[:, 0])), held.span)
            d = y - 0.45 * length
            out = np.sign(d) * np.minimum(np.abs(d), 0.05)
            drop = np.maximum(np.abs(d) - 0.05, 0)
            return np.asarray(held.origin + x * held.span / wide * held.across
                              + out * held.outward - drop * [0, 0, 1.0])  # fmt: skip
        down = np.array([0, 0, -1.0])
        if self.load.way == "hand":
            narrow = 0.12 + 0.5 * np.minimum(y / length, 1)
            return np.asarray(held.origin + narrow * x * held.across + y * down
                              + 0.02 * np.sin(40 * x) * held.outward)  # fmt: skip
        return np.asarray(held.origin + x * held.across + (y + _HOOK_M) * down)

    def advance(self, seconds: float, pose: Pose) -> None:
        """Move on in time to a new pose."""
        pins, bodies = self._held(pose), limbs(pose)
        self._cloth.advance(seconds, (self._pins, pins), (self._limbs, bodies))
        self._pins, self._limbs = pins, bodies

    def hanger(self, pose: Pose) -> Floats | None:
        """Return the hanger's wire as points (N, 3), or None without one."""
        if self.load.way != "hanger":
            return None
        held = grip(pose, self.load)
        turn = np.linspace(-0.6, np.pi, 7)
        hook = [(0.018 * np.sin(a), 0.02 + 0.018 * np.cos(a)) for a in turn[::-1]]
        bar = [(0, -_HOOK_M + 0.04), (-_HANGER_HALF_M, -_HOOK_M - 0.03),
               (_HANGER_HALF_M, -_HOOK_M - 0.03), (0, -_HOOK_M + 0.04)]  # fmt: skip
        wire = np.array([*hook, *bar])
        return np.asarray(held.origin + wire[:, :1] * held.across + wire[:, 1:] * [0, 0, 1.0])


def _pins(sheet: Sheet, way: str, length: float) -> Ints:
    """Choose the particles that are held."""
    x, y = sheet.rest[:, 0], sheet.rest[:, 1]
    if way == "forearm":
        return np.flatnonzero(np.abs(y - 0.45 * length) < 0.02)
    if way == "hand":
        top = sheet.rest[y.argmin()]
        return np.flatnonzero(np.hypot(x - top[0], y - top[1]) < 0.07)
    rim = {float(c): float(y[x == c].min()) for c in np.unique(x[np.abs(x) < _HANGER_HALF_M])}
    low = min(rim.values()) + 0.14
    return np.array([n for n in range(len(x)) if float(x[n]) in rim
                     and y[n] <= min(rim[float(x[n])], low) + 1e-9], np.int64)  # fmt: skip
