from __future__ import annotations

import numpy as np
import pytest
import supervision as sv

from calibration import Gate
from vision.frame import Frame
from vision.gate import GateMonitor, foot_points
from vision.track import Tracks

WIDTH, HEIGHT, RATE = 1000, 500, 10
IMAGE = np.zeros((HEIGHT, WIDTH, 3), np.uint8)


def gate(inside: str = "right") -> Gate:
    upright = {"from": [0.5, 0.2], "to": [0.5, 1.0]}
    level = {"from": [0.2, 0.5], "to": [0.8, 0.5]}
    line = upright if inside in ("left", "right") else level
    return Gate.model_validate({**line, "in": inside, "rooms": ["1"]})


def walk(monitor: GateMonitor, *feet: tuple[float, float] | None, person: int = 1,
         start: float = 0.0) -> list[tuple[str, float]]:  # fmt: skip
    """Move a foot point, one position a tenth of a second; None is a frame without it."""
    passed = []
    for number, foot in enumerate(feet):
        people = sv.Detections.empty()
        if foot is not None:
            x, y = foot
            box = np.array([[x - 40, y - 200, x + 40, y]], np.float32)
            people = sv.Detections(box, tracker_id=np.array([person]))
        frame = Frame("c", start + number / RATE, IMAGE)
        for crossing in monitor.update(Tracks(frame, people, sv.Detections.empty(), ())):
            passed.append((crossing.event, round(crossing.time, 3)))
    return passed


def line(x0: float, x1: float, steps: int, y: float = 400) -> list[tuple[float, float]]:
    return [(float(x), y) for x in np.linspace(x0, x1, steps)]


@pytest.mark.parametrize(
    ("inside", "event"), [("right", "entry"), ("left", "exit")], ids=["towards", "away"]
)
def test_somebody_walks_through(inside: str, event: str) -> None:
    # 40 px a frame; beyond the band (13 px) from frame 8 on
    assert walk(GateMonitor((gate(inside),)), *line(200, 800, 16)) == [(event, 0.8)]


@pytest.mark.parametrize(("inside", "event"), [("down", "entry"), ("up", "exit")])
def test_a_level_gate(inside: str, event: str) -> None:
    feet = [(500.0, float(y)) for y in np.linspace(100, 450, 12)]
    assert [e for e, _ in walk(GateMonitor((gate(inside),)), *feet)] == [event]


def test_in_and_out_again() -> None:
    feet = [*line(300, 700, 10), *line(700, 300, 10)]
    assert [e for e, _ in walk(GateMonitor((gate(),)), *feet)] == ["entry", "exit"]


def test_turning_back_in_the_gate_is_no_crossing() -> None:
    feet = [*line(300, 505, 8), *line(505, 300, 8)]
    assert walk(GateMonitor((gate(),)), *feet) == []


def test_a_single_frame_beyond_is_no_crossing() -> None:
    assert walk(GateMonitor((gate(),)), (450, 400), (540, 400), (450, 400), (450, 400)) == []


def test_jitter_on_the_line_is_no_crossing() -> None:
    feet = [(300, 400), *[(500 + 11 * (-1) ** n, 400) for n in range(30)]]
    assert walk(GateMonitor((gate(),)), *feet) == []


def test_jitter_just_wider_than_the_band_never_settles() -> None:
    feet = [(300, 400), *[(500 + 30 * (-1) ** n, 400) for n in range(30)]]
    assert walk(GateMonitor((gate(),)), *feet) == []


def test_passing_beside_the_gate_is_no_crossing() -> None:
    # the gate ends at the height of 100 px; this is a way around it
    short = Gate.model_validate(
        {"from": [0.5, 0.6], "to": [0.5, 1.0], "in": "right", "rooms": ["1"]}
    )
    assert walk(GateMonitor((short,)), *line(300, 700, 10, y=120)) == []


def test_leaving_the_picture_just_behind_the_gate_counts() -> None:
    feet = [*line(300, 490, 6), (520, 400), *[None] * 5]
    assert walk(GateMonitor((gate(),)), *feet) == [("entry", 0.6)]


def test_vanishing_in_front_of_the_gate_does_not_count() -> None:
    assert walk(GateMonitor((gate(),)), *line(300, 470, 6), *[None] * 8) == []


def test_a_gap_while_crossing_is_bridged() -> None:
    feet = [*line(300, 460, 5), None, None, *line(560, 700, 5)]
    assert [e for e, _ in walk(GateMonitor((gate(),)), *feet)] == ["entry"]


def test_first_seen_inside_and_staying_is_no_crossing() -> None:
    assert walk(GateMonitor((gate(),)), *line(700, 800, 10)) == []


def test_two_people_cross_together() -> None:
    monitor = GateMonitor((gate(),))
    events = []
    for number, x in enumerate(np.linspace(300, 700, 12)):
        boxes = np.array([[x - 40, 200, x + 40, 400], [x - 90, 220, x - 10, 420]], np.float32)
        people = sv.Detections(boxes, tracker_id=np.array([1, 2]))
        frame = Frame("c", number / RATE, IMAGE)
        tracks = Tracks(frame, people, sv.Detections.empty(), ())
        events += [(p.event, p.person) for p in monitor.update(tracks)]
    events += [(p.event, p.person) for p in monitor.finish(1.2)]
    assert sorted(events) == [("entry", 1), ("entry", 2)]


def test_the_end_of_the_source_settles_who_is_beyond() -> None:
    monitor = GateMonitor((gate(),))
    assert walk(monitor, *line(300, 490, 6), (540, 400)) == []
    assert [p.event for p in monitor.finish(0.6)] == ["entry"]


def test_two_gates_of_one_camera_are_told_apart() -> None:
    left = Gate.model_validate(
        {"name": "left", "from": [0.2, 0.2], "to": [0.2, 1], "in": "left", "rooms": ["2"]}
    )
    monitor = GateMonitor((gate(), left))
    assert [e for e, _ in walk(monitor, *line(400, 50, 12))] == ["entry"]


def test_weak_boxes_move_nobody_through() -> None:
    monitor = GateMonitor((gate(),))
    events = []
    for number, x in enumerate(np.linspace(300, 700, 12)):
        box = np.array([[x - 40, 200, x + 40, 400]], np.float32)
        people = sv.Detections(
            box, tracker_id=np.array([1]), confidence=np.array([0.3 if x > 450 else 0.9])
        )
        tracks = Tracks(Frame("c", number / RATE, IMAGE), people, sv.Detections.empty(), ())
        events += monitor.update(tracks)
    assert events == []


def test_a_box_cut_by_the_edge_hides_part_of_its_person() -> None:
    boxes = np.array([[500, 100, 600, 500], [900, 100, 1000, 500], [0, 100, 100, 500]], np.float32)
    feet = foot_points(boxes, WIDTH)
    assert feet[:, 0].tolist() == [550, 970, 30]
