"""The times of a file's pictures: by its timestamps, or by its rate where they are of no use."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from vision.errors import VisionError
from vision.sources.recorded import FileTimes, at_most, read_file

TENTHS = [n / 10 for n in range(60)]


def times_of(stamps: Iterable[float | None], rate: float = 10.0) -> list[float]:
    times = FileTimes(rate)
    return [round(times.time(stamp), 4) for stamp in stamps]


def test_times_are_the_timestamps_from_the_first_one() -> None:
    assert times_of(TENTHS) == TENTHS
    assert times_of([t + 3600 for t in TENTHS]) == TENTHS
    assert times_of([t - 0.2 for t in TENTHS]) == TENTHS
    assert times_of([0, 1, 2, 2.1, 2.2, 9]) == [0, 1, 2, 2.1, 2.2, 9]


@pytest.mark.parametrize("stamp", [None, 0.0, 7.5])
def test_without_timestamps_the_rate_counts(stamp: float | None) -> None:
    times = times_of([stamp] * 60)
    assert times == sorted(times)
    # It takes some pictures to see that they stand still.
    assert times[-1] == pytest.approx(5.9, abs=0.31)


@pytest.mark.parametrize("jump", [-4.0, -3600.0, 3600.0, 95443.7])
def test_where_they_jump_time_goes_on(jump: float) -> None:
    jumped = [t + jump if t >= 3 else t for t in TENTHS]
    assert times_of(jumped) == TENTHS
    if abs(jump) > 60:  # shorter, the way back looks like a gap
        between = [t + jump if 2 <= t < 4 else t for t in TENTHS]
        assert times_of(between) == TENTHS


def test_out_of_order_they_never_go_back_and_lose_nothing() -> None:
    mixed = [0, 0.2, 0.3, 0.1, 0.5, 0.6, 0.4, 0.8, 0.9, 0.7, 1.0]
    times = times_of(mixed)
    assert times == sorted(times)
    assert times[-1] == 1.0


def write(
    path: Path,
    stamps: list[float],
    codec: str = "libx264",
    shape: tuple[int, int] = (48, 64),
    **options: str,
) -> str:
    """Write a video with these timestamps, in seconds; each picture is of another grey."""
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=10)
        stream.height, stream.width = shape
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
        for number, stamp in enumerate(stamps):
            image = np.full((*shape, 3), 40 + 2 * number, np.uint8)
            image[number % shape[0], :, 0] = 255
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = round(stamp * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return str(path)


def times(path: str) -> list[float]:
    return [round(frame.time, 2) for frame in read_file(path, "door")]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_a_variable_rate_is_no_damage(tmp_path: Path, suffix: str) -> None:
    stamps = [0, 1, 2, 3, 4, *(4 + n / 10 for n in range(1, 30))]
    assert times(write(tmp_path / f"clip.{suffix}", stamps)) == pytest.approx(stamps, abs=0.011)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize("start", [5.0, 100.0])
def test_one_that_starts_late_is_no_damage(tmp_path: Path, suffix: str, start: float) -> None:
    path = write(tmp_path / f"clip.{suffix}", [start + t for t in TENTHS])
    assert times(path) == pytest.approx(TENTHS, abs=0.011)


def test_pictures_between_others_are_in_order(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.mp4", TENTHS)  # x264 refers to later pictures by default
    found = list(read_file(path, "door"))
    assert [frame.time for frame in found] == pytest.approx(TENTHS, abs=0.002)
    greys = [float(frame.image[..., 1].mean()) for frame in found]
    assert greys == sorted(greys)


def test_motion_jpeg_and_a_bare_stream_play(tmp_path: Path) -> None:
    assert times(write(tmp_path / "clip.avi", TENTHS, "mjpeg")) == TENTHS
    bare = times(write(tmp_path / "clip.h264", TENTHS))
    assert len(bare) == 60
    assert bare == sorted(bare)
    assert bare[-1] > 2


def test_frames_are_skipped_by_their_times(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.mp4", [0, 1, *(1 + n / 30 for n in range(1, 61))])
    kept = [frame.time for frame in at_most(read_file(path, "door"), 10)]
    assert kept[:2] == [0.0, 1.0]
    assert len(kept) == pytest.approx(22, abs=1)


def cut(path: str) -> str:
    """Cut a file in the middle, as a full disk does."""
    whole = Path(path).read_bytes()
    Path(path).write_bytes(whole[: len(whole) // 2])
    return path


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("clip.mp4", {"movflags": "faststart"}, "ends after .* of 6.0 s"),
        ("clip.mkv", {}, "ends after .* of 6.0 s"),
        ("clip.mp4", {}, "truncated, damaged"),  # its index was at the end
    ],
)
@pytest.mark.parametrize("start", [0.0, 5.0])
def test_a_file_that_is_cut_says_so(
    tmp_path: Path, name: str, options: dict[str, str], said: str, start: float
) -> None:
    path = cut(write(tmp_path / name, [start + t for t in TENTHS], **options))
    with pytest.raises(VisionError, match=said):
        times(path)


def test_one_without_a_picture_says_so(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        sound.sample_rate = 48000
        container.mux(stream.encode(sound))
        container.mux(stream.encode(None))
    with pytest.raises(VisionError, match="contains no video"):
        times(str(path))


@pytest.mark.parametrize(
    ("turns", "corner"), [(0, (0, 0)), (1, (-1, 0)), (2, (-1, -1)), (3, (0, -1))]
)
def test_a_turned_picture_is_upright(tmp_path: Path, turns: int, corner: tuple[int, int]) -> None:
    """A phone writes how it was held; the mark in the corner shows where it comes to lie."""
    path = tmp_path / "clip.mp4"
    image = np.zeros((48, 64, 3), np.uint8)
    image[:12, :12] = 255
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))
    path.write_bytes(turned(path.read_bytes(), turns))
    (frame,) = read_file(str(path), "door")
    assert frame.image.shape == ((64, 48, 3) if turns % 2 else (48, 64, 3))
    assert frame.image[corner].mean() > 200


def turned(data: bytes, turns: int) -> bytes:
    """Write a rotation by quarter turns against the clock into an MP4's track header."""
    one, minus = 0x10000, 0xFFFF0000
    matrix = [(one, 0, 0, one), (0, minus, one, 0), (minus, 0, 0, minus), (0, one, minus, 0)]
    a, b, c, d = matrix[turns]
    start = data.index(b"tkhd") + 4 + 40
    numbers = (a, b, 0, c, d, 0, 0, 0, 0x40000000)
    return data[:start] + b"".join(n.to_bytes(4) for n in numbers) + data[start + 36 :]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "shape", "last"),
    [
        ("vfr.mkv", (540, 960), 8.9),
        ("tsjump.ts", (540, 960), 8.9),
        ("rot90.mp4", (540, 960), 8.9),
        ("odd.mp4", (479, 853), 8.9),
        ("sar.mp4", (540, 720), 8.9),
        ("fps1.mp4", (540, 960), 10.0),
    ],
)
def test_files_of_the_field(shared: Path, name: str, shape: tuple[int, int], last: float) -> None:
    frames = list(read_file(str(shared / "cases" / "video" / name), "door"))
    assert {frame.image.shape[:2] for frame in frames} == {shape}
    found = [frame.time for frame in frames]
    assert found == sorted(found)
    assert found[-1] == pytest.approx(last, abs=0.01)


@pytest.mark.shared
def test_a_cut_file_of_the_field_says_so(shared: Path) -> None:
    with pytest.raises(VisionError, match="truncated, damaged"):
        times(str(shared / "cases" / "video" / "trunc.mp4"))
