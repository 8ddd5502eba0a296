"""Turn a film's script into a job for the renderer: meshes, materials, and where all is when."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from common.files import write_whole
from common.image import Image
from models.errors import ModelError
from models.simulation.cutout import Cutout
from models.simulation.fabric import Fabric, weave
from models.training.films.camera import CAMERAS, RATE, FilmCamera
from models.training.films.carry import Carried, curl_fingers, pose_arm
from models.training.films.clothing import Part, dress
from models.training.films.gait import Track, Walker
from models.training.films.makehuman import Assets
from models.training.films.motion import Cycle
from models.training.films.pose import Pose, Rig, yaw
from models.training.films.room import Light, Thing, build_room, cloth_material, matt, rack, tube
from models.training.films.script import Film, Walk

Floats = NDArray[np.float64]
Rng = np.random.Generator

#: Index of the first person's pixels, and of the first carried garment's.
PERSON: Final = 1
GARMENT: Final = 100
#: Pixels around what moves that are rendered too, for its shadow.
_MARGIN: Final = 26
_WIRE_M: Final = 0.0035
#: Rays per pixel of the empty room, and of a frame.
_ROOM_SAMPLES: Final = 32
SAMPLES: Final = 10


@dataclass
class Performer:
    """A walk with its body, clothes and cloth."""

    number: int
    walk: Walk
    walker: Walker
    parts: tuple[Part, ...]
    loads: dict[int, Carried]
    trolley: list[Thing]

    def pose(self, time: float) -> Pose:
        """Pose the body at a time, arms around what they carry."""
        pose = self.walker.pose(time)
        phase = self.walker.phase(self.walker.track.distance(time))
        for carrying in self.walk.carries:
            if carrying.at(time):
                sway = 0.03 * float(np.sin(4 * np.pi * phase))
                pose_arm(pose, carrying.load.way, carrying.load.side, sway)
                if carrying.load.way != "forearm":
                    curl_fingers(pose, carrying.load.side)
        if self.walk.trolley:
            for side in "LR":
                pose_arm(pose, "hanger", side)
        return pose

    def at(self, time: float) -> dict[str, Floats]:
        """Return the vertices of all that is there at a time, by name; moves the cloth on."""
        if not self.walker.track.there(time):
            return {}
        pose = self.pose(time)
        skinned, prefix = pose.skin(), f"walk{self.number}"
        found = {f"{prefix}-{part.name}": part.posed(skinned) for part in self.parts}
        for n, carrying in enumerate(self.walk.carries):
            if not carrying.at(time):
                continue
            if n in self.loads:
                self.loads[n].advance(1 / RATE, pose)
            else:
                self.loads[n] = Carried(carrying.load, pose)
            found[f"{prefix}-load{n}"] = self.loads[n].position
            wire = self.loads[n].hanger(pose)
            if wire is not None:
                found[f"{prefix}-hanger{n}"] = tube("", wire, _WIRE_M, {}).points
        distance = self.walker.track.distance(time)
        turn, at = yaw(self.walker.track.heading(distance)), self.walker.track.position(distance)
        for thing in self.trolley:
            found[thing.name] = thing.points @ turn.T + [at[0], at[1], 0]
        return found


def _performer(number: int, walk: Walk, assets: Assets, cycle: Cycle, rail: list[Cutout],
               rng: Rng) -> Performer:  # fmt: skip
    human = assets.human(walk.actor.shape, walk.actor.height)
    walker = Walker(Rig(human, cycle), Track(walk.route))
    trolley = []
    if walk.trolley:
        trolley = rack(f"walk{number}-rail", (-0.6, -0.75), (1.0, 0.0), 1.2, rail, rng)
    return Performer(number, walk, walker, dress(human, walk.actor.looks), {}, trolley)


def _fabric_picture(fabric: Fabric, rng: Rng) -> Image:
    """Weave a fabric for `FABRIC_M` of cloth; the drawn patterns are for about 0.9 m."""
    return np.clip(weave(700, 700, fabric, rng), 0, 255).astype(np.uint8)


def _worn(performer: Performer, rng: Rng) -> Iterator[Thing]:
    """Yield the parts of a body with their materials."""
    looks, walk = performer.walk.actor.looks, performer.walk
    plain = {
        "skin": matt(looks.skin, 0.5),
        "hair": matt(looks.hair, 0.6, bump=0.012, grain=90.0),
        "shoes": matt(looks.shoes, 0.45),
        "eyes": matt((60, 60, 66), 0.3),
    }
    for part in performer.parts:
        texture = None
        if part.name in ("upper", "lower"):
            fabric = getattr(looks.outfit, part.name)
            texture = _fabric_picture(fabric, rng)
            material = matt(fabric.colour, 0.85, bump=0.03, grain=5.0)
        else:
            material = plain[part.name]
        options = {"smooth": True, "subdivide": 0 if part.name in ("eyes", "skin") else 1,
                   "moves": True, "index": PERSON + walk.person}  # fmt: skip
        points = performer.walker.rig.human.mesh.vertices[part.vertices]
        yield Thing(f"walk{performer.number}-{part.name}", points, part.faces, material, part.uv,
                    texture, options)  # fmt: skip


def _carried(performer: Performer, indices: dict[str, int]) -> Iterator[Thing]:
    """Yield what a performer carries in the film, and the hangers."""
    for n, load in performer.loads.items():
        garment = load.load.garment
        index = indices.setdefault(f"{performer.number}-{n}", GARMENT + len(indices))
        options = {"smooth": True, "moves": True, "index": index, "subdivide": 1}
        yield Thing(f"walk{performer.number}-load{n}", load.position, load.sheet.faces,
                    cloth_material(), load.sheet.uv, garment.image, options)  # fmt: skip
        if load.load.way == "hanger":
            wire = tube(f"walk{performer.number}-hanger{n}", np.zeros((11, 3)), _WIRE_M,
                        matt((120, 120, 124), 0.3))  # fmt: skip
            wire.options = {"moves": True, "index": 0}
            yield wire


def _border(camera: FilmCamera, there: dict[str, Floats]) -> list[float] | None:
    """Return the part of the rendered picture in which anything moves; relative."""
    if not there:
        return None
    pixels, depth = camera.project(np.concatenate(list(there.values())), distorted=False)
    pixels = pixels[depth > 0.1]
    size = np.array(camera.size)
    if not len(pixels):
        return None
    low, high = pixels.min(0) - _MARGIN, pixels.max(0) + _MARGIN
    low, high = np.clip(low, 0, size), np.clip(high, 0, size)
    if (high - low < 8).any():
        return None
    return [*(np.floor(low) / size).tolist(), *(np.ceil(high) / size).tolist()]


def prepare(folder: Path, film: Film, assets: Assets, cycle: Cycle, garments: list[Cutout],
            poster: Image, samples: int = SAMPLES) -> None:  # fmt: skip
    """Simulate a film and write the renderer's job, unless it is there already.

    Args:
        folder: Folder of the film's job.
        film: The film.
        assets: MakeHuman's files.
        cycle: The walk.
        garments: What hangs on racks and rails.
        poster: uint8 BGR picture on the wall.
        samples: Rays per pixel of a frame.

    Raises:
        ModelError: The folder holds another film, or one of another seed or sampling.
    """
    if (folder / "job.json").is_file():
        made = json.loads((folder / "job.json").read_text())["film"]
        if made != _named(film, samples):
            raise ModelError(f"{folder}: holds the frames of another film ({made}); remove it.")
        return
    (folder / "frames").mkdir(parents=True, exist_ok=True)
    (folder / "renders").mkdir(exist_ok=True)
    rng, camera = np.random.default_rng([film.seed, 43]), CAMERAS[film.camera]
    performers = [_performer(n, walk, assets, cycle, garments[:6], rng)
                  for n, walk in enumerate(film.walks)]  # fmt: skip
    borders = []
    for number in range(round(film.seconds * RATE)):
        there: dict[str, Floats] = {}
        for performer in performers:
            there |= performer.at(number / RATE)
        borders.append(_border(camera, there))
        packed: dict[str, Any] = {n: p.astype(np.float32) for n, p in there.items()}
        np.savez(folder / "frames" / f"{number:05d}.npz", **packed)
    things, lights = build_room(rng, garments, poster)
    indices: dict[str, int] = {}
    for performer in performers:
        things += [*_worn(performer, rng), *_carried(performer, indices)]
        for thing in performer.trolley:
            thing.options |= {"moves": True}
            things.append(thing)
    _write(folder, film, camera, things, lights, borders, samples)


def _named(film: Film, samples: int) -> dict[str, Any]:
    return {"name": film.name, "seed": film.seed, "camera": film.camera, "samples": samples}


def _write(
    folder: Path,
    film: Film,
    camera: FilmCamera,
    things: list[Thing],
    lights: list[Light],
    borders: list[list[float] | None],
    samples: int,
) -> None:
    arrays: dict[str, Any] = {}
    objects = {}
    for thing in things:
        arrays[f"{thing.name}/points"] = thing.points.astype(np.float32)
        arrays[f"{thing.name}/faces"] = thing.faces.astype(np.int32)
        if thing.uv is not None:
            arrays[f"{thing.name}/uv"] = thing.uv.astype(np.float32)
        if thing.texture is not None:
            path = folder / f"{thing.name}.png"
            cv2.imwrite(str(path), thing.texture)
            thing.material |= {"texture": str(path.resolve())}
        objects[thing.name] = {"index": 0, **thing.options, "material": thing.material}
    np.savez(folder / "meshes.npz", **arrays)
    job = {
        "film": _named(film, samples),
        "objects": objects,
        "lights": [vars(light) | {"watts": light.watts * film.light} for light in lights],
        "camera": {"location": camera.location, "axes": camera.axes.tolist(),
                   "view": camera.render_view, "size": camera.size},
        "ambient": [0.16 * film.light] * 3,
        "borders": borders,
        "samples": samples,
        "room_samples": _ROOM_SAMPLES,
        "denoise": True,
        "threads": os.cpu_count() or 1,
    }  # fmt: skip
    write_whole(folder / "job.json", json.dumps(job))
