"""Film made-up clips of people who walk through a gate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from common.files import new_file
from common.image import Image
from models.errors import ModelError
from models.simulation.drape import Draped, drape, lay, turn
from models.simulation.figure import Look, draw_figure
from models.taxonomy import LENGTHS
from models.training.scenes.photographed import cut_person, guess_hands
from models.training.scenes.walks import RATE, SIZE, Carried, Walk

Rng = np.random.Generator

_HEIGHT_PX = 390
_FLOOR_Y = 0.955
_STEP = 0.123  # a full step of both legs, in picture widths


@dataclass(frozen=True)
class _Load:
    carried: Carried
    draped: Draped
    offset: float


@dataclass(frozen=True)
class _Person:
    """Someone at one moment: BGRA with the feet on the lowest row, hands near one first."""

    image: Image
    hands: NDArray[np.float64]


class _Actor:
    """Draws one walker; photographed people glide along, drawn ones walk."""

    def __init__(self, walk: Walk, seed: int) -> None:
        self.walk, self.seed = walk, seed
        self.height = round(_HEIGHT_PX * (1 - 0.25 * walk.depth))
        rng = np.random.default_rng([seed, 12])
        self.loads = _pack(walk, self.height, rng)
        self.still: _Person | None = None
        if not isinstance(walk.actor, Look):
            image, wrists = cut_person(walk.actor, self.height, rng)
            hands = wrists if len(wrists) else guess_hands(image.shape[1], self.height, rng)
            self.still = _Person(image, hands[[0, -1]])

    def phase(self, time: float) -> float:
        return self.walk.travelled(time) / _STEP * 2 * np.pi

    def _seen(self, time: float) -> _Person:
        if self.still is not None:
            return self.still
        assert isinstance(self.walk.actor, Look)
        rng = np.random.default_rng(self.seed)
        figure = draw_figure(self.walk.actor, self.height, self.phase(time), rng, stride=0.5)
        return _Person(figure.image, figure.hands)

    def layer(self, time: float) -> tuple[Image, float]:
        """Draw the walker with garments; returns BGRA and the foot's x."""
        seen, pad = self._seen(time), self.height // 2
        tall, wide = seen.image.shape[:2]
        canvas = np.zeros((tall, wide + 2 * pad, 4), np.uint8)
        for near in (1, 0):
            for load in self.loads:
                if load.carried.hand == near and load.carried.at(time):
                    _hang(canvas, seen.hands[near], load, self.phase(time), pad)
            if near == 1:
                _over(canvas, seen.image, pad)
        if not self.walk.inward(time):
            canvas = np.ascontiguousarray(canvas[:, ::-1])
        return canvas, canvas.shape[1] / 2


def _pack(walk: Walk, height: float, rng: Rng) -> list[_Load]:
    """Hang a walker's garments, several in a hand side by side."""
    loads: list[_Load] = []
    for carried in walk.carries:
        length = LENGTHS[carried.garment.category] * height * 0.95
        beside = sum(load.carried.hand == carried.hand for load in loads)
        pose = ("hanger", "hand", "hanger")[len(loads) % 3]
        draped = drape(carried.garment, length, rng, pose)
        # What the far hand holds hangs further ahead, or the near one would hide it.
        loads.append(_Load(carried, draped, (beside * 0.07 + carried.hand * 0.18) * height))
    return loads


def _hang(canvas: Image, hand: NDArray[np.float64], load: _Load, phase: float, pad: int) -> None:
    swing = 4.0 * float(np.sin(phase + load.carried.hand * 2))
    image, anchor = turn(load.draped.image, load.draped.anchor, swing)
    _over(canvas, image, hand[0] + pad - anchor[0] + load.offset, hand[1] - anchor[1])


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
    actors = [_Actor(walk, seed * 100 + number) for number, walk in enumerate(walks)]
    actors.sort(key=lambda actor: -actor.walk.depth)
    for number in range(round(seconds * RATE)):
        time, canvas = number / RATE, room.copy()
        for actor in actors:
            way = actor.walk.x(time)
            if way is None:
                continue
            x, y = way * SIZE[0], SIZE[1] * (_FLOOR_Y - 0.14 * actor.walk.depth)
            bob = 0.006 * actor.height * abs(np.sin(actor.phase(time))) if actor.still else 0.0
            layer, foot = actor.layer(time)
            _shadow(canvas, x, y, actor.height)
            lay(canvas, layer, x - foot, y - 0.985 * actor.height - bob)
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
    with new_file(path, suffix=f".new{path.suffix}") as fresh:
        writer = cv2.VideoWriter(str(fresh), cv2.VideoWriter.fourcc(*"mp4v"), RATE, SIZE)
        if not writer.isOpened():
            raise ModelError(f"{path}: cannot be written.")
        for frame in progress(film_frames(room, walks, seconds, seed), round(seconds * RATE)):
            writer.write(frame)
        writer.release()
