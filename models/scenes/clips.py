"""Film made-up clips of drawn people who walk through a gate, with their truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from models.errors import ModelError
from models.scenes.cutout import Cutout, Image
from models.scenes.drape import LENGTHS, Draped, drape, lay, turn
from models.scenes.figure import Figure, Look, draw_figure

Rng = np.random.Generator

#: Picture size in pixels and frames a second of every clip.
SIZE = (960, 540)
RATE = 10
#: Where the gate stands, relative; inside is to the right.
GATE_X = 0.66
_HEIGHT_PX = 390
_FLOOR_Y = 0.955
_STEP_PX = 118  # a full step, both legs


@dataclass(frozen=True)
class Walk:
    """Somebody's way through the picture.

    Attributes:
        start: When they come into the picture, in seconds.
        look: How they are dressed.
        carries: Garments in their hands.
        inward: From left to right into the rooms, or back out.
        speed_px: Pixels a second.
        depth: Higher stands further back and smaller, 0 to 1.
    """

    start: float
    look: Look
    carries: tuple[Cutout, ...] = ()
    inward: bool = True
    speed_px: float = 165.0
    depth: float = 0.0


@dataclass(frozen=True)
class _Load:
    draped: Draped
    hand: int  # 0 is the near one
    offset: float


def crossing_time(walk: Walk) -> float:
    """Return when a walk's foot point passes the gate, in seconds."""
    way = GATE_X * SIZE[0] + 0.12 * SIZE[0]
    if not walk.inward:
        way = SIZE[0] * 1.24 - way
    return walk.start + way / walk.speed_px


def truth_of(walks: Iterable[Walk]) -> dict[str, Any]:
    """Return the events of a clip as its truth file has them."""
    events = [
        {
            "time": round(crossing_time(walk), 2),
            "event": "entry" if walk.inward else "exit",
            "person": number,
            "garments": [{"sku": c.sku, "category": c.category} for c in walk.carries],
        }
        for number, walk in enumerate(walks)
    ]
    return {
        "fps": RATE,
        "size": list(SIZE),
        "gate": {"from": [GATE_X, 0.5], "to": [GATE_X, 1.0], "in": "right"},
        "events": sorted(events, key=lambda event: event["time"]),
    }


def _pack(walk: Walk, height: float, rng: Rng) -> list[_Load]:
    """Hang a walker's garments: the first over the near arm, then hand by hand."""
    loads = []
    for number, cutout in enumerate(walk.carries):
        length = LENGTHS[cutout.category] * height * 0.95
        draped = drape(cutout, length, rng, ("hanger", "hand", "hanger")[number % 3])
        # What the far hand holds hangs further ahead, or the near one would hide it.
        offset = ((number // 2) * 0.07 + (number % 2) * 0.18) * height
        loads.append(_Load(draped, number % 2, offset))
    return loads


def _walk_layer(
    walk: Walk, loads: Sequence[_Load], time: float, height: int, seed: int
) -> tuple[Image, float]:
    """Draw a walker with garments; returns BGRA, feet on the lowest row, and the foot's x."""
    phase = (time - walk.start) * walk.speed_px / _STEP_PX * 2 * np.pi
    figure = draw_figure(walk.look, height, phase, np.random.default_rng(seed), stride=0.5)
    pad = height // 2
    tall, wide = figure.image.shape[:2]
    canvas = np.zeros((tall, wide + 2 * pad, 4), np.uint8)
    for near in (1, 0):
        for load in (item for item in loads if item.hand == near):
            _hang(canvas, figure, load, phase, pad)
        if near == 1:
            _over(canvas, figure.image, pad)
    if not walk.inward:
        canvas = np.ascontiguousarray(canvas[:, ::-1])
    return canvas, canvas.shape[1] / 2


def _hang(canvas: Image, figure: Figure, load: _Load, phase: float, pad: int) -> None:
    swing = 4.0 * float(np.sin(phase + load.hand * 2))
    image, anchor = turn(load.draped.image, load.draped.anchor, swing)
    x = figure.hands[load.hand][0] + pad - anchor[0] + load.offset
    y = figure.hands[load.hand][1] - anchor[1]
    _over(canvas, image, x, y)


def _over(canvas: Image, layer: Image, x: float, y: float = 0.0) -> None:
    """Lay a BGRA layer onto a BGRA canvas, alphas joined."""
    x0, y0 = round(x), round(y)
    left, top = max(x0, 0), max(y0, 0)
    right = min(x0 + layer.shape[1], canvas.shape[1])
    bottom = min(y0 + layer.shape[0], canvas.shape[0])
    if right <= left or bottom <= top:
        return
    part = layer[top - y0 : bottom - y0, left - x0 : right - x0].astype(np.float32)
    spot = canvas[top:bottom, left:right].astype(np.float32)
    alpha, below = part[..., 3:] / 255, spot[..., 3:] / 255 * (1 - part[..., 3:] / 255)
    joined = np.maximum(alpha + below, 1e-6)
    colours = (part[..., :3] * alpha + spot[..., :3] * below) / joined
    canvas[top:bottom, left:right] = np.dstack([colours, joined * 255]).astype(np.uint8)


def _shadow(canvas: Image, x: float, y: float, height: float) -> None:
    dark = np.zeros(canvas.shape[:2], np.float32)
    axes = (round(height * 0.17), max(2, round(height * 0.035)))
    cv2.ellipse(dark, (round(x), round(y)), axes, 0, 0, 360, 0.42, -1)
    soft = np.asarray(cv2.GaussianBlur(dark, (0, 0), height * 0.02), np.float32)
    canvas[:] = (canvas * (1 - soft[..., None])).astype(np.uint8)


def film_frames(room: Image, walks: Sequence[Walk], seconds: float, seed: int) -> Iterator[Image]:
    """Film a clip frame by frame.

    Args:
        room: uint8 empty place of `SIZE`.
        walks: Who walks through.
        seconds: Length of the clip.
        seed: Source of all randomness.

    Yields:
        uint8 540×960×3 BGR.
    """
    rng = np.random.default_rng([seed, 11])
    heights = [round(_HEIGHT_PX * (1 - 0.25 * walk.depth)) for walk in walks]
    loads = [_pack(walk, height, rng) for walk, height in zip(walks, heights, strict=True)]
    order = sorted(range(len(walks)), key=lambda n: -walks[n].depth)
    for number in range(round(seconds * RATE)):
        time, canvas = number / RATE, room.copy()
        for n in order:
            way = (time - walks[n].start) * walks[n].speed_px - 0.12 * SIZE[0]
            if not -0.2 * SIZE[0] < way < 1.2 * SIZE[0]:
                continue
            x = way if walks[n].inward else SIZE[0] - way
            y = SIZE[1] * (_FLOOR_Y - 0.14 * walks[n].depth)
            layer, foot = _walk_layer(walks[n], loads[n], time, heights[n], seed * 100 + n)
            _shadow(canvas, x, y, heights[n])
            lay(canvas, layer, x - foot, y - 0.985 * heights[n])
        yield _develop(canvas, rng)


def _develop(image: Image, rng: Rng) -> Image:
    """Make a frame look filmed: soft, a little dark in the corners, grainy."""
    height, width = image.shape[:2]
    soft = cv2.GaussianBlur(image, (0, 0), 0.7).astype(np.float32)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    soft *= (1 - 0.16 * (x * x + y * y) / 2)[..., None]
    soft += rng.standard_normal((height, width), np.float32)[..., None] * 2.5
    return np.clip(soft, 0, 255).astype(np.uint8)


def write_clip(
    path: Path,
    room: Image,
    walks: Sequence[Walk],
    seconds: float,
    seed: int,
    progress: Callable[[Iterable[Image], int], Iterable[Image]] = lambda frames, _: frames,
) -> None:
    """Film a clip into a file (MPEG-4), whole or not at all.

    Raises:
        ModelError: The file cannot be written.
    """
    fresh = path.with_name(f"new-{path.name}")
    writer = cv2.VideoWriter(str(fresh), cv2.VideoWriter.fourcc(*"mp4v"), RATE, SIZE)
    if not writer.isOpened():
        raise ModelError(f"{path}: cannot be written.")
    for frame in progress(film_frames(room, walks, seconds, seed), round(seconds * RATE)):
        writer.write(frame)
    writer.release()
    fresh.replace(path)
