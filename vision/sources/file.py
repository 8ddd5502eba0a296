"""Video files."""

from __future__ import annotations

from pathlib import Path

from vision.sources.cause import Cause, SourceError
from vision.sources.protocol import FrameSource, is_live
from vision.sources.stream import StreamSource


def opens(source: str) -> bool:
    """Check whether this is the path of a file, existing or not."""
    return not is_live(source)


def open_source(source: str, _timeout_s: float | None = None) -> FrameSource:
    """Open a file.

    Raises:
        SourceError: It is missing, empty or not a video.
    """
    if not Path(source).is_file():
        raise SourceError(Cause.FILE_MISSING, source)
    if not Path(source).stat().st_size:
        raise SourceError(Cause.FILE_DAMAGED, source, f"{source}: the file is empty.")
    return StreamSource(source, 0.0)
