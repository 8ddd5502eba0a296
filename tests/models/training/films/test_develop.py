"""A film of one frame, its render written as the renderer would."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError
from models.simulation.cutout import Cutout
from models.training.films.camera import CAMERAS
from models.training.films.carry import Load
from models.training.films.develop import Rendered, Sensor, develop, expose
from models.training.films.gait import Route
from models.training.films.script import Carrying, Film, Walk, random_actor
from services.bench import read_clip

WIDTH, HEIGHT = CAMERAS["corner"].size
BORDER = (300, 100, 460, 300)


def write_render(path: Path, light: float, index: np.ndarray) -> None:
    """Write a render as Blender does: a part for the light, one for the object index."""
    height, width = index.shape
    grey = np.full((height, width), light)
    parts = [
        {"ViewLayer.Combined.B": grey, "ViewLayer.Combined.G": grey, "ViewLayer.Combined.R": grey},
        {"ViewLayer.Object Index.X": index},
    ]
    headers = b""
    for part in parts:
        channels = b"".join(n.encode() + b"\0" + struct.pack("<iiii", 1, 0, 1, 1) for n in part)
        for name, value in (
            ("channels", channels + b"\0"),
            ("compression", b"\0"),
            ("dataWindow", struct.pack("<4i", 0, 0, width - 1, height - 1)),
        ):
            headers += f"{name}\0x\0".encode() + struct.pack("<i", len(value)) + value
        headers += b"\0"
    headers += b"\0"
    at = 8 + len(headers) + 16 * height
    table, lines = b"", b""
    for number, part in enumerate(parts):
        for row in range(height):
            table += struct.pack("<Q", at + len(lines))
            data = b"".join(values[row].astype("<f2").tobytes() for values in part.values())
            lines += struct.pack("<iii", number, row, len(data)) + data
    path.write_bytes(struct.pack("<ii", 20000630, 0x1002) + headers + table + lines)


@pytest.fixture
def film() -> Film:
    actor = random_actor(np.random.default_rng(0))
    load = Load(Cutout(np.zeros((4, 4, 4), np.uint8), "red-dress", "dress"), "hand")
    walk = Walk(0, actor, Route(((-2, 0.1), (4, 0.1)), speed=2.0), (Carrying(load),))
    return Film("one", "corner", 3.0, (walk,), 5)


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """Frames 0 to 23: in frame 3 a person with a garment, a square metre each, 3 m away."""
    folder = tmp_path / "job"
    (folder / "frames").mkdir(parents=True)
    (folder / "renders").mkdir()
    left, top, right, bottom = BORDER
    border = [left / WIDTH, top / HEIGHT, right / WIDTH, bottom / HEIGHT]
    objects = {"walk0-skin": {"index": 1}, "walk0-load0": {"index": 100}}
    borders = [border if n == 3 else None for n in range(24)]
    (folder / "job.json").write_text(json.dumps({"objects": objects, "borders": borders}))
    write_render(folder / "room.exr", 0.2, np.zeros((HEIGHT, WIDTH)))
    index = np.zeros((bottom - top, right - left))
    index[20:180, 20:80] = 1
    index[40:100, 80:120] = 100
    write_render(folder / "renders/00003.exr", 0.6, index)
    camera = CAMERAS["corner"]
    corners = np.array([[-0.5, -0.5, -3], [0.5, -0.5, -3], [0.5, 0.5, -3], [-0.5, 0.5, -3.0]])
    square = corners @ camera.axes.T + camera.location
    for number in range(24):
        small = 0.5 * square + 0.5 * square.mean(0)
        there = {"walk0-skin": square, "walk0-load0": small} if number == 3 else {}
        np.savez(folder / f"frames/{number:05d}.npz", **there)
    faces = np.array([[0, 1, 2, 3]])
    np.savez(folder / "meshes.npz", **{"walk0-skin/faces": faces, "walk0-load0/faces": faces})
    return folder


def test_a_rendered_part_is_laid_onto_the_room(job: Path) -> None:
    rendered = Rendered(job, CAMERAS["corner"])
    empty, nobody = rendered.frame(0)
    light, index = rendered.frame(3)
    assert not nobody.any()
    assert set(np.unique(index)) == {0, 1, 100}
    assert light[200, 380] == pytest.approx(0.6, abs=0.01)
    assert light[20, 20] == pytest.approx(empty[20, 20])
    steps = np.abs(np.diff(light[200, :, 0]))
    assert steps.max() < 0.05  # no seam


def test_a_film_becomes_a_clip_with_its_truth(job: Path, film: Film, tmp_path: Path) -> None:
    develop(job, film, tmp_path / "out")
    clip = read_clip(tmp_path / "out/one.mp4")
    assert len(clip.frames) == 24
    assert clip.frames[3].image.shape == (HEIGHT, WIDTH, 3)
    assert clip.frames[8].time == pytest.approx(1.0, abs=0.01)
    (event,) = clip.truth or []
    assert event["event"] == "entry"
    assert event["garments"] == [{"sku": "red-dress"}]
    ((label,),) = [clip.labels[n] for n in clip.labels]
    assert list(clip.labels) == [3]
    assert (label.sku, label.category) == ("red-dress", "dress")
    truth = json.loads((tmp_path / "out/one.truth.json").read_text())
    (person,) = truth["people"]
    assert person["person"] == 0
    left, top, right, bottom = person["box"]
    assert right - left == pytest.approx(60 * 0.9, rel=0.35)  # the lens draws it together
    assert bottom - top == pytest.approx(160 * 0.9, rel=0.35)
    assert 0 < person["visible"] < 1


def test_missing_frames_are_counted(job: Path, film: Film, tmp_path: Path) -> None:
    (job / "renders/00003.exr").unlink()
    with pytest.raises(ModelError, match="one: 1 frames are not rendered yet"):
        develop(job, film, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_exposure_brightens_and_noise_is_seeded() -> None:
    light = np.full((40, 60, 3), 0.2, np.float32)
    sensor = Sensor(1.0, (1.0, 1.0, 1.0), 2.0, 0.6, 0.5, 25)
    one, again = (expose(light, sensor, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one, again)
    assert one.std() > 0.5
    brighter = expose(light, replace(sensor, exposure=2.0), np.random.default_rng(3))
    assert brighter.mean() > one.mean() + 30
    assert expose(light * 100, sensor, np.random.default_rng(3)).min() > 200
