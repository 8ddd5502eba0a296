from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.conftest import noise
from tests.waiting import wait_for
from vision.errors import VisionError
from vision.frame import Frame
from vision.sources.cause import Cause, SourceError
from vision.sources.health import State
from vision.sources.live import LiveSource
from vision.sources.recorded import read_file
from vision.sources.registry import open_source


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
    [(None, "no such file"), (b"", "empty"), (b"text, no video" * 50, "not a video|no video")],
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
    with pytest.raises(VisionError, match="not a video|no video"):
        open_source(str(path))


def test_a_truncated_file_says_where_it_breaks_off(clip: Path) -> None:
    data = clip.read_bytes()
    clip.write_bytes(data[: len(data) // 2])
    with pytest.raises(VisionError, match="ends after|not a video|no picture"):
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
    wait_for(lambda: source.session >= 2)
    source.stop()
    assert source.session == 2


def test_a_slow_reader_gets_the_newest_frame(clip: Path) -> None:
    source = LiveSource(str(clip), "door", loop=True)
    source.start()
    times, late = [], [0.0]
    for item in source.frames(20):
        if isinstance(item, Frame):
            times.append(item.time)
            seen = source.received
            wait_for(lambda seen=seen: source.received > seen + 3)  # type: ignore[misc]
            late.append(time.monotonic())
            wait_for(lambda seen=seen: source.received > seen + 5)  # type: ignore[misc]
        if len(times) == 5:
            break
    source.stop()
    # What came before the last two pictures is passed over.
    assert all(time > before for time, before in zip(times, late, strict=False))


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
    assert source.status.cause is Cause.REFUSED
    assert "refuses the connection" in source.problem


class FakeCapture:
    """A camera that gives some pictures, a tenth of a second apart, and then stops."""

    rate, length_s = 10.0, 0.0

    def __init__(self, clock: SimulatedClock, pictures: int, error: Exception | None) -> None:
        self._clock, self._left, self._error = clock, pictures, error
        self.closed = False

    def read(self) -> tuple[np.ndarray, float | None] | None:
        if not self._left:
            if self._error:
                raise self._error
            return None
        self._left -= 1
        self._clock.now += 0.1
        return np.zeros((4, 4, 3), np.uint8), None

    def close(self) -> None:
        self.closed = True


class SimulatedClock:
    """A clock that moves only when somebody waits, and what happens meanwhile to a source."""

    def __init__(self) -> None:
        self.now, self.pauses = 1000.0, list[float]()

    def __call__(self) -> float:
        return self.now


def attempts(
    hour: SimulatedClock,
    pictures: Callable[[int], int],
    error: Exception | None = None,
    source: str = "rtsp://cam/live",
    loop: bool = False,
) -> tuple[LiveSource, list[FakeCapture]]:
    """Run a source for a simulated hour; returns it with all that was opened."""
    opened: list[FakeCapture] = []

    def opener(_source: str) -> FakeCapture:
        number = pictures(len(opened))
        if number < 0:
            opened.append(FakeCapture(hour, 0, None))
            opened[-1].closed = True
            raise error or SourceError(Cause.REFUSED, _source)
        opened.append(FakeCapture(hour, number, error))
        return opened[-1]

    def wait(seconds: float) -> None:
        hour.pauses.append(seconds)
        hour.now += seconds
        if hour.now >= 4600 or len(opened) > 5000:
            made._stopping.set()

    made = LiveSource(source, "door", loop, hour, opener=opener, wait=wait)
    made.start()
    made._thread.join(timeout=30)
    assert not made._thread.is_alive()
    return made, opened


@pytest.mark.parametrize(
    ("pictures", "error"),
    [
        (-1, None),  # cannot be opened
        (-1, ValueError("a decoder's bug")),
        (0, None),  # opens and delivers nothing
        (0, RuntimeError("reading fails")),
        (1, None),  # delivers one picture and dies
        (30, None),  # three seconds of pictures
        (30, MemoryError()),
    ],
)
def test_every_failure_is_followed_by_a_growing_pause(
    pictures: int, error: Exception | None
) -> None:
    hour = SimulatedClock()
    source, opened = attempts(hour, lambda _count: pictures, error)
    assert 100 < len(opened) < 250  # of 3600 s
    assert hour.pauses[0] <= 0.5
    assert 20 < max(hour.pauses) <= 30
    assert len(set(hour.pauses)) == len(hour.pauses)  # jittered
    assert all(capture.closed for capture in opened)
    assert source.status.cause is not Cause.NONE


def test_pictures_that_keep_coming_make_the_next_pause_short() -> None:
    hour = SimulatedClock()
    _, opened = attempts(hour, lambda count: 150 if count == 10 else 0)
    assert len(opened) > 12
    assert hour.pauses[9] > 20
    assert hour.pauses[10] <= 0.5


def test_a_file_that_loops_without_pictures_ends() -> None:
    hour = SimulatedClock()
    source, opened = attempts(hour, lambda _count: 0, source="clip.mp4", loop=True)
    assert len(opened) == 1
    assert source.state is State.ENDED
    assert source.status.cause is Cause.FILE_DAMAGED


def test_a_film_of_one_picture_loops_at_its_rate() -> None:
    hour = SimulatedClock()
    _, opened = attempts(hour, lambda _count: 1, source="clip.mp4", loop=True)
    assert hour.now >= 1000 + 0.1 * (len(opened) - 1)
