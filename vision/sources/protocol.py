"""What a source of frames is, whatever it reads from."""

from __future__ import annotations

from typing import Final, Protocol

from common.image import Image

#: A source that is open gives its next picture within this, in seconds.
READ_TIMEOUT_S: Final = 5.0


class FrameSource(Protocol):
    """An open source of frames.

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
