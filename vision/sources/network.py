"""Network cameras: whatever FFmpeg opens by an address."""

from __future__ import annotations

import socket
import urllib.request
from typing import Final
from urllib.parse import urlsplit

from common.redact import userinfo_end
from vision.sources.cause import Cause, SourceError
from vision.sources.protocol import FrameSource
from vision.sources.stream import StreamSource

_REACH_TIMEOUT_S: Final = 3.0
_OPEN_TIMEOUT_S: Final = 6.0
_PORTS: Final = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443, "rtmp": 1935, "rtmps": 443}


def opens(source: str) -> bool:
    """Check whether this is an address."""
    return "://" in source


def open_source(source: str, timeout_s: float | None = None) -> FrameSource:
    """Open an address.

    Args:
        source: The address.
        timeout_s: How long it may take, if not six seconds.

    Raises:
        SourceError: It is unreachable, or sends no video.
    """
    check_reachable(source)
    return StreamSource(source, _OPEN_TIMEOUT_S if timeout_s is None else timeout_s)


def check_reachable(address: str) -> None:
    """Check within seconds whether the host answers; FFmpeg takes longer and reports less.

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
