"""Causes why a source gives no picture, with advice."""

from __future__ import annotations

import enum
from typing import Final

from common.redact import redact_url
from vision.errors import VisionError


class Cause(enum.Enum):
    """Why a source gives no picture, as far as known; the value is written to the journal."""

    #: No problem, or nothing is known yet.
    NONE = ""
    #: The host's name cannot be resolved.
    NO_ADDRESS = "no_address"
    #: The host is up, but nothing listens at the port.
    REFUSED = "refused"
    #: The host does not answer.
    UNREACHABLE = "unreachable"
    #: User or password are wrong or missing.
    WRONG_PASSWORD = "wrong_password"
    #: The host answers, but does not know the path.
    NOT_FOUND = "not_found"
    #: The connection is open, but no picture arrives.
    NO_VIDEO = "no_video"
    #: The data are not a video that can be decoded.
    CANNOT_DECODE = "cannot_decode"
    #: Pictures arrived, but no longer.
    STOPPED_SENDING = "stopped_sending"
    #: A USB camera is unplugged or in use.
    NO_DEVICE = "no_device"
    #: A video file does not exist.
    FILE_MISSING = "file_missing"
    #: A video file is empty, damaged, or not a video.
    FILE_DAMAGED = "file_damaged"
    #: Another cause; see the log.
    UNKNOWN = "unknown"


#: What happened and what to do; `{}` is the source, without credentials.
_TEXTS: Final = {
    Cause.NO_ADDRESS: "{}: the host name is unknown. Check the camera's address, and the network's "
    "DNS server.",
    Cause.REFUSED: "{}: the host refuses the connection. Check the port in the address, and that "
    "the camera's video service is on.",
    Cause.UNREACHABLE: "{}: no answer. Check the camera's power, its cable and its address.",
    Cause.WRONG_PASSWORD: "{}: the camera rejects user or password. Enter them again.",
    Cause.NOT_FOUND: "{}: the camera answers, but does not know this path. Check the part of the "
    "address behind the host.",
    Cause.NO_VIDEO: "{}: the camera answers, but sends no picture. Check its video settings, or "
    "restart it.",
    Cause.CANNOT_DECODE: "{}: the data cannot be decoded as video. Set the camera to H.264, and "
    "check that the address is the one of its video stream.",
    Cause.STOPPED_SENDING: "{}: no more pictures arrive. Check the camera's power, its cable and "
    "the network.",
    Cause.NO_DEVICE: "{}: the USB camera cannot be opened. Check that it is plugged in and that no "
    "other program uses it.",
    Cause.FILE_MISSING: "{}: no such file.",
    Cause.FILE_DAMAGED: "{}: not a video that can be decoded; it is truncated, damaged, or another "
    "type of file.",
    Cause.UNKNOWN: "{}: the source failed for an unknown reason. The log has the details.",
}


def describe(cause: Cause, source: str) -> str:
    """Return a message: what happened and what to do; empty for `Cause.NONE`.

    Args:
        cause: Why there is no picture.
        source: Address, path or number; credentials are masked.
    """
    return _TEXTS[cause].format(redact_url(source)) if cause is not Cause.NONE else ""


class SourceError(VisionError):
    """A source gives no picture.

    Attributes:
        cause: Why.
    """

    def __init__(self, cause: Cause, source: str, message: str = "") -> None:
        """Build the message.

        Args:
            cause: Why.
            source: Address, path or number; credentials are masked.
            message: Another message than the cause's; without credentials.
        """
        super().__init__(message or describe(cause, source))
        self.cause = cause
