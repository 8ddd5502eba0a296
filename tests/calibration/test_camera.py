from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from calibration import (
    Camera,
    CameraError,
    files,
    list_cameras,
    load_camera,
    parse_camera,
    save_camera,
)
from calibration.files import camera_path, newest_readable, read_version
from calibration.lens import Lens
from calibration.versions import list_versions

GATE = {"name": "gate", "from": [0.8, 0.3], "to": [0.8, 1.0], "in": "right", "rooms": ["1"]}


def camera(**values: Any) -> dict[str, Any]:
    return {"name": "door", "source": "clip.mp4", "gate": [GATE]} | values


def test_what_is_saved_loads_the_same(tmp_path: Path) -> None:
    masked = camera(mask=[{"points": [[0, 0], [0.5, 0], [0, 0.5]]}], loop=True)
    saved = parse_camera(masked, "test")
    save_camera(tmp_path, saved)
    assert load_camera(tmp_path, "door") == saved
    assert list_cameras(tmp_path) == ["door"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"sourse": "x"}, "unknown key 'sourse'; did you mean 'source'"),
        ({"name": "../etc"}, "letters from a to z, digits"),
        ({"name": "ünï"}, "'uni' would do"),
        ({"name": "Tür 1"}, "'Tur-1' would do"),
        ({"name": "門"}, "40 at most."),
        ({"source": ""}, "source"),
        ({"gate": [GATE | {"from": [1.2, 0]}]}, "gate.0.from"),
        ({"gate": [GATE | {"in": "north"}]}, "gate.0.in"),
        ({"gate": [GATE | {"in": "up"}]}, "runs along the gate"),
        ({"gate": [GATE | {"to": [0.8, 0.31]}]}, "too short"),
        ({"gate": [GATE | {"rooms": []}]}, "gate.0.rooms: name the room"),
        ({"gate": [GATE | {"rooms": ["1", " "]}]}, "gate.0.rooms.1"),
        ({"mask": [{"points": [[0, 0], [1, 1]]}]}, "mask.0.points: a mask needs three corners"),
        (
            {"mask": [{"points": [[0, 0], [1, 1], [1, 0], [0, 1]]}]},
            "crosses itself (its sides 1 and 3)",
        ),
        ({"mask": [{"points": [[0, 0], [0.5, 0.5], [1, 1]]}]}, "next to nothing"),
        ({"mask": [{"points": [[0, 0], [1.5, 0.5], [1, 1]]}]}, "1.5 is outside the picture"),
        ({"gate": [GATE, GATE]}, "two gates are called 'gate'"),
        ({"lens": {"focal": [0.8, -1]}}, "lens.focal.1"),
        ({"colour": {"matrix": [1, 0, 0]}}, "colour.matrix"),
        ({"confirmed": {"by": "", "date": "", "of": ""}}, "confirmed.by"),
        ({"version": 99}, "newer fittingroom"),
    ],
)
def test_names_what_is_wrong(values: dict[str, Any], said: str) -> None:
    with pytest.raises(CameraError, match=re.escape(said)):
        parse_camera(camera(**values), "test")


def test_an_unknown_camera_names_those_there_are(tmp_path: Path) -> None:
    save_camera(tmp_path, parse_camera(camera(), "test"))
    with pytest.raises(CameraError, match=r"unknown camera 'back' \(this site has: door\)"):
        load_camera(tmp_path, "back")


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    path = save_camera(tmp_path, parse_camera(camera(), "test"))
    path.write_text("name = [")
    with pytest.raises(CameraError, match="not valid TOML"):
        load_camera(tmp_path, "door")


def test_a_renamed_file_is_named(tmp_path: Path) -> None:
    path = save_camera(tmp_path, parse_camera(camera(), "test"))
    path.rename(path.with_name("other.toml"))
    with pytest.raises(CameraError, match="file is called 'other'"):
        load_camera(tmp_path, "other")


MASK = {"points": [[0.0, 0.0], [0.2, 0.0], [0.2, 1.0], [0.0, 1.0]]}


def test_a_confirmation_holds_for_the_masks_that_were_seen(tmp_path: Path) -> None:
    fresh = parse_camera(camera(mask=[MASK]), "test")
    assert not fresh.masks_confirmed
    with pytest.raises(CameraError, match="who looked"):
        fresh.confirm_masks(" ", "2026-05-31T10:00", 1280, 720)
    save_camera(tmp_path, fresh.confirm_masks("Anna", "2026-05-31T10:00", 1280, 720))
    assert load_camera(tmp_path, "door").masks_confirmed
    path = tmp_path / "cameras" / "door.toml"
    path.write_text(path.read_text().replace("0.2", "0.1"))
    assert not load_camera(tmp_path, "door").masks_confirmed


def test_no_masks_can_be_confirmed_too() -> None:
    fresh = parse_camera(camera(), "test")
    assert fresh.confirm_masks("Anna", "2026-05-31", 1280, 720).masks_confirmed


def test_everything_calibrated_is_kept(tmp_path: Path, lens: Lens) -> None:
    known = parse_camera(camera(), "test").model_copy(update={"lens": lens})
    save_camera(tmp_path, known)
    loaded = load_camera(tmp_path, "door")
    assert loaded.lens == lens
    assert loaded.floor is None


def test_comments_in_the_file_stay(tmp_path: Path) -> None:
    path = save_camera(tmp_path, parse_camera(camera(), "test"))
    path.write_text("# behind the mirror\n" + path.read_text())
    disabled = load_camera(tmp_path, "door").model_copy(update={"enabled": False})
    save_camera(tmp_path, disabled)
    assert path.read_text().startswith("# behind the mirror\n")
    assert load_camera(tmp_path, "door") == disabled


def test_old_versions_are_kept_and_can_be_restored(tmp_path: Path) -> None:
    save_camera(tmp_path, parse_camera(camera(), "test"))
    assert list_versions(camera_path(tmp_path, "door")) == []
    save_camera(tmp_path, parse_camera(camera(mask=[MASK]), "test"))
    save_camera(tmp_path, parse_camera(camera(mask=[MASK]), "test"))  # nothing changed
    assert [version.number for version in list_versions(camera_path(tmp_path, "door"))] == [1]
    save_camera(tmp_path, read_version(tmp_path, "door", 1))
    assert load_camera(tmp_path, "door").masks == ()
    assert [version.number for version in list_versions(camera_path(tmp_path, "door"))] == [2, 1]
    assert read_version(tmp_path, "door", 2).masks != ()
    assert list_cameras(tmp_path) == ["door"]
    with pytest.raises(CameraError, match=r"no version 9; kept are: 2, 1"):
        read_version(tmp_path, "door", 9)


def test_a_file_is_parsed_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save_camera(tmp_path, parse_camera(camera(), "test"))
    parsed: list[str] = []
    parse = files.parse_camera

    def count(data: dict[str, Any], where: str) -> Camera:
        parsed.append(where)
        return parse(data, where)

    monkeypatch.setattr(files, "parse_camera", count)
    assert load_camera(tmp_path, "door") is load_camera(tmp_path, "door")
    assert newest_readable(tmp_path, "door") is load_camera(tmp_path, "door")
    assert parsed == [str(path)]
    stamp = path.stat()
    text = path.read_text()
    changed = path.with_suffix(".other")
    changed.write_text(text.replace("clip.mp4", "film.mp4"))
    os.utime(changed, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    os.replace(changed, path)  # same time, same size
    assert load_camera(tmp_path, "door").source == "film.mp4"
    path.write_text("[[mask")
    with pytest.raises(CameraError, match="not valid TOML"):
        load_camera(tmp_path, "door")
    path.unlink()
    with pytest.raises(CameraError, match="unknown camera"):
        load_camera(tmp_path, "door")
