"""Walk along a path without gliding: each foot stays where it stands until it leaves the ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from models.training.films.pose import Pose, Rig, yaw

Floats = NDArray[np.float64]

#: Share of the cycle during which a foot stands, and the phase at which the left one lands
#: (measured on MakeHuman's walk: foremost to rearmost ankle).
STANCE: Final = 0.57
_LANDS: Final = {"L": 0.65, "R": 0.15}
#: Length of a stride (two steps) as a share of the body's height.
STRIDE: Final = 0.77
#: A path's corners are rounded with this deviation, metres; samples lie this far apart.
_ROUND_M: Final = 0.28
#: The file's feet tread one line; people's stand this far from it, as a share of their height.
_SPREAD: Final = 0.025
_STEP_M: Final = 0.02
#: Seconds to come to a stand.
_BRAKE_S: Final = 0.7


@dataclass(frozen=True)
class Route:
    """A way over the floor.

    Attributes:
        points: (x, y) metres, walked in order with rounded corners.
        start: Seconds; before it and after the end nobody is there.
        speed: Metres a second.
        stop: Index of the point at which they stand, if any.
        wait: Seconds that they stand there.
    """

    points: tuple[tuple[float, float], ...]
    start: float = 0.0
    speed: float = 1.2
    stop: int | None = None
    wait: float = 0.0


class Track:
    """A route as functions of time."""

    def __init__(self, route: Route) -> None:
        """Sample the route: position and heading by distance."""
        corners = np.array(route.points, float)
        lengths = np.linalg.norm(np.diff(corners, axis=0), axis=1)
        along = np.concatenate([[0], np.cumsum(lengths)])
        s = np.arange(0, along[-1], _STEP_M)
        raw = np.stack([np.interp(s, along, corners[:, k]) for k in (0, 1)], 1)
        self._xy = gaussian_filter1d(raw, _ROUND_M / _STEP_M, axis=0, mode="nearest")
        steps = np.linalg.norm(np.diff(self._xy, axis=0), axis=1)
        self._s = np.concatenate([[0], np.cumsum(steps)])
        way = np.gradient(self._xy, axis=0)
        self._heading = np.unwrap(np.arctan2(way[:, 0], -way[:, 1]))
        self.route, self.length = route, float(self._s[-1])
        self.halt = None
        if route.stop is not None:
            nearest = np.linalg.norm(self._xy - corners[route.stop], axis=1).argmin()
            self.halt = float(self._s[nearest])

    @property
    def end(self) -> float:
        """When they are at the end, seconds."""
        extra = 0.0 if self.halt is None else self.route.wait + _BRAKE_S
        return self.route.start + self.length / self.route.speed + extra

    def distance(self, time: float) -> float:
        """How far they have come at a time; braking and starting take `_BRAKE_S` each."""
        v, t = self.route.speed, time - self.route.start
        if self.halt is None:
            return float(np.clip(v * t, 0, self.length))
        brake = self.halt / v - _BRAKE_S / 2  # constant deceleration covers v * brake / 2
        if t <= brake:
            return float(max(v * t, 0.0))
        t -= brake
        if t <= _BRAKE_S:
            return v * (brake + t - t * t / (2 * _BRAKE_S))
        t -= _BRAKE_S + self.route.wait
        if t <= 0:
            return self.halt
        if t <= _BRAKE_S:
            return self.halt + v * t * t / (2 * _BRAKE_S)
        return float(min(self.halt + v * (t - _BRAKE_S / 2), self.length))

    def there(self, time: float) -> bool:
        """Whether they are on the way at a time."""
        return self.route.start <= time <= self.end

    def position(self, distance: float) -> Floats:
        """Where the middle of the body is, (x, y) metres."""
        return np.array([np.interp(distance, self._s, self._xy[:, k]) for k in (0, 1)])

    def heading(self, distance: float) -> float:
        """Where they face: radians from -y."""
        return float(np.interp(distance, self._s, self._heading))


@dataclass(frozen=True)
class _Sole:
    """Points of a foot at rest against its ankle: ball first, then heel and toe."""

    points: Floats

    def lowest(self, rotation: Floats) -> float:
        return float((self.points @ rotation.T)[:, 2].min())


class Walker:
    """Somebody who walks along a track."""

    def __init__(self, rig: Rig, track: Track) -> None:
        """Fit the stride to the body, and the phase to where they stop."""
        self.rig, self.track = rig, track
        human = rig.human
        self.height = float(human.mesh.vertices[human.mesh.faces[human.mesh.groups["body"]], 2]
                            .max())  # fmt: skip
        self.stride = STRIDE * self.height
        # They stop in the middle of a stance, where both feet are side by side.
        halt = track.halt or 0.0
        self._phase = (_LANDS["L"] + STANCE / 2 - halt / self.stride) % 1
        self._soles = {side: self._sole(side) for side in "LR"}
        self._stood: dict[tuple[str, int], tuple[Floats, float]] = {}

    def _sole(self, side: str) -> _Sole:
        human = self.rig.human
        vertices = human.mesh.vertices
        foot = human.weights[:, human.index(f"foot.{side}")] > 0.3
        toes = [n for n, b in enumerate(human.bones) if b.name.startswith("toe")
                and b.name.endswith(side)]  # fmt: skip
        foot |= human.weights[:, toes].sum(1) > 0.3
        body = np.zeros(len(vertices), bool)
        body[human.mesh.faces[human.mesh.groups["body"]]] = True
        points = vertices[foot & body]
        ankle = human.heads[human.index(f"foot.{side}")]
        ball = human.heads[human.index(f"toe2-1.{side}")] * [1, 1, 0]
        heel, toe = points[points[:, 1].argmax()], points[points[:, 1].argmin()]
        return _Sole(np.array([ball, heel * [1, 1, 0], toe * [1, 1, 0]]) - ankle)

    def phase(self, distance: float) -> float:
        """Return the phase of the walk after a distance; it goes on beyond 1."""
        return self._phase + distance / self.stride

    def _amplitude(self, time: float) -> float:
        speed = (self.track.distance(time + 0.1) - self.track.distance(time - 0.1)) / 0.2
        return float(np.clip(1.4 * speed / self.track.route.speed, 0, 1))

    def _stands(self, side: str, count: int) -> tuple[Floats, float]:
        """Where a foot's ball stands the n-th time (x, y), and its heading."""
        if (side, count) not in self._stood:
            self._stood[side, count] = self._stance(side, count)
        return self._stood[side, count]

    def _stance(self, side: str, count: int) -> tuple[Floats, float]:
        middle = count + _LANDS[side] + STANCE / 2
        distance = (middle - self._phase) * self.stride
        heading = self.track.heading(distance)
        pose = self.rig.pose(middle % 1, 1.0)
        foot = self.rig.human.index(f"foot.{side}")
        ball = pose.heads[foot] + pose.rotations[foot] @ self._soles[side].points[0]
        at = self.track.position(distance)
        beyond = min(distance, 0.0) + max(distance - self.track.length, 0.0)
        at = at + beyond * np.array([np.sin(heading), -np.cos(heading)])
        ball = ball - self.rig.human.heads[0]
        ball[0] += (1 if side == "L" else -1) * _SPREAD * self.height
        return at + (yaw(heading) @ ball)[:2], heading

    def _foot(self, side: str, phase: float) -> tuple[Floats, float, bool]:
        """Where the ball of a foot is (x, y), its heading, and whether it stands."""
        count = int(np.floor(phase - _LANDS[side]))
        share = phase - _LANDS[side] - count
        here, facing = self._stands(side, count)
        if share <= STANCE:
            return here, facing, True
        there, next_facing = self._stands(side, count + 1)
        u = (share - STANCE) / (1 - STANCE)
        u = u * u * (3 - 2 * u)
        return here + u * (there - here), facing + u * (next_facing - facing), False

    def pose(self, time: float) -> Pose:
        """Pose the body at a time, in the world's frame."""
        distance = self.track.distance(time)
        phase, amplitude = self.phase(distance), self._amplitude(time)
        heading, human = self.track.heading(distance), self.rig.human
        pose = self.rig.pose(phase % 1, amplitude)
        soles = {}
        for side in "LR":
            foot = human.index(f"foot.{side}")
            lowest = self._soles[side].lowest(pose.rotations[foot])
            soles[side] = (foot, pose.heads[foot][2] + lowest, lowest)
        ground = min(height for _, height, _ in soles.values())
        root = pose.heads[0].copy()
        pose.rotations = yaw(heading) @ pose.rotations
        at = self.track.position(distance)
        pose.heads[0] = [at[0], at[1], root[2] - ground]
        goals = {}
        for side, (foot, height, lowest) in soles.items():
            ball, facing, stands = self._foot(side, phase)
            lift = 0.0 if stands else height - ground
            rotation = yaw(facing - heading) @ pose.rotations[foot]
            sole = self._soles[side].points[0]
            ankle = np.append(ball, 0.0) - rotation @ sole
            ankle[2] = lift - lowest
            goals[side] = (ankle, rotation)
        self._plant(pose, goals)
        return pose

    def _plant(self, pose: Pose, goals: dict[str, tuple[Floats, Floats]]) -> None:
        """Lower the root until both legs reach, then bring the feet to their goals."""
        human = self.rig.human
        pose.place()
        chains = {s: (f"upperleg01.{s}", f"lowerleg01.{s}", f"foot.{s}") for s in "LR"}
        for side, (ankle, _) in goals.items():
            top, middle, end = (human.index(name) for name in chains[side])
            leg = sum(float(np.linalg.norm(human.heads[b] - human.heads[a]))
                      for a, b in ((top, middle), (middle, end)))  # fmt: skip
            flat = float(np.hypot(*(ankle - pose.heads[top])[:2]))
            most = ankle[2] + np.sqrt(max((0.995 * leg) ** 2 - flat**2, 0.01))
            pose.heads[0][2] -= max(pose.heads[top][2] - most, 0.0)
        pose.place()
        for side, (ankle, rotation) in goals.items():
            pose.reach(chains[side], ankle)
            foot = human.index(f"foot.{side}")
            pose.turn(foot, rotation @ pose.rotations[foot].T)
