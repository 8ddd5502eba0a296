"""Why a source cannot be opened, against real sockets; and what comes of one that can."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tests.conftest import noise
from vision.sources import network as module
from vision.sources.cause import Cause, SourceError
from vision.sources.protocol import is_live
from vision.sources.registry import open_source

Talk = Callable[[socket.socket], None]


@contextmanager
def server(talk: Talk) -> Iterator[int]:
    """Listen on a free port; `talk` handles each connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_ones: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            open_ones.append(connection)
            threading.Thread(target=_talk, args=(talk, connection), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield int(listener.getsockname()[1])
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for connection in open_ones:
        connection.close()
    thread.join(timeout=5)


def _talk(talk: Talk, connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the client has gone
        talk(connection)


def rtsp(answer: str) -> Talk:
    """Answer every RTSP request but OPTIONS so."""

    def talk(connection: socket.socket) -> None:
        while request := connection.recv(4096).decode():
            number = next(
                line.split()[1] for line in request.splitlines() if line.startswith("CSeq")
            )
            said = "200 OK\r\nPublic: DESCRIBE" if request.startswith("OPTIONS") else answer
            connection.sendall(f"RTSP/1.0 {said}\r\nCSeq: {number}\r\n\r\n".encode())

    return talk


def http(body: bytes, head: str = "200 OK\r\nContent-Type: text/html") -> Talk:
    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        length = f"Content-Length: {len(body)}\r\n" if "html" in head else ""
        connection.sendall(f"HTTP/1.0 {head}\r\n{length}\r\n".encode() + body)
        connection.shutdown(socket.SHUT_WR)

    return talk


def silent(connection: socket.socket) -> None:
    """Accept, and never say anything."""
    while connection.recv(4096):
        pass


def jpegs(count: int) -> bytes:
    """Make a multipart stream of pictures, as simple cameras send it."""
    jpeg = cv2.imencode(".jpg", noise(48, 64))[1].tobytes()
    head = f"--cut\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
    return (head.encode() + jpeg + b"\r\n") * count


def cause_of(source: str) -> Cause:
    with pytest.raises(SourceError) as failed:
        open_source(source)
    assert "s3cret" not in str(failed.value)
    assert failed.value.__suppress_context__ or "s3cret" not in str(failed.value.__cause__)
    return failed.value.cause


@pytest.mark.parametrize(
    ("talk", "scheme", "cause"),
    [
        (rtsp('401 Unauthorized\r\nWWW-Authenticate: Basic realm="cam"'), "rtsp",
         Cause.WRONG_PASSWORD),
        (rtsp('401 Unauthorized\r\nWWW-Authenticate: Digest realm="cam", nonce="1"'), "rtsp",
         Cause.WRONG_PASSWORD),
        (rtsp("403 Forbidden"), "rtsp", Cause.WRONG_PASSWORD),
        (rtsp("404 Not Found"), "rtsp", Cause.NOT_FOUND),
        (rtsp("503 Service Unavailable"), "rtsp", Cause.NO_VIDEO),
        (http(b"", '401 Unauthorized\r\nWWW-Authenticate: Basic realm="cam"'), "http",
         Cause.WRONG_PASSWORD),
        (http(b"", "404 Not Found"), "http", Cause.NOT_FOUND),
        (http(b"<html>Log in</html>" * 40), "http", Cause.CANNOT_DECODE),
    ],
)  # fmt: skip
def test_what_a_camera_answers_is_the_cause(talk: Talk, scheme: str, cause: Cause) -> None:
    with server(talk) as port:
        assert cause_of(f"{scheme}://admin:s3cret@127.0.0.1:{port}/live") is cause


def test_one_that_accepts_and_says_nothing_sends_no_video(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_OPEN_TIMEOUT_S", 0.5)
    with server(silent) as port:
        assert cause_of(f"rtsp://admin:s3cret@127.0.0.1:{port}/live") is Cause.NO_VIDEO


def test_nobody_listens() -> None:
    assert cause_of("rtsp://admin:s3cret@127.0.0.1:1/live") is Cause.REFUSED


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (socket.gaierror(-2, "Name or service not known"), Cause.NO_ADDRESS),
        (TimeoutError("timed out"), Cause.UNREACHABLE),
        (OSError(113, "No route to host"), Cause.UNREACHABLE),
        (ConnectionRefusedError(111, "Connection refused"), Cause.REFUSED),
    ],
)
def test_how_the_network_fails_is_the_cause(
    monkeypatch: pytest.MonkeyPatch, error: OSError, cause: Cause
) -> None:
    asked = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        asked.append(address)
        raise error

    monkeypatch.setattr(socket, "create_connection", connect)
    assert cause_of("rtsp://admin:s3cret@cam-3/live") is cause
    assert asked == [("cam-3", 554)]


def test_a_multipart_stream_gives_its_pictures_and_ends() -> None:
    head = "200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=cut"
    with server(http(jpegs(40), head)) as port:
        opened = open_source(f"http://127.0.0.1:{port}/video")
        shapes = []
        with pytest.raises(SourceError, match="sends no picture"):
            while (read := opened.read()) is not None:
                shapes.append(read[0].shape)
        opened.close()
    assert shapes == [(48, 64, 3)] * len(shapes)
    assert len(shapes) >= 39


@pytest.mark.parametrize("source", ["0", "/dev/video0", "/dev/v4l/by-id/usb-Cam-index0",
                                    "rtsp://cam-3/live", "http://cam-3/video"])  # fmt: skip
def test_cameras_are_live(source: str) -> None:
    assert is_live(source)


def test_files_are_not_live() -> None:
    assert not is_live("film.mp4")
    assert not is_live("/srv/film.mp4")


def test_a_device_that_is_not_there_is_named() -> None:
    assert cause_of("/dev/v4l/by-id/usb-none-index0") is Cause.NO_DEVICE


def write(path: Path, sizes: list[tuple[int, int]], rotation: int = 0) -> Path:
    """Write H.264 with a size for each second of ten pictures."""
    with av.open(str(path), "w") as container:
        for width, height in sizes:
            stream = container.add_stream("libx264", rate=10)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            for _ in range(10):
                frame = av.VideoFrame.from_ndarray(noise(height, width), format="bgr24")
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return path


def test_a_picture_keeps_its_own_size_after_a_change_in_the_stream(tmp_path: Path) -> None:
    first = write(tmp_path / "a.ts", [(64, 48)]).read_bytes()
    second = write(tmp_path / "b.ts", [(96, 48)]).read_bytes()
    both = tmp_path / "both.ts"
    both.write_bytes(first + second)
    opened = open_source(str(both))
    shapes = set()
    while (read := opened.read()) is not None:
        shapes.add(read[0].shape)
    opened.close()
    assert shapes == {(48, 64, 3), (48, 96, 3)}


def test_it_decodes_to_the_same_bytes_as_opencv(tmp_path: Path) -> None:
    path = str(write(tmp_path / "clip.mp4", [(96, 64)]))
    theirs, ours = cv2.VideoCapture(path, cv2.CAP_FFMPEG), open_source(path)
    for _ in range(10):
        read = ours.read()
        assert read is not None
        assert np.array_equal(theirs.read()[1], read[0])
    ours.close()
    theirs.release()
