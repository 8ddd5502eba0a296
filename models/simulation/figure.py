"""Drawn pedestrians, for scenes without photos of people.

A figure is a small skeleton seen from the side or from the front, fleshed out with
tapered limbs lit from above. It is no portrait: the head has hair and no face.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.simulation.fabric import Fabric, around, cover, light, weave

Rng = np.random.Generator
Point = NDArray[np.float64]
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Look:
    """How a figure is dressed and built; colours are BGR.

    `long` is the hem of the upper garment as a share of height (0.45 is a sweater's),
    `build` widens the body, `hair` is 0 for short, 1 for long.
    """

    skin: Colour
    hair_colour: Colour
    upper: Fabric
    lower: Fabric
    shoes: Colour
    long: float = 0.5
    build: float = 1.0
    hair: int = 0


@dataclass(frozen=True)
class Figure:
    """A drawn person.

    Attributes:
        image: uint8 H×W×4 BGRA; the feet stand on the lowest row.
        foot: (x, y) pixels where the person stands.
        hands: float 2×2 pixels: the hand nearer to the camera, then the other.
    """

    image: Image
    foot: tuple[float, float]
    hands: NDArray[np.float64]


def random_look(rng: Rng) -> Look:
    """Sample a figure's build and clothes."""

    def colour(low: int = 20, high: int = 235) -> Colour:
        b, g, r = (int(n) for n in rng.integers(low, high, 3))
        return b, g, r

    tone = rng.uniform(0.35, 1.2)
    patterns = ["plain", "plain", "knit", "denim", "stripes", "check", "floral", "pinstripes"]
    quiet = int(rng.integers(25, 110))
    return Look(
        skin=(int(100 * tone), int(135 * tone), int(185 * tone)),
        hair_colour=((30, 35, 45), (45, 75, 115), (90, 150, 190), (120, 120, 125))[rng.integers(4)],
        upper=Fabric(str(rng.choice(patterns)), colour(), colour()),
        lower=Fabric(str(rng.choice(patterns[:4])), (quiet, quiet, quiet)),
        shoes=colour(15, 90) if rng.random() < 0.7 else (220, 222, 225),
        long=float(rng.uniform(0.42, 0.66)),
        build=float(rng.uniform(0.85, 1.25)),
        hair=int(rng.integers(2)),
    )


class _Painter:
    """Paints limbs on a canvas whose unit is the person's height."""

    def __init__(self, height: int, rng: Rng) -> None:
        self.height, self.rng = height, rng
        self.size = (round(height * 1.02), round(height * 0.9))
        self.canvas = np.zeros((*self.size, 4), np.float32)

    def pixel(self, point: Point) -> tuple[int, int]:
        return round(self.size[1] / 2 + point[0] * self.height), round(point[1] * self.height)

    def limb(
        self,
        start: Point,
        end: Point,
        wide: float,
        narrow: float,
        fabric: Fabric,
        tone: float = 1.0,
    ) -> None:
        """Paint a tapered capsule."""
        mask = np.zeros(self.size, np.uint8)
        a, b = np.array(self.pixel(start), float), np.array(self.pixel(end), float)
        along = (b - a) / max(float(np.hypot(*(b - a))), 1e-6)
        across = np.array([-along[1], along[0]])
        r0, r1 = wide * self.height / 2, narrow * self.height / 2
        quad = np.round([a + across * r0, b + across * r1, b - across * r1, a - across * r0])
        cv2.fillConvexPoly(mask, quad.astype(np.int32), 255, cv2.LINE_AA)
        for centre, radius in ((a, r0), (b, r1)):
            spot = (round(float(centre[0])), round(float(centre[1])))
            cv2.circle(mask, spot, max(1, round(radius)), 255, -1, cv2.LINE_AA)
        self.fill(mask, fabric, tone)

    def polygon(self, points: list[Point], fabric: Fabric, tone: float = 1.0) -> None:
        mask = np.zeros(self.size, np.uint8)
        cv2.fillPoly(mask, [np.array([self.pixel(p) for p in points])], 255, cv2.LINE_AA)
        mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.6, self.height * 0.006)), np.uint8)
        self.fill(np.where(mask > 110, 255, 0).astype(np.uint8), fabric, tone)

    def fill(self, mask: NDArray[np.uint8], fabric: Fabric, tone: float) -> None:
        box = around(mask)
        part = np.ascontiguousarray(mask[box])
        if not part.size:
            return
        height, width = part.shape
        cloth = weave(height, width, fabric, self.rng)
        cover(self.canvas[box], cloth * (light(part, fabric, self.rng) * tone)[..., None], part)


def _leg(phase: float, stride: float) -> tuple[Point, Point, Point]:
    """Compute knee, ankle and toe of a leg walking to the right; the hip is at (0, 0.53)."""
    swing = np.sin(phase) * stride
    lift = max(0.0, np.cos(phase)) * stride * 0.35
    knee = np.array([swing * 0.22 + lift * 0.12, 0.53 + 0.22])
    ankle = np.array([swing * 0.42 - lift * 0.15, 0.955 - lift * 0.16])
    return knee, ankle, ankle + np.array([0.055, 0.018 - lift * 0.03])


def draw_figure(
    look: Look,
    height: int,
    phase: float,
    rng: Rng,
    front: bool = False,
    stride: float = 0.55,
    arms_held: bool = True,
) -> Figure:
    """Draw a person at a phase of walking.

    Args:
        look: Clothes and build.
        height: Height in pixels.
        phase: Where in the step, in radians.
        rng: Folds and grain; give an equal generator for every frame of one person.
        front: Seen from the front or back instead of walking to the right.
        stride: Length of the step, 0 stands still.
        arms_held: The near forearm is held out, as someone does who carries.
    """
    paint = _Painter(height, rng)
    wide = 0.075 * look.build
    skin = Fabric("plain", look.skin)
    legs = [_leg(phase + np.pi, stride), _leg(phase, stride)]
    sides = [-0.055, 0.055] if front else [0.0, 0.0]
    for (knee, ankle, toe), side, tone in zip(legs, sides, (0.8, 1.0), strict=True):
        hip = np.array([side, 0.53])
        squash = np.array([0.12 if front else 1.0, 1.0])
        joints = [p * squash + [side, 0] for p in (knee, ankle, toe)]
        paint.limb(joints[1], joints[2], 0.04, 0.03, Fabric("plain", look.shoes), tone)
        paint.limb(hip, joints[0], wide * 1.3, wide * 0.9, look.lower, tone)
        paint.limb(joints[0], joints[1], wide * 0.9, wide * 0.55, look.lower, tone)
    hands = _arms(paint, look, phase, stride, front, arms_held, back=True)
    half = (0.105 if front else 0.07) * look.build
    hem = 0.19 + look.long * 0.72
    flare = half * (1.0 if look.long < 0.5 else 1.25)
    torso = [
        (-half * 0.8, 0.19),
        (-half, 0.23),
        (-half * 0.85, 0.4),
        (-flare, hem),
        (flare, hem),
        (half * 0.85, 0.4),
        (half, 0.23),
        (half * 0.8, 0.19),
    ]
    paint.limb(np.array([0, 0.14]), np.array([0, 0.2]), 0.05, 0.06, skin)
    paint.polygon([np.array(p) for p in torso], look.upper)
    near = _arms(paint, look, phase, stride, front, arms_held, back=False)
    _head(paint, look, front)
    image = np.clip(paint.canvas, 0, 255).astype(np.uint8)
    hands_px = np.array([paint.pixel(near), paint.pixel(hands)], float)
    return Figure(image, (paint.size[1] / 2, height * 0.985), hands_px)


def _arms(
    paint: _Painter, look: Look, phase: float, stride: float, front: bool, held: bool, back: bool
) -> Point:
    """Paint one arm; returns its hand."""
    side = -1.0 if back else 1.0
    swing = np.sin(phase) * stride * 0.16 * side
    shoulder = np.array([0.1 * look.build * side if front else 0.0, 0.22])
    elbow = shoulder + [0.02 * side if front else swing * 0.5, 0.17]
    if held:
        hand = elbow + ([0.035 * side, 0.08] if front else [0.11, 0.06])
    else:
        hand = elbow + [0.015 * side if front else swing * 0.7 + 0.02, 0.15]
    tone = 0.8 if back and not front else 0.95
    paint.limb(shoulder, elbow, 0.062 * look.build, 0.05 * look.build, look.upper, tone)
    paint.limb(elbow, hand, 0.05 * look.build, 0.034, look.upper, tone)
    paint.limb(hand, hand + [0.008, 0.016], 0.036, 0.03, Fabric("plain", look.skin), tone)
    return np.asarray(hand + [0.004, 0.012])


def _head(paint: _Painter, look: Look, front: bool) -> None:
    hair = Fabric("knit", look.hair_colour, scale=0.5)
    paint.limb(
        np.array([0.004, 0.075]), np.array([0.008, 0.105]), 0.096, 0.082, Fabric("plain", look.skin)
    )
    back = 0.0 if front else -0.016
    paint.limb(np.array([back, 0.058]), np.array([back, 0.075]), 0.1, 0.094, hair)
    if look.hair:
        paint.limb(np.array([back, 0.08]), np.array([back * 1.6, 0.2]), 0.086, 0.07, hair)
