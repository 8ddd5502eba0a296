"""Recorded detections through to events: tracker, carrying and gates, without any model.

`tests/recordings/make.py` made them; it says how they compare with what was filmed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from calibration import Camera
from models.training.scenes.walks import GATE_X
from tests.recordings.make import FOLDER, camera_of, empty_matcher
from vision.golden import Event, compare, read_golden
from vision.match import Matcher
from vision.recording import SUFFIX, Recording
from vision.replay import replay_detections

CAMERA: Camera = camera_of({"from": [GATE_X, 0.5], "to": [GATE_X, 1.0], "in": "right"})
RECORDINGS = sorted(FOLDER.glob(f"*{SUFFIX}"))


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return empty_matcher()


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name.removesuffix(SUFFIX))
def test_the_events_are_those_of_the_golden_file(path: Path, matcher: Matcher) -> None:
    golden = read_golden(path.with_name(path.name.removesuffix(SUFFIX) + ".golden.jsonl"))
    found = [Event.of(c) for c in replay_detections(Recording(path), CAMERA, matcher)]
    assert compare(golden, found) == []


def test_there_is_one_of_each_situation() -> None:
    assert len(RECORDINGS) == 7
