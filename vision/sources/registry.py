"""Open a source with the module that supports it.

To add a source type, add one module with `opens` and `open_source` (see `SourceModule`) to this
package, or to an installed package that declares it as an entry point in the group
`fittingroom.sources`; the entry point's name is the scheme of its addresses.
"""

from __future__ import annotations

from typing import Protocol

from common.registry import Registry
from vision.sources.cause import Cause, SourceError
from vision.sources.protocol import FrameSource, is_live


class SourceModule(Protocol):
    """The interface of a module that opens sources."""

    def opens(self, source: str) -> bool:
        """Check whether the module opens this source; exactly one does."""

    def open_source(self, source: str, timeout_s: float | None = None) -> FrameSource:
        """Open a source.

        Raises:
            SourceError: It is missing, unreachable, empty or no video.
        """


SOURCES: Registry[SourceModule] = Registry("vision.sources", "fittingroom.sources", "opens")


def open_source(source: str, timeout_s: float | None = None) -> FrameSource:
    """Open a file, an address, a device such as `/dev/video0`, or the number of a USB camera.

    Args:
        source: What to open.
        timeout_s: How long an address may take to open, if not the module's own time.

    Raises:
        SourceError: It is missing, unreachable, empty or no video.
    """
    for module in SOURCES.modules():
        if module.opens(source):
            return module.open_source(source, timeout_s)
    raise SourceError(Cause.NO_ADDRESS, source)


def check_source(source: str, timeout_s: float) -> None:
    """Open a source, decode one picture, and close it again.

    Args:
        source: A file or an address; a device cannot be opened twice.
        timeout_s: How long an address may take to open.

    Raises:
        SourceError: It gives no picture.
    """
    frames = open_source(source, timeout_s)
    try:
        picture = frames.read()
    finally:
        frames.close()
    if picture is None:
        raise SourceError(Cause.NO_VIDEO if is_live(source) else Cause.FILE_DAMAGED, source)
