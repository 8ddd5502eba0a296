"""A film's job with MakeHuman's files, where they are at hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError
from models.training.films.camera import RATE
from models.training.films.carry import curl_fingers, pose_arm
from models.training.films.clothing import dress
from models.training.films.gait import Route
from models.training.films.generate import choose_films, film_wardrobe
from models.training.films.makehuman import Assets, Human, read_assets
from models.training.films.motion import Cycle, read_motion
from models.training.films.pose import Pose, Rig
from models.training.films.script import random_actor
from models.training.films.shoot import GARMENT, prepare

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def assets(shared: Path) -> Assets:
    return read_assets(shared / "humans")


@pytest.fixture(scope="module")
def cycle(shared: Path) -> Cycle:
    return Cycle(read_motion(shared / "humans/walk1.bvh"))


@pytest.fixture(scope="module")
def human(assets: Assets) -> Human:
    return assets.human({"caucasian-male-young": 1.0}, 1.8)


@pytest.fixture
def standing(human: Human, cycle: Cycle) -> Pose:
    return Rig(human, cycle).pose(0.0, 0.0)


def test_a_body_at_rest_skins_to_itself(human: Human) -> None:
    pose = Pose(human, np.repeat(np.eye(3)[None], len(human.bones), 0), human.heads.copy())
    assert pose.skin() == pytest.approx(human.mesh.vertices, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_clothes_cover_the_body_and_leave_the_head_free(human: Human, seed: int) -> None:
    looks = random_actor(np.random.default_rng(seed)).looks
    parts = {part.name: part for part in dress(human, looks)}
    assert set(parts) == {"skin", "hair", "shoes", "eyes", "upper", "lower"}
    rest = human.mesh.vertices
    waist = human.heads[human.index("spine05"), 2]
    assert rest[parts["upper"].vertices, 2].min() < waist < rest[parts["lower"].vertices, 2].max()
    assert rest[parts["skin"].vertices, 2].max() == pytest.approx(1.8)
    assert rest[parts["shoes"].vertices, 2].max() < 0.15
    for part in parts.values():
        moved = np.linalg.norm(part.posed(rest) - rest[part.vertices], axis=1)
        assert moved == pytest.approx(np.abs(part.offset), abs=1e-6)


def test_an_arm_comes_forward_for_a_garment_and_the_hand_closes(standing: Pose) -> None:
    human = standing.human
    elbow, wrist, tip = (human.index(f"{b}.L") for b in ("lowerarm01", "wrist", "finger3-3"))
    pose_arm(standing, "forearm", "L")
    forearm = standing.heads[wrist] - standing.heads[elbow]
    assert forearm[1] < -0.9 * np.linalg.norm(forearm)  # they face -y
    before = np.linalg.norm(standing.heads[tip] - standing.heads[wrist])
    curl_fingers(standing, "L")
    assert np.linalg.norm(standing.heads[tip] - standing.heads[wrist]) < 0.8 * before


def test_a_job_has_everybody_where_they_are(assets: Assets, cycle: Cycle, tmp_path: Path) -> None:
    garments = film_wardrobe(0, 4)
    (film,) = choose_films(0, garments, ["one_garment-1"])
    walk = replace(film.walks[0], route=Route(((1.4, 0.1), (3.4, 0.1)), speed=1.2))
    film = replace(film, walks=(walk,), seconds=1.0)
    poster = np.zeros((8, 8, 3), np.uint8)
    prepare(tmp_path, film, assets, cycle, garments, poster, 4)
    job = json.loads((tmp_path / "job.json").read_text())
    assert len(job["borders"]) == RATE
    assert all(border is not None for border in job["borders"])
    assert job["objects"]["walk0-load0"]["index"] == GARMENT
    with (
        np.load(tmp_path / "frames/00000.npz") as first,
        np.load(tmp_path / "frames/00007.npz") as last,
    ):
        moved = last["walk0-skin"].mean(0) - first["walk0-skin"].mean(0)
        assert moved[0] == pytest.approx(1.2 * 7 / RATE, abs=0.15)
        assert first["walk0-skin"][:, 2].min() > -0.03
        load = last["walk0-load0"]
        assert np.linalg.norm(load.mean(0)[:2] - last["walk0-skin"].mean(0)[:2]) < 0.6
    prepare(tmp_path, film, assets, cycle, garments, poster, 4)  # goes on where it was
    with pytest.raises(ModelError, match="another film"):
        prepare(tmp_path, replace(film, seed=9), assets, cycle, garments, poster, 4)
