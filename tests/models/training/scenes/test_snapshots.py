"""Photos of clothes lying about: kinds, cut-outs, scenes, surfaces."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.errors import ModelError
from models.taxonomy import EMBEDDER_CATEGORIES
from models.training.data import held_out
from models.training.scenes.snapshots import (
    LabelledSnapshots,
    Snapshot,
    Surfaces,
    cut_out_snapshot,
    garment_box,
    load_snapshots,
    of_garments,
    snapshot_scene,
)
from tests.conftest import noise


def write_table(root: Path, words: list[str], senders: bool = True) -> None:
    """Write `garments.csv`, each photo by a sender of its own."""
    (root / "data/garments").mkdir(parents=True, exist_ok=True)
    head = ["file,label,sender" if senders else "file,label"]
    rows = [f"{n}.png,{word}" + f",{n}" * senders for n, word in enumerate(words)]
    (root / "data/garments.csv").write_text("\n".join(head + rows))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """24 grey photos, each of its own grey; the one of sender 18 is held out."""
    write_table(tmp_path, ["Dress"] * 24)
    for number in range(24):
        grey = np.full((60, 80, 3), 10 * number, np.uint8)
        cv2.imwrite(str(tmp_path / f"data/garments/{number}.png"), grey)
    return tmp_path


@pytest.fixture
def lying(tmp_path: Path) -> tuple[Snapshot, tuple[int, int, int, int]]:
    """A red dress on a grainy floor, and its box."""
    floor = (noise(300, 220, 1) // 8 + 90).astype(np.uint8)
    outline = np.array([[80, 70], [140, 70], [130, 120], [169, 219], [50, 219], [90, 120]])
    cv2.fillPoly(floor, [outline], (40, 40, 200))
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), floor)
    return Snapshot(path, ("dress",)), (50, 70, 170, 220)


def test_surfaces_are_corners_of_photos_split_by_sender(data: Path) -> None:
    seen = []
    for validation in (False, True):
        surfaces, rng = Surfaces(load_snapshots(data, validation)), np.random.default_rng(0)
        patches = [surfaces.pick(rng) for _ in range(200)]
        assert all(patch.shape[0] <= 18 and patch.shape[1] <= 24 for patch in patches)
        senders = {round(int(patch[0, 0, 0]) / 10) for patch in patches}
        assert {held_out(str(sender)) for sender in senders} == {validation}
        seen.append(len(surfaces))
    assert sum(seen) == 24


def test_no_table_is_no_photos_and_a_missing_column_is_named(tmp_path: Path) -> None:
    assert load_snapshots(tmp_path, False) == []
    write_table(tmp_path, ["Dress"], senders=False)
    with pytest.raises(ModelError, match="lacks the column 'sender'"):
        load_snapshots(tmp_path, False)


def test_a_senders_word_may_mean_several_kinds_or_none(tmp_path: Path) -> None:
    words = ["Pants", "Outwear", "Longsleeve", "Hoodie", "Not sure", "Dress", "Shoes"]
    write_table(tmp_path, words)
    both = [s for v in (False, True) for s in load_snapshots(tmp_path, v)]
    assert {words[int(s.path.stem)]: s.categories for s in both} == {
        "Pants": ("trousers", "jeans"),
        "Outwear": ("jacket", "coat"),
        "Longsleeve": ("top", "sweater"),
        "Hoodie": ("sweater",),
        "Not sure": (),
        "Dress": ("dress",),
        "Shoes": ("shoes",),
    }
    assert {words[int(s.path.stem)] for s in of_garments(both)} == set(words) - {
        "Not sure",
        "Shoes",
    }


def test_kind_examples_are_parts_of_photos_and_the_same_by_seed(data: Path) -> None:
    examples = LabelledSnapshots(load_snapshots(data, False))
    pictures, may = examples.draw(5, np.random.default_rng(3))
    again, _ = examples.draw(5, np.random.default_rng(3))
    assert [p.shape for p in pictures] == [p.shape for p in again]
    assert all(np.array_equal(a, b) for a, b in zip(pictures, again, strict=True))
    assert all(39 <= p.shape[0] <= 60 and 52 <= p.shape[1] <= 80 for p in pictures)
    assert may.shape == (5, len(EMBEDDER_CATEGORIES))
    assert (may.argmax(1) == EMBEDDER_CATEGORIES.index("dress")).all()
    assert (may.sum(1) == 1).all()
    assert LabelledSnapshots([]).draw(5, np.random.default_rng(3))[1].shape == (
        0,
        len(EMBEDDER_CATEGORIES),
    )


def test_a_garment_is_cut_out_of_its_photo(
    lying: tuple[Snapshot, tuple[int, int, int, int]],
) -> None:
    snapshot, truth = lying
    photo = cv2.imread(str(snapshot.path))
    box = garment_box(np.asarray(photo, np.uint8))
    assert box is not None
    assert np.abs(np.subtract(box, truth)).max() <= 6
    cutout = cut_out_snapshot(snapshot)
    assert cutout is not None
    assert cutout.category == "dress"
    solid = cutout.image[..., 3] > 200
    assert (cutout.image[solid, 2] > 150).mean() > 0.97  # red, as the garment is and no floor
    assert cutout.image.shape[0] == pytest.approx(truth[3] - truth[1], abs=8)


def test_what_does_not_stand_out_is_not_cut_out(data: Path, tmp_path: Path) -> None:
    plain = load_snapshots(data, False)[0]
    assert cut_out_snapshot(plain) is None
    assert snapshot_scene(plain, 128, np.random.default_rng(0)) is None
    assert cut_out_snapshot(Snapshot(tmp_path / "never-read.png", ())) is None


def test_a_snapshot_is_a_scene_with_one_garment(
    lying: tuple[Snapshot, tuple[int, int, int, int]],
) -> None:
    for seed in range(6):
        scene = snapshot_scene(lying[0], 160, np.random.default_rng(seed))
        assert scene is not None
        assert scene.image.shape == (160, 160, 3)
        (label,) = scene.labels
        assert label.category == "dress"
        x1, y1, x2, y2 = label.box
        assert 0 <= x1 < x2 <= 160
        assert 0 <= y1 < y2 <= 160
        inside = scene.image[y1:y2, x1:x2].astype(int)
        around = scene.image.astype(int).sum((0, 1)) - inside.sum((0, 1))
        redness = inside[..., 2].mean() - inside[..., 0].mean()
        outside = (around[2] - around[0]) / (160 * 160 - inside[..., 0].size)
        assert redness > outside + 20
