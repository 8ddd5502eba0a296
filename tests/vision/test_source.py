from __future__ import annotations

import itertools
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.conftest import noise
from vision.errors import VisionError
from vision.frame import Frame
from vision.source import LiveSource, State, open_capture, read_file


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20, (64, 48))
    for number in range(30):
        writer.write(np.full((48, 64, 3), number * 8, np.uint8))
    writer.release()
    return path


def test_a_file_plays_every_frame_by_its_own_clock(clip: Path) -> None:
    frames = list(read_file(str(clip), "door"))
    assert len(frames) == 30
    assert [f.time for f in frames[:3]] == [0.0, 0.05, 0.1]
    assert frames[0].camera == "door"


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "no such file"), (b"", "empty"), (b"text, no video" * 50, "not a video")],
)
def test_bad_files_are_one_clear_error(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "clip.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(VisionError, match=said):
        list(read_file(str(path), "door"))


def test_ten_megabytes_of_noise_are_no_video(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(noise(1000, 3500).tobytes())
    with pytest.raises(VisionError, match="not a video"):
        open_capture(str(path))


def test_a_truncated_file_says_where_it_breaks_off(clip: Path) -> None:
    data = clip.read_bytes()
    clip.write_bytes(data[: len(data) // 2])
    with pytest.raises(VisionError, match="breaks off|not a video|no picture"):
        list(read_file(str(clip), "door"))


def test_a_live_file_hands_out_frames_in_real_time_and_ends(clip: Path) -> None:
    source = LiveSource(str(clip), "door")
    assert source.state is State.CONNECTING
    source.start()
    items = list(source.frames(10))
    source.stop()
    frames = [item for item in items if isinstance(item, Frame)]
    assert 8 <= len(frames) <= 17  # 1.5 s at 10 a second of 20
    assert items[-1] is State.ENDED


def test_a_loop_is_a_new_session_each_time(clip: Path) -> None:
    source = LiveSource(str(clip), "door", loop=True)
    source.start()
    until = time.monotonic() + 10
    while source.session < 2 and time.monotonic() < until:
        time.sleep(0.05)
    source.stop()
    assert source.session == 2


def test_a_slow_reader_gets_the_newest_frame(clip: Path) -> None:
    source = LiveSource(str(clip), "door", loop=True)
    source.start()
    levels = []
    for item in source.frames(20):
        if isinstance(item, Frame):
            levels.append(time.monotonic() - item.time)
            time.sleep(0.25)
        if len(levels) == 5:
            break
    source.stop()
    assert max(levels[1:]) < 0.2  # never older than a frame or two


def test_a_clock_that_is_set_back_stops_no_frames(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = time.time() - 7200
    source = LiveSource(str(clip), "door")
    source.start()
    times = []
    for item in source.frames(20):
        if isinstance(item, Frame):
            times.append(item.time)
            if len(times) == 5:
                monkeypatch.setattr(time, "time", lambda: late)
    source.stop()
    assert len(times) > 10
    assert all(later > earlier for earlier, later in itertools.pairwise(times))


def test_an_unreachable_camera_is_a_state_not_a_picture() -> None:
    source = LiveSource("rtsp://127.0.0.1:1/none", "door")
    source.start()
    seen: list[object] = []
    stopper = threading.Timer(2.5, source.stop)
    stopper.start()
    for item in source.frames(10):
        seen.append(item)
    stopper.join()
    assert seen
    assert set(seen) <= {State.CONNECTING, State.ENDED}
    assert "no camera answers" in source.problem
