"""Masks confirmed at the terminal: on a picture from the camera, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from calibration import load_camera
from cli.program import fittingroom
from store import Site
from tests.calibration.test_drift import room
from tests.cli.test_cli import GATE, refused, run
from tests.services.watching.test_watcher import write_clip

OVER_GATE = "[[0.5, 0.1], [1, 0.1], [1, 1], [0.5, 1]]"


@pytest.fixture
def door(site: Site) -> Site:
    """A site with a camera that plays a file of 640×360."""
    write_clip(site.folder / "clip.mp4", [room(width=640, height=360)] * 20)
    add(site, "door", "clip.mp4")
    return site


def add(site: Site, name: str, source: str, *more: str) -> str:
    result = run("camera", "add", name, "--source", source, "--gate", GATE, "--room", "1",
                 "--site", site.folder, *more)  # fmt: skip
    return result.stderr


@pytest.mark.parametrize("answer", ["n\n", "", "y\n"])
def test_the_picture_is_shown_and_the_answer_counts(door: Site, answer: str) -> None:
    words = ["calibrate", "confirm", "door", "--by", "Anna", "--site", str(door.folder)]
    result = CliRunner().invoke(fittingroom, words, input=answer)
    assert "door-masked.jpg (640×360 (16:9), 0 masks)" in result.output
    read = load_camera(door.folder, "door")
    assert read.masks_confirmed == (answer == "y\n")
    assert result.exit_code == (0 if answer == "y\n" else 1)
    assert not (door.folder / "door-masked.jpg").exists()
    if read.confirmed:
        assert (read.confirmed.width, read.confirmed.height) == (640, 360)


def test_a_dead_camera_is_not_confirmed_even_without_a_question(door: Site) -> None:
    (door.folder / "clip.mp4").unlink()
    refused(run("calibrate", "confirm", "door", "--by", "Anna", "--picture-seen", "--site",
                door.folder), "no such file")  # fmt: skip
    assert not load_camera(door.folder, "door").masks_confirmed


def test_a_camera_is_added_and_confirmed_only_with_a_picture(door: Site) -> None:
    assert "no such file" in add(door, "back", "none.mp4", "--confirmed-by", "Anna",
                                 "--picture-seen")  # fmt: skip
    assert not load_camera(door.folder, "back").masks_confirmed
    add(door, "back", "clip.mp4", "--replace", "--confirmed-by", "Anna", "--picture-seen")
    back = load_camera(door.folder, "back")
    assert back.masks_confirmed
    assert not back.fits(640, 480)


def test_the_picture_is_kept_where_it_is_asked_for(door: Site, tmp_path: Path) -> None:
    shown = tmp_path / "shown.jpg"
    result = run("calibrate", "confirm", "door", "--by", "Anna", "--picture-seen", "--shown",
                 shown, "--site", door.folder)  # fmt: skip
    assert result.returncode == 0
    assert shown.stat().st_size > 1000
    assert "for pictures of 640×360 (16:9)" in result.stderr


def test_a_mask_over_the_gate_is_warned_of(door: Site) -> None:
    drawn = run("calibrate", "masks", "door", "--mask", OVER_GATE, "--site", door.folder)
    assert "Warning: A mask covers 100% of the place" in drawn.stderr
    gate = run("calibrate", "gate", "door", "--gate", GATE, "--room", "1", "--site", door.folder)
    assert "Warning: A mask covers 100% of the place" in gate.stderr
    lines = run("calibrate", "status", "door", "--site", door.folder).stdout.splitlines()
    warned = {step["name"] for step in map(json.loads, lines) if step["warning"]}
    assert warned == {"masks", "gate"}


def test_a_camera_of_another_shape_is_refused_until_it_is_set_up_again(door: Site) -> None:
    run("calibrate", "confirm", "door", "--by", "Anna", "--picture-seen", "--site", door.folder)
    write_clip(door.folder / "clip.mp4", [room(width=640, height=480)] * 20)
    for words in (
        ("record", "door"),
        ("record", "door", "--video", "--by", "Anna", "--consent", "Anna, of herself"),
        ("calibrate", "reference", "door"),
        ("calibrate", "confirm", "door", "--by", "Anna", "--picture-seen"),
    ):
        refused(run(*words, "--site", door.folder), "4:3")
    run("calibrate", "reshape", "door", "--site", door.folder)
    result = run("calibrate", "confirm", "door", "--by", "Anna", "--picture-seen", "--site",
                 door.folder)  # fmt: skip
    assert result.returncode == 0
    assert load_camera(door.folder, "door").fits(640, 480)


def test_nothing_is_recorded_before_the_masks_are_confirmed(door: Site) -> None:
    refused(run("record", "door", "--site", door.folder), "its masks are not confirmed")
