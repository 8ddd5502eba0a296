"""One number for each person and garment, for as long as they can be followed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import supervision as sv

from vision.detect import Detections
from vision.frame import Frame
from vision.track import CameraTracker, Tracks

RATE = 10.0
CLASSES = ("person", "top")
Box = tuple[int, int, int, int]


def found(boxes: Sequence[Box], kind: int, score: float) -> sv.Detections:
    if not boxes:
        return sv.Detections.empty()
    return sv.Detections(
        np.array(boxes, np.float32),
        confidence=np.full(len(boxes), score, np.float32),
        class_id=np.full(len(boxes), kind),
    )


def seen(
    number: int, people: list[Box], garments: tuple[Box, ...] = (), score: float = 0.9
) -> Detections:
    frame = Frame("door", number / RATE, np.zeros((400, 800, 3), np.uint8))
    return Detections(frame, found(people, 0, score), found(garments, 1, score), CLASSES)


def walker(number: int, left: int = 100) -> Box:
    """Somebody who walks to the right, eight pixels a frame."""
    return left + 8 * number, 50, left + 100 + 8 * number, 380


def ids(detections: sv.Detections) -> list[int]:
    return [] if detections.tracker_id is None else [int(n) for n in detections.tracker_id]


def follow(tracker: CameraTracker, *frames: Detections) -> Tracks:
    for frame in frames:
        tracks = tracker.update(frame)
    return tracks


def test_who_walks_keeps_one_number_and_others_have_their_own() -> None:
    tracker = CameraTracker(RATE)
    numbers = set()
    for n in range(20):
        tracks = tracker.update(seen(n, [walker(n), (600, 50, 700, 380)]))
        boxes = zip(ids(tracks.people), tracks.people.xyxy, strict=True)
        numbers |= {(number, bool(box[0] < 500)) for number, box in boxes}
    assert len(numbers) == 2
    assert len({number for number, _ in numbers}) == 2
    assert tracks.frame.time == 1.9
    assert tracks.classes == CLASSES


def test_what_is_not_confirmed_is_left_out() -> None:
    tracker = CameraTracker(RATE)
    for n in range(10):
        tracks = tracker.update(seen(n, [walker(n)]))
        assert all(number >= 0 for number in ids(tracks.people))
    assert len(tracks.people) == 1
    # A box of one frame, somewhere else, may be nothing.
    once = tracker.update(seen(10, [walker(10), (600, 50, 700, 380)]))
    assert len(once.people) == 1


def test_a_garment_is_not_taken_for_who_carries_it() -> None:
    tracker = CameraTracker(RATE)
    for n in range(10):
        tracks = tracker.update(seen(n, [walker(n)], ((120 + 8 * n, 150, 180 + 8 * n, 300),)))
    assert (len(tracks.people), len(tracks.garments)) == (1, 1)
    assert tracks.people.class_id is not None
    assert tracks.garments.class_id is not None
    assert (tracks.people.class_id[0], tracks.garments.class_id[0]) == (0, 1)
    assert tracks.garments.xyxy[0][3] - tracks.garments.xyxy[0][1] < 200


def test_who_is_hidden_for_a_second_is_the_same_one_again() -> None:
    tracker = CameraTracker(RATE)
    before = follow(tracker, *(seen(n, [walker(n)]) for n in range(10)))
    gone = follow(tracker, *(seen(n, []) for n in range(10, 20)))
    assert len(gone.people) == 0
    back = follow(tracker, *(seen(n, [walker(n)]) for n in range(20, 23)))
    assert ids(back.people) == ids(before.people)


def test_a_weak_detection_begins_no_track_of_a_person_but_of_a_garment() -> None:
    weak = [seen(n, [walker(n)], ((120 + 8 * n, 150, 180 + 8 * n, 300),), 0.4) for n in range(10)]
    tracks = follow(CameraTracker(RATE), *weak)
    assert (len(tracks.people), len(tracks.garments)) == (0, 1)


def test_cameras_do_not_share_numbers() -> None:
    one, other = CameraTracker(RATE), CameraTracker(RATE)
    follow(one, *(seen(n, [walker(n)]) for n in range(10)))
    assert len(other.update(seen(0, [])).people) == 0
    follow(other, *(seen(n, [walker(n, 300)]) for n in range(1, 11)))
    assert len(follow(one, seen(10, [walker(10)])).people) == 1
