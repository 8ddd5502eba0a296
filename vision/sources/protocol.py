"""The protocol of frame sources."""

from __future__ import annotations

from typing import Final, Protocol

from common.image import Image

#: An open source gives its next picture within this time, seconds.
READ_TIMEOUT_S: Final = 5.0


class FrameSource(Protocol):
    """An open source of frames.

    Attributes:
        rate: Frame rate by the source's header; 25 where it has none.
        length_s: Length of a file from its first picture by its header; 0 where it has none.
    """

    rate: float
    length_s: float

    def read(self) -> tuple[Image, float | None] | None:
        """Decode the next picture.

        Returns:
            uint8 H×W×3 BGR, upright, and its timestamp in seconds, if it has one; None at the end.

        Raises:
            SourceError: No data arrive, or none that can be decoded.
        """

    def close(self) -> None:
        """Close the source."""


def is_live(source: str) -> bool:
    """Check whether a source is a camera (an address, a device, a number), not a file."""
    return source.isdigit() or "://" in source or source.startswith("/dev/")
