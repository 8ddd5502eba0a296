"""The steps of a calibration as commands, from recordings."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from calibration import load_camera, parse_camera, save_camera
from store import Site
from tests.calibration.simulated import SimulatedCamera, floor_sheet, lens_views
from tests.calibration.test_colour import CORNERS, cast, chart
from tests.cli.test_cli import refused, run

LINE = '{"from": [%s, 0.4], "to": [%s, 1.0], "in": "right"}'
PLACES = ((-0.8, -0.3, 0.3), (0.8, -0.2, 1.2), (0.0, 0.6, -0.5), (-0.6, 1.2, 2.0))


@pytest.fixture
def door(site: Site) -> Site:
    save_camera(site.folder, parse_camera({"name": "door", "source": "none.mp4"}, "test"))
    return site


def calibrate(site: Site, step: str, *words: object) -> subprocess.CompletedProcess[str]:
    return run("calibrate", step, "door", *words, "--site", site.folder)


def write_slow(path: Path, images: list[np.ndarray]) -> Path:
    """Write a film of one picture a second."""
    height, width = images[0].shape[:2]
    film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 1, (width, height))
    for image in images:
        film.write(image)
    film.release()
    return path


def test_lens_and_floor_are_calibrated_from_recordings(door: Site) -> None:
    camera = SimulatedCamera()
    views = [each for view in lens_views(camera, 12) for each in (view, view)]
    lens = calibrate(door, "lens", "--clip", write_slow(door.folder / "board.avi", views))
    assert lens.returncode == 0, lens.stderr
    assert "12 views\n" in lens.stderr
    assert "13 views\n" not in lens.stderr
    printed = json.loads(lens.stdout)
    known = load_camera(door.folder, "door").lens
    assert known
    assert printed["residual"] == known.residual
    lies = [camera.show([floor_sheet(*place)]) for place in (*PLACES, PLACES[0])]
    floor = calibrate(door, "floor", "--clip", write_slow(door.folder / "sheet.avi", lies))
    assert floor.returncode == 0, floor.stderr
    assert floor.stderr.splitlines()[-1] == "4 places"
    assert load_camera(door.folder, "door").floor
    again = calibrate(door, "lens", "--clip", door.folder / "sheet.avi")
    refused(again, "0 views of the board")
    assert load_camera(door.folder, "door").lens == known


def test_colours_are_corrected_by_a_chart(door: Site) -> None:
    clip = write_slow(door.folder / "chart.avi", [cast(chart())])
    corrected = calibrate(door, "colour", "--clip", clip, "--corners", json.dumps(CORNERS))
    assert corrected.returncode == 0, corrected.stderr
    printed = json.loads(corrected.stdout)
    assert printed["error_after"] < printed["error_before"]
    refused(calibrate(door, "colour", "--clip", clip, "--sheet", "[0, 0, 1]"), "four numbers")
    refused(calibrate(door, "colour", "--clip", clip, "--corners", "[1]"), "four points")


def test_a_gate_is_added_replaced_and_refused(door: Site) -> None:
    for called, x in (("a", 0.5), ("b", 0.6), ("a", 0.7)):
        line = LINE % (x, x)
        drawn = calibrate(door, "gate", "--gate", line, "--room", "1", "--called", called)
        assert drawn.returncode == 0, drawn.stderr
    assert "door has 2 gate(s)" in drawn.stderr
    gates = {gate.name: gate.start[0] for gate in load_camera(door.folder, "door").gates}
    assert gates == {"a": 0.7, "b": 0.6}
    refused(calibrate(door, "gate", "--gate", LINE % (0.99, 0.99), "--room", "1"), "right edge")
    refused(calibrate(door, "gate", "--gate", "[]", "--room", "1"), "not a JSON object")
    assert len(load_camera(door.folder, "door").gates) == 2


def test_badges_are_written_as_a_page(tmp_path: Path) -> None:
    out = tmp_path / "badges.pdf"
    written = run("calibrate", "badges", "--size", "6", "--out", out)
    assert written.returncode == 0, written.stderr
    assert out.read_bytes().startswith(b"%PDF")
    refused(run("calibrate", "badges", "--size", "60", "--out", tmp_path / "no.pdf"), "3 to 14 cm")
    assert not (tmp_path / "no.pdf").exists()
