"""Open a source and decode it: files and network cameras with PyAV, USB cameras with OpenCV.

Unlike OpenCV, PyAV says why an address cannot be opened, and hands out every picture in its own
size: OpenCV scales those after a change of resolution to the first one's, which hides that privacy
masks lie elsewhere in them. Both decode to the same bytes.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import socket
import sys
import time
import urllib.request
from collections.abc import Generator
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

import av
import av.error
import av.video
import cv2
import numpy as np

from common.image import Image
from common.redact import userinfo_end
from vision.cause import Cause, SourceError

_REACH_TIMEOUT_S: Final = 3.0
_OPEN_TIMEOUT_S: Final = 6.0
READ_TIMEOUT_S: Final = 5.0
#: Damaged packets in a row after which a stream counts as undecodable; packet loss damages a few.
_MOST_BROKEN: Final = 300
_PORTS: Final = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443, "rtmp": 1935, "rtmps": 443}
_DEVICE: Final = re.compile(r"/dev/video(\d+)")
#: Of errors that FFmpeg reports while it opens an address.
_CAUSES: Final = (
    ((av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError), Cause.WRONG_PASSWORD),
    ((av.error.HTTPNotFoundError,), Cause.NOT_FOUND),
    ((av.error.HTTPClientError, av.error.HTTPServerError), Cause.NO_VIDEO),
    ((ConnectionRefusedError,), Cause.REFUSED),
    ((av.error.ExitError, TimeoutError, EOFError, ConnectionError), Cause.NO_VIDEO),
    (
        (
            av.error.InvalidDataError,
            av.error.DecoderNotFoundError,
            av.error.DemuxerNotFoundError,
            av.error.PatchWelcomeError,
        ),
        Cause.CANNOT_DECODE,
    ),
)


class Capture(Protocol):
    """An open source.

    Attributes:
        rate: Pictures a second, as the source says; 25 where it does not.
        length_s: Of a file, from its first picture on, as it says; 0 where it does not.
    """

    rate: float
    length_s: float

    def read(self) -> tuple[Image, float | None] | None:
        """Decode the next picture.

        Returns:
            uint8 H×W×3 BGR, upright, and its timestamp in seconds, if it has one; None at the end.

        Raises:
            SourceError: Nothing comes, or nothing that can be decoded.
        """

    def close(self) -> None:
        """Let the source go."""


def is_live(source: str) -> bool:
    """Check whether a source is a camera (an address, a device, a number), not a file."""
    return source.isdigit() or "://" in source or source.startswith("/dev/")


def open_capture(source: str, timeout_s: float | None = None) -> Capture:
    """Open a file, an address, a device such as `/dev/video0`, or the number of a USB camera.

    Args:
        source: What to open.
        timeout_s: How long an address may take to open, if not six seconds.

    Raises:
        SourceError: It is missing, unreachable, empty or no video.
    """
    if source.isdigit() or source.startswith("/dev/"):
        return _DeviceCapture(source)
    if is_live(source):
        check_reachable(source)
    elif not Path(source).is_file():
        raise SourceError(Cause.FILE_MISSING, source)
    elif not Path(source).stat().st_size:
        raise SourceError(Cause.FILE_DAMAGED, source, f"{source}: the file is empty.")
    return _StreamCapture(source, _OPEN_TIMEOUT_S if timeout_s is None else timeout_s)


def check_source(source: str, timeout_s: float) -> None:
    """Open a source, decode one picture, and close it again.

    Args:
        source: A file or an address; a device cannot be opened twice.
        timeout_s: How long an address may take to open.

    Raises:
        SourceError: It gives no picture.
    """
    capture = open_capture(source, timeout_s)
    try:
        picture = capture.read()
    finally:
        capture.close()
    if picture is None:
        raise SourceError(Cause.NO_VIDEO if is_live(source) else Cause.FILE_DAMAGED, source)


def check_reachable(address: str) -> None:
    """Find out in seconds whether the host answers; FFmpeg takes longer and says less.

    Raises:
        SourceError: The name is unknown, the host refuses or does not answer.
    """
    shown = urlsplit(address[: address.index("://") + 3] + address[userinfo_end(address) :]
                     if userinfo_end(address) else address)  # fmt: skip
    try:
        host, port = shown.hostname, shown.port or _PORTS.get(shown.scheme)
    except ValueError as error:
        raise SourceError(Cause.NO_ADDRESS, address) from error
    if not host or port is None or _has_proxy(shown.scheme):
        return
    try:
        socket.create_connection((host, port), timeout=_REACH_TIMEOUT_S).close()
    except (socket.gaierror, UnicodeError) as error:
        raise SourceError(Cause.NO_ADDRESS, address) from error
    except ConnectionRefusedError as error:
        raise SourceError(Cause.REFUSED, address) from error
    except OSError as error:
        raise SourceError(Cause.UNREACHABLE, address) from error


def _has_proxy(scheme: str) -> bool:
    return scheme in urllib.request.getproxies()


class _StreamCapture:
    """A file or an address, decoded with PyAV."""

    def __init__(self, source: str, timeout_s: float) -> None:
        self._source, self._live = source, is_live(source)
        self._errors: tuple[type[Exception], ...] = (av.error.FFmpegError, OSError, ValueError)
        # Over UDP, lost packets smear the picture until the next key frame.
        options = {"rtsp_transport": "tcp"} if source.startswith("rtsp") else {}
        timeout = (timeout_s, READ_TIMEOUT_S) if self._live else None
        begun = time.monotonic()
        try:
            self._container = av.open(source, options=options, timeout=timeout)
        except self._errors as error:
            # FFmpeg calls an answer that did not come in time invalid data.
            late = self._live and time.monotonic() - begun >= timeout_s
            failed = SourceError(Cause.NO_VIDEO, source) if late else self._failed(error)
            raise failed from None  # its text holds the address with its password
        if not self._container.streams.video:
            self._container.close()
            cause = Cause.NO_VIDEO if self._live else Cause.FILE_DAMAGED
            raise SourceError(cause, source, "" if self._live else f"{source}: holds no video.")
        self._stream = self._container.streams.video[0]
        # Decoding several frames at once delays each of them.
        self._stream.thread_type = "SLICE" if self._live else "AUTO"
        rate = float(self._stream.average_rate or self._stream.guessed_rate or 0)
        self.rate = rate if 0.5 <= rate <= 240 else 25.0
        self.length_s = 0.0 if self._live else self._length()
        self._pictures = self._decode()

    def read(self) -> tuple[Image, float | None] | None:
        try:
            frame = next(self._pictures, None)
        except self._errors as error:
            if not self._live:  # a file that ends in the middle of something
                return None
            raise self._failed(error) from None
        if frame is None:
            return None
        image = np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
        if frame.rotation:
            image = np.ascontiguousarray(np.rot90(image, round(frame.rotation / 90)))
        return image, frame.time

    def close(self) -> None:
        self._pictures.close()
        self._container.close()

    def _decode(self) -> Generator[av.VideoFrame, None, None]:
        broken = 0
        for packet in self._container.demux(self._stream):
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                broken += 1
                if broken > _MOST_BROKEN:
                    raise
                continue
            for frame in frames:
                broken = 0
                yield frame

    def _length(self) -> float:
        """Return a file's length by its head; of what stream and container say, the shorter."""
        said = []
        if self._stream.duration and self._stream.time_base:
            said.append(float(self._stream.duration * self._stream.time_base))
        if self._container.duration:
            whole = self._container.duration / 1e6
            # Matroska counts from 0, whenever the first picture is; others from the first one.
            late = max(0.0, (self._container.start_time or 0) / 1e6)
            said.append(whole - late if "matroska" in self._container.format.name else whole)
        return max(0.0, min(said, default=0.0))

    def _failed(self, error: Exception) -> SourceError:
        if not self._live:
            return SourceError(Cause.FILE_DAMAGED, self._source)
        cause = next((cause for kinds, cause in _CAUSES if isinstance(error, kinds)), None)
        if cause is None and isinstance(error, OSError):
            lost = error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH)
            # It answered a moment ago; FFmpeg calls a connection that breaks an I/O error.
            cause = Cause.UNREACHABLE if lost else Cause.NO_VIDEO
        return SourceError(cause or Cause.UNKNOWN, self._source)


class _DeviceCapture:
    """A USB camera, by its number or its path, read with OpenCV."""

    def __init__(self, source: str) -> None:
        self._source, self.length_s = source, 0.0
        found = _DEVICE.fullmatch(os.path.realpath(source)) if source.startswith("/") else None
        backend = cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY
        if source.isdigit() or found:
            self._capture = cv2.VideoCapture(int(found[1] if found else source), backend)
        else:
            self._capture = cv2.VideoCapture(source, backend)
        if not self._capture.isOpened():
            self._capture.release()
            raise SourceError(Cause.NO_DEVICE, source)
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate = rate if 0.5 <= rate <= 240 else 25.0

    def read(self) -> tuple[Image, float | None] | None:
        try:
            ok, image = self._capture.read()
        except cv2.error as error:
            raise SourceError(Cause.CANNOT_DECODE, self._source) from error
        return (np.asarray(image, np.uint8), None) if ok else None

    def close(self) -> None:
        with contextlib.suppress(cv2.error):
            self._capture.release()
