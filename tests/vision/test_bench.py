from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.program import fittingroom
from models.errors import ModelError
from services.bench import read_clip
from vision.bench import Throughput, camera_capacity


@pytest.mark.parametrize(
    ("per_core", "cores", "rate", "cameras"),
    [(50, 2, 10, 7), (50, 8, 10, 28), (12, 1, 10, 0), (12, 1, 5, 1)],
)
def test_cameras_leave_the_machine_room(
    per_core: float, cores: int, rate: float, cameras: int
) -> None:
    assert camera_capacity(Throughput(1.0, round(per_core), None), cores, rate) == cameras


def test_a_truth_that_is_none_is_named(tmp_path: Path) -> None:
    import cv2
    import numpy as np

    clip = tmp_path / "a.mp4"
    writer = cv2.VideoWriter(str(clip), cv2.VideoWriter.fourcc(*"mp4v"), 10, (64, 48))
    for _ in range(5):
        writer.write(np.zeros((48, 64, 3), np.uint8))
    writer.release()
    assert read_clip(clip).truth is None
    gate = {"from": [0.5, 0], "to": [0.5, 1], "in": "right"}
    for broken in ({"events": []}, {"gate": gate, "events": [{"time": 1, "event": "entry"}]}):
        clip.with_suffix(".truth.json").write_text(json.dumps(broken))
        with pytest.raises(ModelError, match=r"a\.truth\.json: not the truth of a clip"):
            read_clip(clip)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_bench_names_the_cameras_and_finds_the_events() -> None:
    result = CliRunner().invoke(fittingroom, ["bench", "--json"], catch_exceptions=False)
    report = json.loads(result.stdout)
    assert report["frames"] == 195
    assert report["fittingroom"]["event_recall"] == 1
    ours, plain = (
        report[way]["frames_per_second_per_core"] for way in ("fittingroom", "ultralytics_loop")
    )
    pace = Throughput(1.0, round(ours), None)
    assert report["cameras"] == pytest.approx(camera_capacity(pace, report["cores"], 10), abs=1)
    assert report["ratio"] == pytest.approx(ours / plain, rel=0.1)
