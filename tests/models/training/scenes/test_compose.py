from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from models.simulation.cutout import crop_to_article, cut_out, garment_alpha
from models.simulation.drape import POSES, drape
from models.simulation.fabric import PATTERNS, Fabric
from models.simulation.figure import random_look
from models.simulation.rooms import draw_room
from models.taxonomy import GARMENTS
from models.training.scenes.clips import film_frames
from models.training.scenes.compose import Props, compose
from models.training.scenes.designs import drawn_wardrobe
from models.training.scenes.drawn import draw_garment, packshot_of
from models.training.scenes.entrance import draw_entrance
from models.training.scenes.photographed import redress, turn_away
from models.training.scenes.sheet import Design
from models.training.scenes.walks import crossings, straight, truth_of
from tests.conftest import noise


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / max((one | other).sum(), 1))


@pytest.mark.parametrize(
    ("colour", "least"),
    # A pale garment's contact shadow is as strong as the garment itself.
    [((40, 40, 190), 0.9), ((30, 30, 30), 0.9), ((226, 230, 232), 0.7), ((240, 240, 240), 0.7)],
    ids=["red", "black", "ecru", "white on white"],
)
def test_mattes_follow_the_garment(colour: tuple[int, int, int], least: float) -> None:
    cutout = draw_garment(Design("shirt", Fabric("plain", colour), 0, 3))
    shot = packshot_of(cutout, 240, 320)
    # The packshot's own compositing, without shadow, tells where the garment is.
    dark = draw_garment(Design("shirt", Fabric("plain", (0, 0, 0)), 0, 3))
    truth = packshot_of(dark, 240, 320).max(2) < 110
    assert overlap(garment_alpha(shot) > 127, truth) > least


def test_nothing_to_cut_out_is_said() -> None:
    with pytest.raises(ValueError, match="S1: no article stands out"):
        cut_out(np.full((80, 60, 3), 240, np.uint8), "S1", "top")


def test_a_picture_without_plain_ground_is_kept_whole() -> None:
    picture = noise(90, 70)
    assert crop_to_article(picture).size >= 0.8 * picture.size


@pytest.mark.parametrize("category", GARMENTS)
def test_every_garment_can_be_drawn_and_carried(category: str) -> None:
    for cut in range(3):
        pattern = PATTERNS[cut * 3]
        cutout = draw_garment(Design(category, Fabric(pattern, (60, 120, 180)), cut, cut))
        assert (cutout.image[..., 3] > 127).mean() > 0.25
    for pose in POSES:
        draped = drape(cutout, 120, np.random.default_rng(1), pose)
        assert (draped.image[..., 3] > 127).sum() > 200
        height, width = draped.image.shape[:2]
        assert 0 <= draped.anchor[0] <= width
        assert -0.1 * height <= draped.anchor[1] <= height  # a hook is above its garment


@dataclass(frozen=True)
class Drawn:
    image: np.ndarray
    mask: np.ndarray
    clothes: np.ndarray
    face: np.ndarray
    hair: np.ndarray
    wrists: np.ndarray
    others: np.ndarray


def person(rng: np.random.Generator) -> Drawn:
    mask = np.zeros((200, 100), bool)
    mask[10:195, 30:70] = True
    rows = np.arange(200)[:, None]
    clothes, face, hair = mask & (rows > 60), mask & (rows > 20) & (rows < 35), mask & (rows < 20)
    wrists = np.array([[30, 100], [70, 100]], np.float32)
    others = np.array([[2, 20, 24, 90]], np.float32)
    return Drawn(noise(200, 100, 3), mask, clothes, face, hair, wrists, others)


@pytest.fixture(scope="module")
def props() -> Props:
    wardrobe = drawn_wardrobe(4, 0)
    return Props(person, wardrobe, wardrobe, wardrobe)


def test_scenes_are_the_same_for_the_same_seed(props: Props) -> None:
    one = compose(props, 256, np.random.default_rng(3))
    again = compose(props, 256, np.random.default_rng(3))
    other = compose(props, 256, np.random.default_rng(4))
    assert (one.image == again.image).all()
    assert one.labels == again.labels
    assert (one.image != other.image).any()


def test_labels_lie_in_the_picture_and_name_known_things(props: Props) -> None:
    seen = set()
    for seed in range(25):
        scene = compose(props, 256, np.random.default_rng(seed))
        for label in scene.labels:
            x1, y1, x2, y2 = label.box
            assert 0 <= x1 < x2 <= 256
            assert 0 <= y1 < y2 <= 256
            assert label.category == "person" or label.category in GARMENTS
            seen.add(label.category == "person")
    assert seen == {True, False}


def test_who_else_is_in_a_photo_is_labelled(props: Props) -> None:
    def alone(rng: np.random.Generator) -> Drawn:
        return replace(person(rng), others=np.zeros((0, 4), np.float32))

    more = 0
    for seed in range(25):
        scene = compose(props, 256, np.random.default_rng(seed))
        without = compose(replace(props, person=alone), 256, np.random.default_rng(seed))
        assert (scene.image == without.image).all()
        assert set(without.labels) <= set(scene.labels)
        added = [label for label in scene.labels if label not in without.labels]
        assert {label.category for label in added} <= {"person"}
        more += len(added)
    assert more > 3


def test_a_person_is_redressed_where_clothes_are(props: Props) -> None:
    drawn = person(np.random.default_rng(0))
    dyed = redress(drawn, np.random.default_rng(1))
    assert (dyed[:50] == drawn.image[:50]).all()
    assert (dyed[:, 80:] == drawn.image[:, 80:]).all()
    assert np.abs(dyed[100:180, 35:65].astype(int) - drawn.image[100:180, 35:65]).mean() > 5


def test_some_are_dressed_in_black() -> None:
    drawn = person(np.random.default_rng(0))
    worn = [
        redress(drawn, np.random.default_rng(seed))[100:180, 35:65].mean() for seed in range(40)
    ]
    assert 6 <= sum(lightness < 30 for lightness in worn) <= 22


def test_somebody_turned_away_has_no_face() -> None:
    drawn = person(np.random.default_rng(0))
    drawn.image[:20] = (20, 40, 60)
    turned = turn_away(drawn.image, drawn, np.random.default_rng(1))
    assert np.abs(np.median(turned[24:32, 35:65], axis=(0, 1)) - (20, 40, 60)).max() < 4
    assert (turned[40:] == drawn.image[40:]).all()
    bald = replace(drawn, hair=np.zeros_like(drawn.hair))
    assert (turn_away(drawn.image, bald, np.random.default_rng(1)) == drawn.image).all()


def test_a_room_has_photographed_surfaces_where_there_are_some() -> None:
    def red(_rng: np.random.Generator) -> np.ndarray:
        return np.full((20, 30, 3), (0, 0, 255), np.uint8)

    reddest = []
    for seed in range(12):
        room = draw_room(200, 200, np.random.default_rng(seed), 0.5, red).astype(int)
        redness = room[..., 2] - room[..., :2].max(2) > 150
        reddest.append((redness[:100].mean() > 0.5, redness[100:].mean() > 0.5))
    walls, floors = np.sum(reddest, 0)
    assert 1 < walls < 11
    assert 1 < floors < 12
    assert (draw_room(90, 90, np.random.default_rng(1)).shape) == (90, 90, 3)


def test_a_clip_has_its_truth() -> None:
    look = random_look(np.random.default_rng(1))
    walks = (straight(1, look), straight(4, look, inward=False))
    truth = truth_of(walks)
    assert [e["event"] for e in truth["events"]] == ["entry", "exit"]
    assert truth["events"][0]["time"] == pytest.approx(crossings(walks[0])[0][0], abs=0.01)
    frames = list(film_frames(draw_entrance(), walks, 0.3, 1))
    again = list(film_frames(draw_entrance(), walks, 0.3, 1))
    assert len(frames) == 3
    assert all((a == b).all() for a, b in zip(frames, again, strict=True))
