"""Who stands for masks, and for pictures of which shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from calibration import Camera, CameraError, ShapeError, load_camera, parse_camera, save_camera
from calibration.confirmation import describe_shape
from calibration.files import read_version
from calibration.lens import Lens

GATE = {"name": "gate", "from": [0.8, 0.3], "to": [0.8, 1.0], "in": "right", "rooms": ["1"]}
MASK = {"points": [[0.0, 0.0], [0.2, 0.0], [0.2, 1.0], [0.0, 1.0]]}
OTHER = {"points": [[0.0, 0.0], [0.4, 0.0], [0.4, 1.0], [0.0, 1.0]]}
PICTURE = {"width": 640, "height": 480, "fps": 10.0, "sharpness": 1.0, "brightness": 120.0,
           "flicker": 0.0, "date": "2026-05-31"}  # fmt: skip


def camera(**parts: Any) -> Camera:
    return parse_camera(
        {"name": "door", "source": "0", "gate": [GATE], "mask": [MASK]} | parts, "t"
    )


def confirmed(width: int = 1280, height: int = 720) -> Camera:
    return camera().confirm_masks("Anna", "2026-05-31", width, height)


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (1920, 1080), (854, 480)])
def test_another_resolution_of_the_confirmed_shape_is_used(size: tuple[int, int]) -> None:
    confirmed().check_shape(*size)


@pytest.mark.parametrize("size", [(640, 480), (720, 1280), (720, 540), (1280, 1024), (1920, 1200)])
def test_another_shape_is_refused(size: tuple[int, int]) -> None:
    said = confirmed()
    assert not said.fits(*size)
    with pytest.raises(ShapeError, match=r"1280×720 \(16:9\), confirmed by Anna"):
        said.check_shape(*size)


def test_before_anything_is_calibrated_every_shape_may_be_looked_at() -> None:
    assert camera().fits(640, 480)
    assert camera().fits(1280, 720)
    assert not camera(picture=PICTURE).fits(1280, 720)


def test_the_confirmed_shape_counts_and_not_that_of_an_older_picture_check() -> None:
    said = camera(picture=PICTURE).confirm_masks("Anna", "2026-05-31", 1280, 720)
    assert said.fits(1280, 720)
    assert not said.fits(640, 480)


def test_masks_are_not_confirmed_on_another_shape_than_the_lens(lens: Lens) -> None:
    known = camera().model_copy(update={"lens": lens})
    with pytest.raises(CameraError, match="Forget the lens"):
        known.confirm_masks("Anna", "2026-05-31", 640, 480)
    assert known.confirm_masks("Anna", "2026-05-31", 1280, 720).masks_confirmed


@pytest.mark.parametrize(
    ("size", "name"),
    [
        ((1280, 720), "1280×720 (16:9)"),
        ((640, 480), "640×480 (4:3)"),
        ((720, 1280), "720×1280 (9:16)"),
        ((853, 479), "853×479 (16:9)"),
    ],
)
def test_shapes_are_named_as_people_do(size: tuple[int, int], name: str) -> None:
    assert describe_shape(*size) == name


def write_version_2(site: Path, **parts: Any) -> Path:
    """Write a camera's file as the version before did: confirmed, without a shape."""
    old = camera(**parts)
    said = {"by": "Anna", "date": "2026-05-31", "of": old.masks_fingerprint}
    path = save_camera(site, parse_camera(old.model_dump(mode="json", by_alias=True)
                                          | {"confirmed": said}, "t"))  # fmt: skip
    path.write_text(path.read_text().replace("version = 3", "version = 2"))
    return path


def test_an_older_file_takes_its_shape_from_the_picture_check(tmp_path: Path) -> None:
    write_version_2(tmp_path, picture=PICTURE)
    read = load_camera(tmp_path, "door")
    assert read.masks_confirmed
    assert read.confirmed is not None
    assert (read.confirmed.width, read.confirmed.height) == (640, 480)
    assert not read.fits(1280, 720)


def test_an_older_file_takes_its_shape_from_the_lens(tmp_path: Path, lens: Lens) -> None:
    write_version_2(tmp_path, picture=PICTURE, lens=lens.model_dump(mode="json"))
    read = load_camera(tmp_path, "door")
    assert read.masks_confirmed
    assert read.fits(1280, 720)
    assert not read.fits(640, 480)


def test_an_older_file_without_a_shape_has_to_be_confirmed_again(tmp_path: Path) -> None:
    write_version_2(tmp_path)
    read = load_camera(tmp_path, "door")
    assert not read.masks_confirmed
    assert "did not note the shape" in read.confirmation_problem
    # A picture check made later must not stand in for what Anna saw.
    save_camera(tmp_path, read.model_copy(update={"picture": camera(picture=PICTURE).picture}))
    assert not load_camera(tmp_path, "door").masks_confirmed


def test_a_version_brought_back_is_confirmed_only_where_the_present_one_is(tmp_path: Path) -> None:
    save_camera(tmp_path, confirmed())
    wider = camera(mask=[OTHER])
    save_camera(tmp_path, wider)
    # Nobody has looked since; the camera may have been turned.
    assert not wider.restore(read_version(tmp_path, "door", 1)).masks_confirmed
    turned = wider.confirm_masks("Tom", "2026-06-01", 1280, 720)
    assert not turned.restore(read_version(tmp_path, "door", 1)).masks_confirmed


def test_a_version_with_the_same_masks_keeps_the_present_confirmation(tmp_path: Path) -> None:
    save_camera(tmp_path, camera(gate=[]))
    present = camera().confirm_masks("Tom", "2026-06-01", 1280, 720)
    save_camera(tmp_path, present)
    restored = present.restore(read_version(tmp_path, "door", 1))
    assert restored.masks_confirmed
    assert restored.confirmed == present.confirmed
    assert restored.gates == ()


def test_a_version_keeps_the_present_address_and_with_it_the_confirmation() -> None:
    restored = confirmed().restore(camera(source="1", picture=PICTURE))
    assert restored.source == "0"
    assert restored.masks_confirmed


def test_a_version_with_a_lens_of_another_shape_is_not_confirmed(lens: Lens) -> None:
    kept = camera().model_copy(update={"lens": lens})
    assert not confirmed(640, 480).restore(kept).masks_confirmed
    assert confirmed(640, 360).restore(kept).masks_confirmed


def test_starting_again_keeps_the_masks_and_nothing_that_lies_elsewhere() -> None:
    again = (
        confirmed().model_copy(update={"picture": camera(picture=PICTURE).picture}).start_again()
    )
    assert again.masks == confirmed().masks
    assert (again.gates, again.picture, again.confirmed) == ((), None, None)
    assert again.fits(640, 480)
