"""Staff are recognised by the tag on their badge, and nobody else is."""

from __future__ import annotations

import numpy as np
import pytest
import supervision as sv

from calibration import parse_camera
from calibration.badge import badge_picture
from tests.recordings.make import empty_matcher
from vision.badge import BadgeReader
from vision.detect import Detections
from vision.frame import Frame
from vision.pipeline import TrackingStage
from vision.track import Tracks

ANNA, BEN = (100, 40, 200, 340), (300, 40, 400, 340)


def tracks(time: float, badge: tuple[int, int] | None, cell: int = 4, turned: int = 0) -> Tracks:
    """Anna is track 1, Ben is track 2; a badge lies at a place of the picture."""
    image = np.full((400, 600, 3), 90, np.uint8)
    if badge is not None:
        picture = np.rot90(badge_picture(cell), turned)
        left, top = badge
        image[top : top + len(picture), left : left + len(picture)] = picture[..., None]
    people = sv.Detections(np.array([ANNA, BEN], np.float32), tracker_id=np.array([1, 2]))
    return Tracks(Frame("door", time, image), people, sv.Detections.empty(), ("person", "top"))


def staff(*pictures: Tracks) -> list[int]:
    reader = BadgeReader()
    for picture in pictures:
        reader.update(picture)
    return [person for person in (1, 2) if reader.is_staff(person)]


@pytest.mark.parametrize("turned", [0, 1, 2])
def test_who_wears_a_badge_is_staff(turned: int) -> None:
    worn = [tracks(time, (130, 100), turned=turned) for time in (0.0, 0.5)]
    assert staff(*worn) == [1]


def test_a_trolley_with_a_badge_belongs_to_who_pushes_it() -> None:
    assert staff(*(tracks(time, (205, 250), cell=3) for time in (0.0, 0.5))) == [1]


def test_one_reading_is_not_enough() -> None:
    assert staff(tracks(0.0, (130, 100))) == []
    assert staff(tracks(0.0, (130, 100)), tracks(0.1, (130, 100))) == [], "the same reading"
    assert staff(tracks(0.0, (130, 100)), tracks(0.5, (330, 100))) == []


def test_a_mirrored_or_damaged_tag_is_none() -> None:
    mirrored = [tracks(time, (130, 100)) for time in (0.0, 0.5)]
    for picture in mirrored:
        picture.frame.image[:, 100:200] = picture.frame.image[:, 100:200][:, ::-1]
    assert staff(*mirrored) == []
    damaged = [tracks(time, (130, 100)) for time in (0.0, 0.5)]
    for picture in damaged:  # one cell of the tag is turned
        cell = picture.frame.image[100 + 16 : 100 + 20, 130 + 16 : 130 + 20]
        cell[:] = 255 - cell
    assert staff(*damaged) == []


def test_somebody_who_came_back_much_later_is_read_anew() -> None:
    reader = BadgeReader()
    for time in (0.0, 0.5):
        reader.update(tracks(time, (130, 100)))
    nobody = Tracks(
        Frame("door", 60.0, np.zeros((400, 600, 3), np.uint8)),
        sv.Detections(np.array([BEN], np.float32), tracker_id=np.array([2])),
        sv.Detections.empty(),
        ("person", "top"),
    )
    reader.update(nobody)
    assert not reader.is_staff(1)


@pytest.mark.parametrize("badge", [True, False])
def test_a_crossing_says_whether_it_was_staff(badge: bool) -> None:
    gate = {"name": "gate", "from": [0.5, 0.1], "to": [0.5, 1.0], "in": "right", "rooms": ["1"]}
    camera = parse_camera({"name": "door", "source": "none.mp4", "gate": [gate]}, "test")
    stage, crossings = TrackingStage(camera, empty_matcher(), 10.0), []
    for step in range(60):
        image, left = np.full((400, 800, 3), 90, np.uint8), 100 + 8 * step
        if badge:
            image[100:136, left + 30 : left + 66] = badge_picture(4)[..., None]
        people = sv.Detections(
            np.array([[left, 50, left + 100, 380]], np.float32),
            confidence=np.array([0.9], np.float32),
            class_id=np.array([0]),
        )
        frame = Frame("door", step / 10, image)
        detections = Detections(frame, people, sv.Detections.empty(), ("person", "top"))
        crossings += stage.process(detections)
    [crossing] = crossings
    assert (crossing.event, crossing.staff) == ("entry", badge)
    assert crossing.as_json().get("staff", False) == badge
