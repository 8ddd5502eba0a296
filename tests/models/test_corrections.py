"""Which corrected pictures a training may see, and which names are those of an export."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.coco import BoxedPicture, write_coco
from models.corrections import (
    CORRECTED,
    IMAGES,
    blocks_of,
    hold_out,
    match_names,
    picture_name,
    read_corrected,
    read_for_training,
)
from models.errors import ModelError


def boxed(file: str) -> BoxedPicture:
    return BoxedPicture(
        file, 40, 30, np.array([[1, 2, 11, 22]], np.float32), np.array([3], np.int64)
    )


def test_names_with_a_prefix_are_found() -> None:
    names = ["door-1-000001000.jpg", "door-1-000002000.jpg"]
    theirs = [boxed("3f2a-door-1-000002000.jpg"), boxed("door-1-000001000.jpg")]
    assert match_names(theirs, names, "x") == names[::-1]
    with pytest.raises(ModelError, match=r"'other\.jpg' is not of this data set"):
        match_names([boxed("other.jpg")], names, "x")
    with pytest.raises(ModelError, match="is there twice"):
        match_names([theirs[1], theirs[1]], names, "x")


def test_half_minutes_are_held_out_whole() -> None:
    blocks = {f"{n}.jpg": str(n // 10) for n in range(200)}
    held = hold_out(blocks)
    assert len({blocks[name] for name in held}) == 4
    assert len(held) == 40
    assert hold_out({"a": "one", "b": "two"}) in ({"a"}, {"b"})
    assert hold_out({"a": "one", "b": "one"}) == set()


def test_of_a_short_clip_seconds_are_held_out() -> None:
    names = [picture_name("door-1", time) for time in np.arange(0, 20, 0.5)]
    blocks = blocks_of(names)
    assert len(set(blocks.values())) == 4
    assert len(hold_out(blocks)) == 10
    assert len(set(blocks_of([*names, picture_name("door-1", 61)]).values())) == 2
    assert blocks_of(["other.jpg"]) == {"other.jpg": "other.jpg"}


def test_a_training_never_sees_what_is_held_out(tmp_path: Path) -> None:
    names = [picture_name("door-1", time) for time in range(0, 300, 10)]
    (tmp_path / IMAGES).mkdir()
    for name in names:
        cv2.imwrite(str(tmp_path / IMAGES / name), np.zeros((30, 40, 3), np.uint8))
    write_coco(tmp_path / CORRECTED, [boxed(name) for name in names], {})
    held = {one.path for one in read_corrected(tmp_path) if one.held_out}
    trained = read_for_training(tmp_path)
    assert len(held) == 6  # two of ten half minutes
    assert len(trained) == 24
    assert not held & {path for path, _ in trained}
    assert trained[0][1].tolist() == [[3, 1, 2, 11, 22]]
    (tmp_path / IMAGES / names[0]).unlink()
    with pytest.raises(ModelError, match=r"the picture is missing.*recorded with consent"):
        read_corrected(tmp_path)


def test_nothing_was_imported(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="Import them with: fittingroom dataset import"):
        read_corrected(tmp_path)
