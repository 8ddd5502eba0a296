from __future__ import annotations

import os

import numpy as np
import pytest

from calibration.drift import ReferenceFile, reference_path
from store import Site
from tests.calibration.test_drift import pictures, room, turned
from vision.drift import EVERY_S, PICTURES, DriftMonitor
from vision.frame import Frame


class Camera:
    """A camera's clock and what it shows."""

    def __init__(self, monitor: DriftMonitor) -> None:
        self.monitor, self.time = monitor, 0.0

    def show(self, image: np.ndarray, windows: int = 1) -> str:
        for _ in range(windows):
            for picture in pictures(image):
                self.time += EVERY_S
                frame = Frame("door", self.time, picture)
                self.monitor.update(frame)
                self.monitor.update_empty(frame)
        return self.monitor.problem


@pytest.fixture
def camera(site: Site) -> Camera:
    (site.folder / "cameras").mkdir(exist_ok=True)
    return Camera(DriftMonitor(ReferenceFile(site.folder, "door"), live=True))


def test_the_first_background_is_the_reference(site: Site, camera: Camera) -> None:
    for picture in pictures(room())[: PICTURES - 1]:
        camera.time += EVERY_S
        camera.monitor.update_empty(Frame("door", camera.time, picture))
    assert not reference_path(site.folder, "door").exists()
    camera.show(room())
    assert reference_path(site.folder, "door").is_file()


def test_two_backgrounds_must_agree_that_it_moved_and_that_it_is_back(camera: Camera) -> None:
    camera.show(room())
    assert camera.show(turned(room(), 3)) == ""
    assert camera.show(turned(room(), 3)) == "moved"
    assert camera.show(room()) == "moved"
    assert camera.show(room()) == ""


def test_one_that_had_moved_has_moved_until_it_is_seen_otherwise(
    site: Site, camera: Camera
) -> None:
    camera.show(room())
    again = Camera(DriftMonitor(ReferenceFile(site.folder, "door"), live=True, moved=True))
    assert again.monitor.problem == "moved"
    assert again.show(room(), 2) == ""


def test_a_new_reference_counts_at_once(site: Site, camera: Camera) -> None:
    camera.show(room())
    assert camera.show(turned(room(), 3), 2) == "moved"
    reference_path(site.folder, "door").unlink()
    assert camera.show(turned(room(), 3)) == ""
    assert camera.show(turned(room(), 3), 2) == ""


def test_a_picture_that_never_changes_is_frozen_and_a_file_may_be(site: Site) -> None:
    for live, problem in ((True, "frozen"), (False, "")):
        monitor = DriftMonitor(ReferenceFile(site.folder, "door"), live)
        for second in range(60):
            monitor.update(Frame("door", float(second), room()))
        assert monitor.problem == problem


def test_a_damaged_reference_is_reported_and_not_replaced(site: Site, camera: Camera) -> None:
    camera.show(room())
    path = reference_path(site.folder, "door")
    path.write_bytes(path.read_bytes()[:100])
    for moved, problem in ((False, "unchecked"), (True, "moved")):
        again = Camera(DriftMonitor(ReferenceFile(site.folder, "door"), live=True, moved=moved))
        assert again.show(turned(room(), 6), 3) == problem
        assert path.stat().st_size == 100
    path.unlink()  # as confirming the masks does
    assert again.show(room(), 2) == ""


def test_a_reference_damaged_meanwhile_is_seen_though_people_never_leave(
    site: Site, camera: Camera
) -> None:
    camera.show(room())
    path = reference_path(site.folder, "door")
    good = path.read_bytes()
    monitor = DriftMonitor(ReferenceFile(site.folder, "door"), live=True)
    for second, content, problem in (
        (5.0, good, ""),
        (10.0, good[:100], "unchecked"),
        (20.0, good, ""),
    ):
        path.write_bytes(content)
        os.utime(path, (second, second))
        monitor.update(Frame("door", second, room()))
        assert monitor.problem == problem
