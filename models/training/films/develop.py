"""Develop a rendered film: lens, sensor, truth from the object index, and H.264."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from common.files import new_file, write_whole
from common.image import Image
from models.errors import ModelError
from models.training.films.camera import CAMERAS, RATE, FilmCamera
from models.training.films.exr import read_exr
from models.training.films.room import GATE_X, GATE_Y
from models.training.films.script import Film, events
from models.training.films.shoot import GARMENT, PERSON

Floats = NDArray[np.float32]
Rng = np.random.Generator

#: Objects of which less is seen are left out of the truth, as in composed scenes (`stage.py`):
#: pixels, and share of what is in the picture.
_LEAST_PX: Final = 60
_LEAST_SHARE: Final = 0.22
#: Width of the seam between what is rendered anew and the empty room, pixels.
_SEAM: Final = 12
_LAYER: Final = "ViewLayer"


@dataclass(frozen=True)
class Sensor:
    """How a film's camera turns light into pixels.

    Attributes:
        exposure: Factor on the light.
        balance: Factors on blue, green and red.
        noise: Standard deviation of a grey pixel's noise, of 255.
        soft: Standard deviation of the lens's blur, pixels.
        sharpen: Strength of the camera's own sharpening.
        quality: H.264's constant rate factor.
    """

    exposure: float
    balance: tuple[float, float, float]
    noise: float
    soft: float
    sharpen: float
    quality: int


def random_sensor(rng: Rng, room: Floats, light: float) -> Sensor:
    """Draw a camera; it exposes for the empty room, and dark rooms are noisier."""
    middle = float(np.percentile(room, 60))
    wanted = rng.uniform(0.3, 0.42) * (0.6 if light < 0.7 else 1.0)
    balance = np.exp(rng.normal(0, 0.03, 3))
    return Sensor(wanted / max(middle, 1e-4), (float(balance[0]), 1.0, float(balance[2])),
                  float(rng.uniform(2.0, 3.2) / light**0.5), float(rng.uniform(0.5, 0.75)),
                  float(rng.uniform(0.3, 0.7)), int(rng.integers(19, 24)))  # fmt: skip


def expose(light: Floats, sensor: Sensor, rng: Rng) -> Image:
    """Turn linear light, H×W×3 BGR, into a picture: curve, blur, noise, sharpening, vignette."""
    height, width = light.shape[:2]
    seen = light * (sensor.exposure * np.array(sensor.balance, np.float32))
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    seen = cv2.GaussianBlur(seen * (1 - 0.13 * (x * x + y * y))[..., None], (0, 0), sensor.soft)
    glow = cv2.GaussianBlur(np.maximum(seen - 0.9, 0), (0, 0), 9)
    seen = np.maximum(seen + 0.15 * glow, 0)
    curved = np.where(seen < 0.6, seen, 0.6 + 0.4 * np.tanh((seen - 0.6) / 0.4))
    picture = 255 * np.asarray(curved, np.float32) ** (1 / 2.2)
    channels = np.array([0.8, 0.5, 0.7], np.float32)
    grain = rng.standard_normal((height, width, 3), np.float32) * channels
    grain += rng.standard_normal((height, width, 1), np.float32) * 0.7
    grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), 0.6), np.float32) * 1.6
    dark = 1.35 - 0.9 * picture / 255
    picture = picture + sensor.noise * dark * grain
    picture += sensor.sharpen * (picture - cv2.GaussianBlur(picture, (0, 0), 1.2))
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


class Rendered:
    """The renders of a job: light and object indices of every frame, lens applied."""

    def __init__(self, folder: Path, camera: FilmCamera) -> None:
        """Read the empty room.

        Raises:
            ModelError: The room is not rendered yet.
        """
        self.folder, self._maps = folder, camera.lens_maps()
        self.borders = json.loads((folder / "job.json").read_text())["borders"]
        self._size = camera.size
        self.room, _ = self._read(folder / "room.exr")

    def _read(self, path: Path) -> tuple[Floats, NDArray[np.int32]]:
        layers = read_exr(path)
        light = np.dstack([layers[f"{_LAYER}.Combined.{c}"] for c in "BGR"])
        index = layers[f"{_LAYER}.Object Index.X"]
        return light, np.round(index).astype(np.int32)

    @property
    def missing(self) -> list[int]:
        """Frames that are not rendered yet."""
        return [n for n, border in enumerate(self.borders)
                if border is not None and not self._path(n).is_file()]  # fmt: skip

    def _path(self, number: int) -> Path:
        return self.folder / "renders" / f"{number:05d}.exr"

    def frame(self, number: int) -> tuple[Floats, NDArray[np.int32]]:
        """Return linear light (H, W, 3) BGR and the object index (H, W) of a frame."""
        light = self.room.copy()
        index = np.zeros(light.shape[:2], np.int32)
        border = self.borders[number]
        if border is not None:
            part, which = self._read(self._path(number))
            left, top = (round(b * s) for b, s in zip(border[:2], self._size, strict=True))
            where = np.s_[top : top + part.shape[0], left : left + part.shape[1]]
            share = _seam(part.shape[:2], (left, top), self._size)[..., None]
            light[where] = share * part + (1 - share) * light[where]
            index[where] = which
        x, y = self._maps
        seen = cv2.remap(light, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        ids = cv2.remap(index.astype(np.float32), x, y, cv2.INTER_NEAREST)
        return np.asarray(seen, np.float32), ids.astype(np.int32)


def _seam(shape: tuple[int, ...], at: tuple[int, int], size: tuple[int, int]) -> Floats:
    """Fade a part out towards its edges, except where the picture ends too."""
    height, width = shape
    share = np.ones((height, width), np.float32)
    ramp = np.linspace(0, 1, _SEAM + 1, dtype=np.float32)[1:]
    n = min(_SEAM, width // 2, height // 2)
    if at[0] > 0:
        share[:, :n] *= ramp[:n]
    if at[0] + width < size[0]:
        share[:, -n:] *= ramp[:n][::-1]
    if at[1] > 0:
        share[:n] *= ramp[:n, None]
    if at[1] + height < size[1]:
        share[-n:] *= ramp[:n][::-1, None]
    return share


def _silhouette(
    parts: Iterable[tuple[NDArray[np.float64], NDArray[np.int32]]], camera: FilmCamera
) -> int:
    """Return how many pixels of the picture parts cover together if nothing stands before them."""
    width, height = camera.size
    mask = np.zeros((height, width), np.uint8)
    for points, faces in parts:
        pixels, depth = camera.project(points)
        corners = np.round(np.clip(pixels, -4000, 4000)).astype(np.int32)
        for quad in corners[faces[(depth[faces] > 0.1).all(1)]]:
            cv2.fillConvexPoly(mask, quad, 1)
    return int(mask.sum())


class Truth:
    """Collects what is seen of people and garments, frame by frame."""

    def __init__(self, film: Film, folder: Path) -> None:
        """Read the job's meshes and which object is what."""
        self.film, self._folder, self._camera = film, folder, CAMERAS[film.camera]
        objects = json.loads((folder / "job.json").read_text())["objects"]
        self._names: dict[int, list[str]] = {}
        for name, spec in objects.items():
            if spec["index"]:
                self._names.setdefault(spec["index"], []).append(name)
        with np.load(folder / "meshes.npz") as arrays:
            self._faces = {name: arrays[f"{name}/faces"]
                           for names in self._names.values() for name in names}  # fmt: skip
        self.boxes: list[dict[str, Any]] = []
        self.people: list[dict[str, Any]] = []

    def add(self, number: int, index: NDArray[np.int32]) -> None:
        """Add what a frame shows."""
        with np.load(self._folder / "frames" / f"{number:05d}.npz") as there:
            for which, names in self._names.items():
                ys, xs = np.nonzero(index == which)
                if len(ys) < _LEAST_PX:
                    continue
                parts = [(there[n].astype(float), self._faces[n]) for n in names if n in there]
                share = len(ys) / max(_silhouette(parts, self._camera), 1)
                if share < _LEAST_SHARE:
                    continue
                box = [int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1]
                seen = {"frame": number, "box": box,
                        "visible": round(min(share, 1.0), 2)}  # fmt: skip
                if which < GARMENT:
                    self.people.append({"person": which - PERSON, **seen})
                else:
                    self.boxes.append(seen | self._garment(names[0]))

    def _garment(self, name: str) -> dict[str, Any]:
        walk, load = name.removeprefix("walk").split("-load")
        carrier = self.film.walks[int(walk)]
        garment = carrier.carries[int(load)].load.garment
        return {"person": carrier.person, "sku": garment.sku, "category": garment.category}

    def content(self) -> dict[str, Any]:
        """Return the truth file's content."""
        ends = np.array([[GATE_X, y, 0.0] for y in GATE_Y])
        pixels, _ = self._camera.project(ends)
        line = np.clip(pixels / self._camera.size, 0, 1).round(3).tolist()
        return {
            "fps": RATE,
            "size": list(self._camera.size),
            "gate": {"from": line[0], "to": line[1], "in": self._camera.inside},
            "events": events(self.film),
            "boxes": self.boxes,
            "people": self.people,
            "film": {"name": self.film.name, "seed": self.film.seed, "camera": self.film.camera},
        }


def develop(folder: Path, film: Film, out: Path) -> None:
    """Write `NAME.mp4` and `NAME.truth.json` of a film whose frames are rendered.

    Raises:
        ModelError: Frames are missing.
    """
    rendered = Rendered(folder, CAMERAS[film.camera])
    if rendered.missing:
        raise ModelError(f"{film.name}: {len(rendered.missing)} frames are not rendered yet.")
    rng = np.random.default_rng([film.seed, 47])
    sensor = random_sensor(rng, rendered.room, film.light)
    truth = Truth(film, folder)
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{film.name}.mp4"
    with new_file(path, suffix=".new.mp4") as fresh, av.open(str(fresh), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(RATE))
        stream.width, stream.height = CAMERAS[film.camera].size
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(sensor.quality), "preset": "slow"}
        for number in range(len(rendered.borders)):
            light, index = rendered.frame(number)
            truth.add(number, index)
            picture = expose(light, sensor, rng)
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    write_whole(path.with_suffix(".truth.json"), json.dumps(truth.content()) + "\n")
