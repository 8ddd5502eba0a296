"""A camera's source: validate it, split off its credentials, join them again.

A source is an address, the number or path of a USB camera, or a video file. What a camera's file
holds has no user, password or token in it; `***` stands where one belongs in path or query.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Final
from urllib.parse import unquote

from calibration.base import CameraError
from common.redact import MASK, redact_url, take_secrets, userinfo_end

#: Protocols that FFmpeg opens.
_SCHEMES: Final = ("rtsp", "rtsps", "http", "https", "rtmp", "rtmps", "srt", "udp", "rtp", "tcp")
EXAMPLES: Final = (
    "an address such as rtsp://192.168.1.20/stream, the number of a USB camera such as 0, its path "
    "such as /dev/v4l/by-id/…, or a video file in the site's folder"
)
_DEVICE: Final = re.compile(r"/dev/(video\d+|v4l/(by-id|by-path)/[^/\0]+)")
_HOST: Final = re.compile(r"(\[[0-9a-f:.%]+\]|[^\s\[\]<>\"{}|\\^`:]+)(?::([^:]*))?", re.IGNORECASE)
#: FFmpeg keeps `user:password` of RTSP, quoted, in 127 bytes.
_LONGEST: Final = 127
#: What would end or change the part before the host.
_QUOTED: Final = re.compile(r"[%/?#@\[\]\s\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Credentials:
    """The user and password of a camera; never printed.

    Attributes:
        user: Empty if it asks for none.
        password: As it is typed, not quoted.
        secrets: What stands for each `***` of the camera's source, in order.
    """

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def __bool__(self) -> bool:
        """Check whether there are any."""
        return bool(self.user or self.password or self.secrets)


def schemes() -> tuple[str, ...]:
    """List the schemes of addresses that are opened: FFmpeg's, and those of plug-ins."""
    return (*_SCHEMES, *(point.name for point in entry_points(group="fittingroom.sources")))


def is_address(source: str) -> bool:
    """Check whether a source is an address on the network, not a device or a file."""
    return "://" in source


def host_of(source: str) -> str:
    """Return the host of an address, in lower case; empty for a device or file."""
    if not is_address(source):
        return ""
    rest = source[userinfo_end(source) or source.index("://") + 3 :]
    place = re.split(r"[/?#]", rest, maxsplit=1)[0].lower()
    return re.sub(r":\d*$", "", place)


def split_source(source: str) -> tuple[str, Credentials]:
    """Take the credentials out of a source.

    Args:
        source: As it was typed, or as an older version kept it.

    Returns:
        The source without credentials, and these; what was quoted (`%40`) is not any more.
    """
    if not is_address(source):
        return source, Credentials()
    user = password = ""
    if end := userinfo_end(source):
        start = source.index("://") + 3
        user, _, password = source[start : end - 1].partition(":")
        source = source[:start] + source[end:]
    source, secrets = take_secrets(source)
    known = () if all(secret == MASK for secret in secrets) else tuple(secrets)
    if user == MASK:  # an address as it is shown
        user = password = ""
    return source, Credentials(unquote(user), unquote(password), known)


def join_source(source: str, credentials: Credentials, where: str = "camera") -> str:
    """Build the address that a camera is opened by; the one place that quotes credentials.

    Args:
        source: Of the camera's file.
        credentials: The camera's.
        where: Named in the error.

    Raises:
        CameraError: The source has a `***` for which no secret is known.
    """
    if not is_address(source):
        return source
    parts = source.split(MASK)
    if len(parts) > 1:
        if len(parts) - 1 != len(credentials.secrets):
            raise CameraError(
                f"{where}: the address has {MASK} where its password is not known; enter the whole "
                "address again."
            )
        filled = (part + secret for part, secret in zip(parts, credentials.secrets, strict=False))
        source = "".join(filled) + parts[-1]
    if not (credentials.user or credentials.password):
        return source
    scheme, _, rest = source.partition("://")
    return f"{scheme}://{_quote(credentials.user)}:{_quote(credentials.password)}@{rest}"


def _quote(text: str) -> str:
    """Percent-encode only what may not precede a host: FFmpeg's buffer for it is small."""
    return _QUOTED.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), text)


def check_credentials(credentials: Credentials) -> None:
    """Check that a camera can be given these credentials.

    Raises:
        CameraError: They cannot be sent; the message does not hold them.
    """
    user, password = credentials.user, credentials.password
    if ":" in user:
        raise CameraError("a user name cannot have ':' in it; HTTP and RTSP cannot send it.")
    if any(unicodedata.category(letter) == "Cc" for letter in user + password):
        raise CameraError("user and password cannot hold line breaks or control characters.")
    if len(f"{_quote(user)}:{_quote(password)}".encode()) > _LONGEST:
        raise CameraError(
            f"user and password are too long together: more than {_LONGEST} bytes are not sent. "
            "Give the camera a shorter password."
        )


def check_source(source: str) -> str:
    """Check a source without credentials as it is entered.

    Returns:
        The source, stripped.

    Raises:
        CameraError: It cannot be one; the message says what to enter instead, without credentials.
    """
    text = source.strip()
    if not text:
        raise CameraError(f"say where the picture comes from: {EXAMPLES}.")
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") for letter in text):
        raise CameraError("the address has an invisible character in it; type it anew.")
    if text.isdecimal() and text.isascii():
        if int(text) > 99:
            raise CameraError(f"{text}: USB cameras are numbered from 0; enter {EXAMPLES}.")
        return text
    if re.fullmatch(r"[+-]\d+", text):
        raise CameraError(f"{text}: USB cameras are numbered from 0; enter {EXAMPLES}.")
    if is_address(text):
        _check_address(text)
    elif text.startswith("/dev/"):
        if not _DEVICE.fullmatch(text):
            raise CameraError(
                f"{text}: no camera's path; it is /dev/video0 or the like, or /dev/v4l/by-id/…, "
                "which stays the same when cameras are plugged in anew."
            )
    elif suggestion := _meant_address(text):
        raise CameraError(
            f"{redact_url(text)}: the address does not say how to reach the camera; "
            f"did you mean {suggestion}?"
        )
    return text


def _check_address(text: str) -> None:
    scheme, _, rest = text.partition("://")
    shown = redact_url(text)
    # Plug-ins are looked for among all installed packages, so only if it is none of ours.
    if scheme.lower() not in _SCHEMES and scheme.lower() not in schemes():
        near = difflib.get_close_matches(scheme.lower(), _SCHEMES[:4], 1, 0.6)
        hint = f"did you mean {near[0]}://?" if near else f"known: {', '.join(schemes())}."
        if scheme.lower() == "file":
            hint = "for a file, enter its path."
        raise CameraError(f"{shown}: cameras are not reached by {scheme}://; {hint}")
    if any(letter.isspace() for letter in text):
        raise CameraError(f"{shown}: an address has no spaces in it; write %20 in a path.")
    place = re.split(r"[/?#]", rest, maxsplit=1)[0]
    found = _HOST.fullmatch(place.removeprefix("@"))  # udp://@239.0.0.1:1234 is one's own
    if not found:
        what = "no host" if not place or place.startswith(":") else f"no valid host ({place!r})"
        raise CameraError(f"{shown}: the address has {what}; enter {EXAMPLES}.")
    port = found[2]
    if port is not None and not (port.isdecimal() and 1 <= int(port) <= 65535):
        raise CameraError(f"{shown}: the port is {port!r}; it is a number from 1 to 65535.")


def _meant_address(text: str) -> str:
    """Return the address that was meant where its beginning is left out; empty for a file."""
    if found := re.match(rf"({'|'.join(_SCHEMES)})(?::/*|//+)(?=[^/])", text, re.IGNORECASE):
        return redact_url(f"{found[1].lower()}://{text[found.end() :]}")
    bare = text.rpartition("@")[2]
    numbers = re.match(r"\d{1,3}(\.\d{1,3}){3}(?=$|[:/])|\[[0-9a-f:]+\]", bare, re.IGNORECASE)
    port = re.match(r"[\w.-]+:\d+(?=$|/)", bare)
    if numbers or port or ("@" in text and re.match(r"[\w.-]+(?=$|[:/])", bare) and ":" in text):
        return redact_url(f"rtsp://{text}")
    return ""
