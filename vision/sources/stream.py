"""Decode a file or an address with PyAV.

Unlike OpenCV, PyAV reports why an address cannot be opened, and returns every picture in its own
size: after a change of resolution OpenCV scales pictures to the first size, which hides that
privacy masks do not fit any more. Both decode to the same bytes.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Generator
from typing import Final

import av
import av.error
import av.video
import numpy as np

from common.image import Image
from vision.sources.cause import Cause, SourceError
from vision.sources.protocol import READ_TIMEOUT_S, is_live

#: Damaged packets in a row after which a stream counts as undecodable; packet loss damages a few.
_MOST_BROKEN: Final = 300
#: Causes of errors that FFmpeg reports while it opens an address.
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


class StreamSource:
    """A file or an address, decoded with PyAV."""

    def __init__(self, source: str, timeout_s: float) -> None:
        """Open it.

        Args:
            source: Path or address.
            timeout_s: How long an address may take to open.

        Raises:
            SourceError: It cannot be opened, or contains no video.
        """
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
            raise failed from None  # its text contains the address with the password
        if not self._container.streams.video:
            self._container.close()
            cause = Cause.NO_VIDEO if self._live else Cause.FILE_DAMAGED
            raise SourceError(cause, source, "" if self._live else f"{source}: contains no video.")
        self._stream = self._container.streams.video[0]
        # Decoding several frames at once delays each of them.
        self._stream.thread_type = "SLICE" if self._live else "AUTO"
        rate = float(self._stream.average_rate or self._stream.guessed_rate or 0)
        self.rate = rate if 0.5 <= rate <= 240 else 25.0
        self.length_s = 0.0 if self._live else self._length()
        self._pictures = self._decode()

    def read(self) -> tuple[Image, float | None] | None:
        """Decode the next picture, as `FrameSource.read`."""
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
        """Close the source."""
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
        """Return a file's length by its headers; the shorter one of stream and container."""
        lengths = []
        if self._stream.duration and self._stream.time_base:
            lengths.append(float(self._stream.duration * self._stream.time_base))
        if self._container.duration:
            whole = self._container.duration / 1e6
            # Matroska counts from 0, other formats from the first picture.
            late = max(0.0, (self._container.start_time or 0) / 1e6)
            lengths.append(whole - late if "matroska" in self._container.format.name else whole)
        return max(0.0, min(lengths, default=0.0))

    def _failed(self, error: Exception) -> SourceError:
        if not self._live:
            return SourceError(Cause.FILE_DAMAGED, self._source)
        cause = next((cause for types, cause in _CAUSES if isinstance(error, types)), None)
        if cause is None and isinstance(error, OSError):
            lost = error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH)
            # It answered a moment ago; FFmpeg calls a connection that breaks an I/O error.
            cause = Cause.UNREACHABLE if lost else Cause.NO_VIDEO
        return SourceError(cause or Cause.UNKNOWN, self._source)
