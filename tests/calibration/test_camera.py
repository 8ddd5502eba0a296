from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from calibration import CameraError, list_cameras, load_camera, parse_camera, save_camera

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
        ({"name": "../etc"}, "letters, digits"),
        ({"source": ""}, "source"),
        ({"gate": [GATE | {"from": [1.2, 0]}]}, "gate.0.from"),
        ({"gate": [GATE | {"in": "north"}]}, "gate.0.in"),
        ({"gate": [GATE | {"in": "up"}]}, "runs along the gate"),
        ({"gate": [GATE | {"to": [0.8, 0.31]}]}, "too short"),
        ({"gate": [GATE | {"rooms": []}]}, "gate.0.rooms"),
        ({"mask": [{"points": [[0, 0], [1, 1]]}]}, "mask.0.points"),
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
