"""Mask credentials in texts before anybody reads them: pages, messages, logs, the journal.

An address can carry a user, a password or a token in three places: before the host
(`rtsp://user:password@host`), in the query (`?user=…&password=…`), and in the path, as some
cameras want it (`/user=admin_password=…_channel=1`). Chat programs put the token of a webhook
into its path. Where it cannot be known where a password ends, too much is masked, never too little.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from types import TracebackType
from typing import Any, Final

#: What stands where a credential was.
MASK: Final = "***"

_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
#: Names of values that are credentials, in the query or the path of an address.
_SECRET: Final = (
    r"(?:user(?:_?name)?|usr|login(?:use|pas)?|account|"
    r"pass(?:word|wd|phrase|code)?|pwd|psw|pw|pin|"
    r"(?:access|auth|bearer|id|refresh|session|api|jwt)?[_-]?token|jwt|"
    r"auth(?:orization)?|credentials?|(?:api|access|private|stream)?[_-]?key|"
    r"(?:client[_-]?)?secret|sig(?:nature)?|(?:x-amz-)?(?:signature|credential|security-token)|"
    r"session(?:[_-]?id)?|sid)"
)
_QUERY: Final = re.compile(
    rf"((?:^|[?&;#])(?:\w+[._-])?{_SECRET}=)([^&;\s]+?)(?=[&;]|:?(?:\s|$))", re.IGNORECASE
)
_PATH: Final = re.compile(
    rf"((?:^|[/&;_?])(?:\w+[.-])?{_SECRET}=)([^?\s]+?)(?=[&;_][a-z][a-z0-9]*=|[?&;]|:?(?:\s|$))",
    re.IGNORECASE,
)
#: Webhooks whose path is their password.
_HOOK: Final = re.compile(
    r"(//(?:hooks\.slack(?:-gov)?\.com|[\w.-]*\.webhook\.office\.com|outlook\.office\.com/webhook"
    r"|(?:[\w-]+\.)?discord(?:app)?\.com/api/webhooks)/)\S+?(?=:?(?:\s|$))",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Mask the credentials of every address in a text.

    Args:
        text: A message, a log line, an address; of any length.

    Returns:
        The text with `***` in place of users, passwords and tokens.
    """
    if "://" not in text:
        return text
    return "".join(_redact_line(line) for line in text.splitlines(keepends=True))


def redact_url(address: str) -> str:
    """Mask the credentials of one address, which may have any character in its password."""
    address = address.replace("\n", " ").replace("\r", " ")
    if "://" not in address and ":" in (before := address.rpartition("@")[0]):
        return f"{MASK}@{address[len(before) + 1 :]}"  # its beginning was left out
    return redact(address)


def redact_all(value: Any) -> Any:
    """Mask credentials in every text of a JSON value, names of an object included."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list | tuple):
        return [redact_all(one) for one in value]
    if isinstance(value, dict):
        return {redact_all(key): redact_all(one) for key, one in value.items()}
    return value


def take_secrets(address: str) -> tuple[str, list[str]]:
    """Mask the credentials in path and query of one address, and return them in their order."""
    taken: list[str] = []

    def take(found: re.Match[str]) -> str:
        taken.append(found[2])
        return found[1] + MASK

    before, mark, query = address.partition("?")
    before = _PATH.sub(take, before)
    return before + _QUERY.sub(take, mark + query), taken


def userinfo_end(address: str) -> int:
    """Find where what follows `scheme://` has its host, 0 where nothing stands before it.

    A password may hold any character: the last `@` counts. Only in the path of an http address
    without a port, such as `https://shop.example/shirt@2x.jpg`, it is a plain character.

    Args:
        address: What follows `scheme://`, with the scheme's end: `http://` and so on.
    """
    scheme, _, rest = address.partition("://")
    at = rest.rfind("@")
    if at < 1 or rest.startswith("/"):
        return 0
    authority = re.split(r"[/?#\s]", rest, maxsplit=1)[0]
    plain = re.sub(r"^\[[0-9a-f:.%]*\]", "", authority, flags=re.IGNORECASE)
    if scheme.lower() in ("http", "https") and "@" not in authority and ":" not in plain:
        return 0
    return len(scheme) + 3 + at + 1


def _redact_line(line: str) -> str:
    starts = [found.start() for found in _ADDRESS.finditer(line)]
    if not starts:
        return line
    parts = [line[: starts[0]]]
    for start, end in zip(starts, [*starts[1:], len(line)], strict=True):
        parts.append(_redact_address(line[start:end]))
    return "".join(parts)


def _redact_address(text: str) -> str:
    """Mask what stands before the host, in path and query; the rest of the line stays."""
    scheme = text.index("://") + 3
    if end := userinfo_end(text):
        text = f"{text[:scheme]}{MASK}@{text[end:]}"
    return take_secrets(_HOOK.sub(rf"\1{MASK}", text))[0]


class RedactingFormatter(logging.Formatter):
    """Masks credentials in whole log records, tracebacks included: the second line of defence."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record without credentials."""
        return redact(super().format(record))


def redact_tracebacks() -> None:
    """Mask credentials in the tracebacks of this process and its threads."""
    sys.excepthook = _print_error
    threading.excepthook = lambda died: _print_error(
        died.exc_type, died.exc_value, died.exc_traceback
    )


def _print_error(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    if sys.stderr is not None:
        sys.stderr.write(redact("".join(traceback.format_exception(kind, error, trace))))
