"""Take credentials out of cameras' files and their kept versions, where an older version left them.

Opening a site does this first; a file that is edited by hand is cleaned when it is read.
"""

from __future__ import annotations

import logging
import os
import tomllib
from pathlib import Path
from typing import Any

import tomli_w

from calibration.address import split_source
from calibration.base import CameraError
from calibration.credentials import save_credentials
from common.files import new_file
from common.redact import redact, redact_all

log = logging.getLogger("fittingroom.credentials")


def holds_credentials(source: Any) -> bool:
    """Check whether a source has a user, a password or a token in it."""
    return isinstance(source, str) and split_source(source)[0] != source


def clean_cameras(site: Path) -> int:
    """Move credentials out of all cameras' files, and mask those of old versions.

    Returns:
        How many files were changed.

    Raises:
        CameraError: A file cannot be written.
    """
    folder, cleaned = site / "cameras", 0
    for path in sorted(folder.glob("*.toml")):
        cleaned += clean_file(site, path)
    left = (path for path in folder.glob("*.new") if ".reference" not in path.name)
    for path in [*folder.glob("history/*/*.toml"), *left]:
        cleaned += _clean_version(path)
    return cleaned


def clean_file(site: Path, path: Path) -> bool:
    """Move the credentials of one camera's file into their own; True where there were any.

    Raises:
        CameraError: A file cannot be written.
    """
    data = _suspicious(path)
    if data is None or not holds_credentials(data.get("source")):
        if data is not None:  # not in the source: in a comment, or the file is broken
            return _clean_version(path)
        return False
    source, found = split_source(data["source"])
    if found:
        save_credentials(site, path.stem, found)
    _replace(path, {**data, "source": source})
    log.info("%s: moved its user and password to a file of their own", path.stem)
    return True


def _clean_version(path: Path) -> bool:
    """Mask the credentials in a version or an invalid file."""
    data = _suspicious(path)
    if data is None:
        return False
    source = data.get("source")
    if holds_credentials(source):
        data["source"] = split_source(str(source))[0]
    _replace(path, data or redact(path.read_text(encoding="utf-8", errors="replace")))
    return True


def _suspicious(path: Path) -> dict[str, Any] | None:
    """Read a file that has credentials in it; empty if it is broken, None if all is well."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None  # loading it says what is wrong
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {} if redact(text) != text else None
    comments = "\n".join(line.partition("#")[2] for line in text.splitlines())
    held = holds_credentials(data.get("source")) or redact_all(data) != data
    return data if held or redact(comments) != comments else None


def _replace(path: Path, content: dict[str, Any] | str) -> None:
    """Write a file whole or not at all, with the time it had."""
    try:
        stamp = path.stat().st_mtime
        text = content if isinstance(content, str) else tomli_w.dumps(content)
        with new_file(path) as fresh:
            fresh.write_text(text, encoding="utf-8")
            os.utime(fresh, (stamp, stamp))
    except OSError as error:
        raise CameraError(
            f"{path}: holds a password, and cannot be cleaned of it ({error.strerror}); let the "
            "server's account write it."
        ) from error
