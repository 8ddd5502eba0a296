"""The place of a film: a shop floor, the opening to the fitting rooms, and a corridor behind it.

Metres; the opening stands at x = `GATE_X`, the rooms lie beyond it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.simulation.cutout import Cutout
from models.taxonomy import LENGTHS
from models.training.films.cloth import cut_sheet

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rng = np.random.Generator

#: Where the opening stands, and its sides.
GATE_X: Final = 2.4
GATE_Y: Final = (-0.75, 0.95)
_CEILING: Final = 2.9
_WALL: Final = 0.12


@dataclass
class Thing:
    """An object to render: (N, 3) points, (M, 4) faces, (N, 2) uv, and its material.

    Attributes:
        texture: uint8 picture of its surface, BGR or BGRA.
        options: `smooth`, `subdivide` and `moves` of the renderer.
    """

    name: str
    points: Floats
    faces: Ints
    material: dict[str, Any]
    uv: Floats | None = None
    texture: Image | None = None
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Light:
    """A panel on the ceiling; `colour` is linear RGB."""

    location: tuple[float, float, float]
    size: tuple[float, float]
    watts: float
    colour: tuple[float, float, float]


def linear(colour: tuple[float, ...]) -> list[float]:
    """Turn BGR of 0 to 255 into the renderer's linear RGB."""
    srgb = np.array(colour[::-1], float) / 255
    return [
        float(v) for v in np.where(srgb < 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    ]


def box(name: str, low: tuple[float, ...], high: tuple[float, ...], material: dict[str, Any],
        texture: Image | None = None, metres: float = 1.0) -> Thing:  # fmt: skip
    """Build a box; a texture repeats every so many metres."""
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
    points = np.array(low) + corners * (np.array(high) - np.array(low))
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    spread = np.concatenate([points[list(quad)] for quad in quads])
    uv = np.concatenate([
        points[list(quad)][:, [(1, 2), (1, 2), (0, 2), (0, 2), (0, 1), (0, 1)][n]]
        for n, quad in enumerate(quads)
    ]) / metres  # fmt: skip
    return Thing(name, spread, np.arange(24).reshape(6, 4), material, uv, texture)


def tube(name: str, line: Floats, radius: float, material: dict[str, Any]) -> Thing:
    """Build a rod of square section along (N, 3) points."""
    way = np.gradient(line, axis=0)
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    side = np.cross(way, np.where(np.abs(way[:, 2:]) < 0.9, [0, 0, 1.0], [1.0, 0, 0]))
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    other = np.cross(way, side)
    ring = np.stack([line + radius * (a * side + b * other)
                     for a, b in ((1, 0), (0, 1), (-1, 0), (0, -1))], 1)  # fmt: skip
    base = 4 * np.arange(len(line) - 1)[:, None] + np.arange(4)
    turned = 4 * np.arange(len(line) - 1)[:, None] + (np.arange(4) + 1) % 4
    faces = np.stack([base, turned, turned + 4, base + 4], -1).reshape(-1, 4)
    return Thing(name, ring.reshape(-1, 3), faces, material, options={"smooth": True})


def matt(colour: tuple[float, ...], roughness: float = 0.7, **more: Any) -> dict[str, Any]:
    """Describe a material by its BGR colour."""
    return {"colour": linear(colour), "roughness": roughness, **more}


def planks(rng: Rng, tone: tuple[float, float, float]) -> Image:
    """Draw a floor of wooden planks, uint8 1024×1024×3 BGR for 2.4 m."""
    side, count = 1024, 16
    canvas = np.empty((side, side, 3), np.float32)
    canvas[:] = tone
    grain = cv2.GaussianBlur(rng.standard_normal((side, side)), (0, 0), 26, sigmaY=0.9)
    canvas *= (1 + 1.1 * grain / grain.std() * 0.06)[..., None]
    wide = side // count
    for row in range(count):
        start = int(rng.integers(side))
        ends = [(start + int(rng.integers(300, 520)) * k) % side for k in range(2)]
        band = canvas[row * wide : (row + 1) * wide]
        for a, b in zip(ends, ends[1:] + [side], strict=True):
            band[:, min(a, b) : max(a, b)] *= rng.normal(1, 0.04)
        for end in ends:
            band[:, end : end + 2] *= 0.55
        band[:2] *= 0.55
    return np.clip(canvas, 0, 255).astype(np.uint8)


def tiles(rng: Rng, tone: tuple[float, float, float]) -> Image:
    """Draw a floor of large stone tiles, uint8 1024×1024×3 BGR for 2.4 m."""
    canvas = np.empty((1024, 1024, 3), np.float32)
    canvas[:] = tone
    clouds = cv2.resize(rng.standard_normal((24, 24)), (1024, 1024), interpolation=cv2.INTER_CUBIC)
    canvas *= (1 + 0.035 * clouds + 0.02 * rng.standard_normal((1024, 1024)))[..., None]
    for k in range(4):
        for j in range(4):
            canvas[k * 256 : k * 256 + 256, j * 256 : j * 256 + 256] *= rng.normal(1, 0.03)
        canvas[k * 256 : k * 256 + 4] *= 0.72
        canvas[:, k * 256 : k * 256 + 4] *= 0.72
    return np.clip(canvas, 0, 255).astype(np.uint8)


def curtain(name: str, start: tuple[float, float], end: tuple[float, float], rng: Rng,
            colour: tuple[float, ...]) -> Thing:  # fmt: skip
    """Hang a curtain in folds between two points of the floor."""
    columns, rows = 90, 8
    u = np.linspace(0, 1, columns)
    across = np.array(end) - np.array(start)
    length = float(np.linalg.norm(across))
    out = np.array([-across[1], across[0]]) / length
    wave = np.sin(2 * np.pi * u * length / 0.13 + 2 * np.sin(7 * u + rng.uniform(0, 6)))
    z = np.linspace(0.04, 2.15, rows)
    fall = 0.02 + 0.025 * (1 - z / 2.15)
    xy = np.array(start) + u[:, None] * across
    points = np.empty((rows, columns, 3))
    points[..., :2] = xy[None] + (fall[:, None] * wave[None])[..., None] * out
    points[..., 2] = z[:, None]
    number = np.arange(rows * columns).reshape(rows, columns)
    faces = np.stack([number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1]], -1)
    return Thing(name, points.reshape(-1, 3), faces.reshape(-1, 4), matt(colour, 0.9),
                 options={"smooth": True})  # fmt: skip


def rack(name: str, at: tuple[float, float], along: tuple[float, float], length: float,
         garments: list[Cutout], rng: Rng) -> list[Thing]:  # fmt: skip
    """Stand a rack of garments on hangers; they face across the rod, slightly turned."""
    way = np.array([*along, 0.0]) / np.hypot(*along)
    base, top = np.array([*at, 0.0]), np.array([0, 0, 1.45])
    posts = [base, base + top, base + top + length * way, base + length * way]
    steel = matt((150, 150, 152), 0.35)
    things = [tube(f"{name}-rod", np.repeat(np.array(posts), 2, 0) + 1e-4 *
                   np.arange(8)[:, None], 0.014, steel)]  # fmt: skip
    across = np.cross([0, 0, 1.0], way)
    for n, garment in enumerate(garments):
        sheet = cut_sheet(garment, LENGTHS[garment.category] * 1.55, 0.05)
        turn = rng.normal(0, 0.25)
        plane = np.cos(turn) * across + np.sin(turn) * way
        hang = base + top + (0.12 + (length - 0.24) * (n + 0.5) / len(garments)) * way
        x, y = sheet.rest[:, :1], sheet.rest[:, 1:]
        wave = 0.012 * np.sin(18 * x + rng.uniform(0, 6)) + 0.03 * x**2
        points = hang + x * plane - (y + 0.1) * [0, 0, 1.0] + wave * np.cross(plane, [0, 0, 1.0])
        things.append(Thing(f"{name}-{n}", points, sheet.faces, cloth_material(), sheet.uv,
                            garment.image, {"smooth": True}))  # fmt: skip
    return things


def cloth_material() -> dict[str, Any]:
    """Describe cloth that is cut out of its picture."""
    return {"colour": [0.5, 0.5, 0.5], "roughness": 0.85, "alpha": True}


def _walls(rng: Rng) -> list[Thing]:
    tone = rng.uniform(0.9, 1.02)
    paint = matt(tuple(tone * v for v in (214, 222, 226)), 0.8, bump=0.002, grain=60.0)
    dark = matt((62, 66, 70), 0.5)
    wood = matt((70, 104, 140), 0.5)
    low, high = GATE_Y
    edge, top = GATE_X + _WALL, _CEILING
    walls = [
        box("wall-far", (-5, 3.0, 0), (GATE_X, 3.12, top), paint),
        box("wall-left", (-5.1, -6, 0), (-5, 3.12, top), paint),
        box("wall-back", (-5, -6.1, 0), (6.5, -6, top), paint),
        box("gate-far", (GATE_X, high, 0), (edge, 3.12, top), paint),
        box("gate-near", (GATE_X, -6, 0), (edge, low, top), paint),
        box("gate-over", (GATE_X, low, 2.25), (edge, high, top), paint),
        box("cabins-far", (edge, 2.6, 0), (6.5, 2.7, top), paint),
        box("cabins-end", (5.4, -2.2, 0), (5.5, 2.7, top), paint),
        box("cabins-near", (edge, -2.3, 0), (5.5, -2.2, top), paint),
        box("skirting-far", (-5, 2.985, 0), (GATE_X, 3.0, 0.09), dark),
        box("skirting-gate", (GATE_X - 0.015, high + 0.06, 0), (GATE_X, 3.0, 0.09), dark),
    ]
    for n, y in enumerate((low - 0.06, high)):
        walls.append(box(f"post-{n}", (GATE_X - 0.02, y, 0), (edge + 0.02, y + 0.06, 2.3), wood))
    walls.append(box("lintel", (GATE_X - 0.02, low - 0.06, 2.25), (edge + 0.02, high + 0.06, 2.32),
                     wood))  # fmt: skip
    return walls


def build_room(rng: Rng, garments: list[Cutout], poster: Image) -> tuple[list[Thing], list[Light]]:
    """Build the place: floor, walls, cabins with curtains, racks with garments, and lights.

    Args:
        rng: Source of the floor, the colours and the light.
        garments: What hangs on the racks.
        poster: uint8 BGR picture on the far wall.
    """
    wooden = rng.random() < 0.5
    floor = planks(rng, (92, 124, 156)) if wooden else tiles(rng, (158, 166, 172))
    ground = matt((150, 150, 150), 0.35 if wooden else 0.28)
    things = [
        box("floor", (-5, -6, -0.1), (6.5, 3.1, 0), ground, floor, 2.4),
        box("ceiling", (-5, -6, _CEILING), (6.5, 3.1, _CEILING + 0.1), matt((232, 234, 236), 0.9)),
        *_walls(rng),
        box("poster", (0.2, 2.95, 1.0), (1.3, 2.985, 2.3), matt((80, 80, 80), 0.4)),
        Thing("poster-picture", np.array([[0.26, 2.945, 1.06], [1.24, 2.945, 1.06],
              [1.24, 2.945, 2.24], [0.26, 2.945, 2.24]]), np.array([[0, 1, 2, 3]]),
              matt((200, 200, 200), 0.5), np.array([[0, 0], [1, 0], [1, 1], [0, 1.0]]), poster),
    ]  # fmt: skip
    shade = tuple(float(v) for v in rng.uniform(50, 130, 3))
    for n, (a, b) in enumerate(
        (
            ((2.6, 1.15), (3.6, 1.15)),
            ((3.75, 1.15), (4.7, 1.15)),
            ((2.7, -0.95), (3.6, -0.95)),
            ((5.32, -0.8), (5.32, 0.9)),
        )
    ):
        things.append(curtain(f"curtain-{n}", a, b, rng, shade))
    half = len(garments) // 2
    things += rack("rack-far", (-1.9, 2.35), (1.0, 0.0), 1.7, garments[:half], rng)
    things += rack("rack-left", (-3.7, 0.2), (0.0, 1.0), 1.7, garments[half:], rng)
    return things, _lights(rng, things)


_GLOW: Final = matt((255, 250, 240), 1, glow=3.0)


def _lights(rng: Rng, things: list[Thing]) -> list[Light]:
    warm = rng.uniform(0, 1)
    colour = (1.0, 0.93 - 0.1 * warm, 0.86 - 0.26 * warm)
    power = 34 * rng.uniform(0.85, 1.25)
    lights = []
    for x in (-3.4, -0.9, 1.5):
        for y in (-4.2, -1.6, 1.3):
            lights.append(Light((x, y, _CEILING - 0.03), (0.6, 0.6), power, colour))
    for x in (3.2, 4.6):
        lights.append(Light((x, 0.1, _CEILING - 0.03), (0.4, 0.4), 0.8 * power, colour))
    for n, light in enumerate(lights):
        x, y, _ = light.location
        w = light.size[0] / 2
        things.append(box(f"panel-{n}", (x - w, y - w, _CEILING - 0.02),
                          (x + w, y + w, _CEILING - 0.001), _GLOW))  # fmt: skip
    return lights
